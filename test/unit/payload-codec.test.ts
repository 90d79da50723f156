import { describe, expect, test } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow/index.js';
import proto from '@temporalio/proto';
import { createPayloadCodec } from '../../src/adapters/temporal/payload-codec.ts';
import { createPayloadDesk } from '../../src/adapters/temporal/payload-desk.ts';
import { failureConverter } from '../../src/adapters/temporal/sealed-failures.ts';
import { ConfigurationError, loadReplayConfig, loadWorkerConfig } from '../../src/runtime/config.ts';

// `limit.mutableStateActivityFailureSize.error` of its server.
const TEMPORALS_LIMIT = 4_096;
const keyOf = (id: string, byte: number) => ({ id, bytes: Buffer.alloc(32, byte) });
const [old, current] = [keyOf('2026-05', 1), keyOf('2026-11', 2)];
const payload: Payload = defaultPayloadConverter.toPayload({ reason: 'moved house' });
const sealedBy = async (key: typeof old): Promise<Payload> => {
  const [sealed] = await createPayloadCodec({ keys: [key], keyId: key.id }).encode([payload]);
  if (!sealed) throw new Error('Expected a payload; found none');
  return sealed;
};
const textOf = (one: Payload | undefined): unknown => one && defaultPayloadConverter.fromPayload(one);

describe('a codec', () => {
  test('leaves nothing of the text, not twice the same, and reads it again', async () => {
    const codec = createPayloadCodec({ keys: [current], keyId: current.id });
    const [one, other] = await codec.encode([payload, payload]);
    expect(Buffer.from(one?.data ?? []).toString('latin1')).not.toContain('moved');
    expect(one?.data).not.toEqual(other?.data);
    expect((await codec.decode([one ?? {}, other ?? {}])).map(textOf)).toEqual([
      { reason: 'moved house' },
      { reason: 'moved house' },
    ]);
  });

  test('reads what an older key has encrypted, and what nobody has', async () => {
    const codec = createPayloadCodec({ keys: [current, old], keyId: current.id });
    expect((await codec.decode([await sealedBy(old), payload])).map(textOf)).toEqual([
      { reason: 'moved house' },
      { reason: 'moved house' },
    ]);
  });

  test('without a key of its own encrypts nothing, and reads all the same', async () => {
    const codec = createPayloadCodec({ keys: [current], keyId: null });
    expect(await codec.encode([payload])).toEqual([payload]);
    expect((await codec.decode([await sealedBy(current)])).map(textOf)).toEqual([{ reason: 'moved house' }]);
  });

  test('names the key that it lacks, and is ill then', async () => {
    const codec = createPayloadCodec({ keys: [current], keyId: current.id });
    await expect(codec.check()).resolves.toBeUndefined();
    await expect(codec.decode([await sealedBy(old)])).rejects.toThrow('"2026-05"');
    await expect(codec.check()).rejects.toThrow('"2026-05"');
  });

  test.each([0, 12, -1])('refuses what is not as it was written (byte %i)', async (at) => {
    const codec = createPayloadCodec({ keys: [current], keyId: current.id });
    const sealed = await sealedBy(current);
    const data = Buffer.from(sealed.data ?? []);
    const index = at < 0 ? data.length + at : at;
    data[index] = (data[index] ?? 0) ^ 1;
    await expect(codec.decode([{ ...sealed, data }])).rejects.toThrow();
  });

  test('cut short is refused', async () => {
    const sealed = await sealedBy(current);
    const codec = createPayloadCodec({ keys: [current], keyId: current.id });
    await expect(codec.decode([{ ...sealed, data: sealed.data?.subarray(0, 20) ?? null }])).rejects.toThrow(
      'too short',
    );
  });
});

test('the desk speaks base64, and says null of what it can not read', async () => {
  const desk = createPayloadDesk({ codec: createPayloadCodec({ keys: [current], keyId: current.id }) });
  const plain = { metadata: { encoding: btoa('json/plain') }, data: btoa('"moved house"') };
  const sealed = await desk.encode([plain]);
  expect(sealed[0]?.metadata?.['encryption-key-id']).toBe(btoa('2026-11'));
  expect(await desk.decode(sealed)).toEqual([plain]);
  const stranger = createPayloadDesk({ codec: createPayloadCodec({ keys: [old], keyId: null }) });
  expect(await stranger.decode(sealed)).toBeNull();
});

test('of a failure with long causes so much is kept that Temporal does not cut it', async () => {
  const words = (level: number): string => `level ${level}: ${'the provider said something long. '.repeat(150)}`;
  const long = (level: number, cause?: Error): Error => {
    const error = ApplicationFailure.create({
      message: words(level),
      type: 'ProviderIll',
      ...(cause ? { cause } : {}),
    });
    error.stack = `Error: ${words(level)}\n${'    at somewhere (file.js:1:1)\n'.repeat(60)}`;
    return error;
  };
  const codec = createPayloadCodec({ keys: [current], keyId: current.id });
  const converter = {
    payloadConverter: defaultPayloadConverter,
    failureConverter,
    payloadCodecs: [codec],
  };
  const kept = await encodeErrorToFailure(converter, long(1, long(2, long(3))));
  expect(proto.temporal.api.failure.v1.Failure.encode(kept).finish().length).toBeLessThan(TEMPORALS_LIMIT);
  const read = await decodeOptionalFailureToOptionalError(converter, kept);
  expect(read?.message).toMatch(/^level 1: the provider said/);
  expect((read?.cause as Error).message).toMatch(/^level 2/);
});

describe('its settings', () => {
  const key = Buffer.alloc(32, 7).toString('base64');
  const worker = { DATABASE_URL: 'postgres://localhost/orders', STRIPE_API_KEY: 'sk_test_local' };

  test('name keys by their ids', () => {
    const { PAYLOAD_KEYS: keys } = loadReplayConfig({ PAYLOAD_KEYS: `a:${key}, b:${key}` });
    expect(keys?.map(({ id, bytes }) => [id, bytes.length])).toEqual([
      ['a', 32],
      ['b', 32],
    ]);
  });

  test.each([
    ['no id', key],
    ['a key that is too short', `a:${Buffer.alloc(16).toString('base64')}`],
    ['an id twice', `a:${key},a:${key}`],
    ['nothing behind a comma', `a:${key},`],
  ])('are refused with %s, and the key is not told', (_name, PAYLOAD_KEYS) => {
    const loading = (): unknown => loadReplayConfig({ PAYLOAD_KEYS });
    expect(loading).toThrow(ConfigurationError);
    expect(loading).toThrow(/^(?![^]*BwcH)[^]*PAYLOAD_KEYS/);
  });

  test('are refused where the key that encrypts is not among them', () => {
    expect(() => loadWorkerConfig({ ...worker, PAYLOAD_KEYS: `a:${key}`, PAYLOAD_KEY_ID: 'b' })).toThrow(
      'PAYLOAD_KEY_ID',
    );
    expect(() => loadWorkerConfig({ ...worker, PAYLOAD_KEY_ID: 'b' })).toThrow('PAYLOAD_KEY_ID');
  });
});
