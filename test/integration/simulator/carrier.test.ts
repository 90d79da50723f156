// The carrier simulator, and our adapter on it: lost answers, repeats, a kill, news that come twice, late, or not at all.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createCarrierNoticeReader } from '../../../src/adapters/shipping/carrier-notice.ts';
import { createHttpCarrier, noCarrier } from '../../../src/adapters/shipping/http.ts';
import type { Carrier, Parcel } from '../../../src/ports/carrier.ts';
import { createCarrierSimulator, type CarrierSimulator } from '../../../src/simulator/carrier/server.ts';
import { until } from '../../support/until.ts';

const SECRET = 'carrier-secret';
let dataDir: string;
let simulator: CarrierSimulator;
let carrier: Carrier;
const opened: CarrierSimulator[] = [];

async function open(more: Partial<Parameters<typeof createCarrierSimulator>[0]> = {}): Promise<void> {
  simulator = await createCarrierSimulator({ dataDir, host: '127.0.0.1', port: 0, ...more });
  opened.push(simulator);
  carrier = createHttpCarrier({ apiBase: simulator.url, apiKey: 'test_x', timeoutMs: 2_000 });
}
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'carrier-'));
  await open();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close().catch(() => undefined)));
  await rm(dataDir, { recursive: true });
});

const control = (path: string, body: object): Promise<Response> =>
  fetch(`${simulator.url}/_simulator/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
const recipient = { name: 'A', line1: 'Street 1', city: 'Town', postalCode: '1', country: 'DE' };
const request = (reference = 'order_1:shipment:1') => ({
  ...{ key: reference, reference, recipient },
  items: [{ sku: 'book', quantity: 1 }],
});
async function create(reference?: string): Promise<Parcel> {
  const answer = await carrier.create(request(reference));
  if (!('done' in answer)) throw new Error(`Expected a parcel; found ${JSON.stringify(answer)}`);
  return answer.done;
}

describe('a parcel', () => {
  test('is announced once per key, also when the answer gets lost', async () => {
    await control('faults', { operation: 'create', mode: 'drop_after_effect' });
    await expect(carrier.create(request())).rejects.toThrow();
    const { parcelId } = await create();
    expect((await create()).parcelId).toBe(parcelId);
    expect(await carrier.list({ reference: 'order_1:shipment:1' })).toMatchObject({ done: [{ parcelId }] });
    const other = { ...request(), items: [{ sku: 'pen', quantity: 1 }] };
    expect(await carrier.create(other)).toEqual({ refused: '409 the key is bound to another request' });
  });

  test('can be cancelled until it has left, twice like once', async () => {
    const { parcelId } = await create();
    expect(await carrier.cancel({ key: 'a', parcelId })).toMatchObject({ done: { isCancelled: true } });
    expect(await carrier.cancel({ key: 'a', parcelId })).toMatchObject({ done: { isCancelled: true } });
    const left = await create('order_1:shipment:2');
    await control(`parcels/${left.parcelId}/advance`, {});
    expect(await carrier.cancel({ key: 'b', parcelId: left.parcelId })).toEqual({
      refused: expect.stringContaining('409'),
    });
  });

  test('keeps what happened to it, across a restart', async () => {
    const { parcelId } = await create();
    await control(`parcels/${parcelId}/advance`, {});
    await control('parcels/order_1:shipment:1/advance', { to: 'lost' });
    await simulator.close();
    await open();
    const found = await carrier.find({ parcelId });
    expect(found).toMatchObject({ done: { facts: [{ status: 'dispatched' }, { status: 'lost' }] } });
    expect((await control(`parcels/${parcelId}/advance`, { to: 'dispatched' })).status).toBe(409);
  });

  test('moves along by itself where that is wanted', async () => {
    await simulator.close();
    await open({ paceMs: 50 });
    const { parcelId } = await create();
    await until(async () => {
      const found = await carrier.find({ parcelId });
      return 'done' in found && found.done.facts.at(-1)?.status === 'delivered';
    }, 'it is delivered');
  });
});

describe('what leaves an outcome unknown', () => {
  test.each(['error_500', 'drop_before_effect', 'drop_after_effect'])('is thrown: %s', async (mode) => {
    const { parcelId } = await create();
    await control('faults', { operation: 'retrieve', mode });
    await expect(carrier.find({ parcelId })).rejects.toThrow();
    await control('faults', { operation: 'cancel', mode });
    await expect(carrier.cancel({ key: 'c', parcelId })).rejects.toThrow();
  });

  test('a key that is refused says nothing about the parcel', async () => {
    const stranger = createHttpCarrier({ apiBase: simulator.url, apiKey: 'live_x', timeoutMs: 2_000 });
    await expect(stranger.find({ parcelId: 'x' })).rejects.toThrow('401');
  });

  test('without a carrier nothing is tried', async () => {
    expect(await noCarrier.create(request())).toEqual({ refused: expect.stringContaining('CARRIER_API_BASE') });
  });
});

describe('news', () => {
  test('come signed; twice, late and not at all where that is asked for', async () => {
    const heard: ReturnType<ReturnType<typeof createCarrierNoticeReader>>[] = [];
    const read = createCarrierNoticeReader({ secret: SECRET });
    const server = createServer((req, res) => {
      void bytesOf(req).then((body) => {
        heard.push(read({ body, signature: String(req.headers['carrier-signature']) }));
        res.end();
      });
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await control('webhook_endpoints', { url, secret: SECRET });
    const { parcelId } = await create();
    await control('faults', { operation: 'webhook', mode: 'duplicate' });
    await control(`parcels/${parcelId}/advance`, {});
    await until(() => heard.length === 2, 'the news come twice');
    const about = { eventType: 'parcel.dispatched', parcelId, reference: 'order_1:shipment:1' };
    expect(heard).toEqual([expect.objectContaining(about), expect.objectContaining(about)]);
    expect(heard[0]).toEqual(heard[1]);

    await control('faults', { operation: 'webhook', mode: 'drop_before_effect' });
    await control(`parcels/${parcelId}/advance`, { to: 'lost' });
    await control(`parcels/${parcelId}/advance`, {});
    await until(() => heard.length === 3, 'the last comes');
    expect(heard[2]).toMatchObject({ eventType: 'parcel.delivered' });
    server.closeAllConnections();
    server.close();
  });

  test('are believed only with the signature, fresh, over the very bytes', () => {
    const body = Buffer.from('{"id":"evt_1","type":"parcel.lost","parcelId":"p","reference":"r"}');
    // Made with openssl: printf '1700000000.<body>' | openssl dgst -sha256 -hmac carrier-secret
    const signature = 't=1700000000,v1=d9a89524f804d7af2f3aa1743dfee0966e58ed487a71f64483a3289d6fcfb161';
    const at = (ms: number, secret = SECRET) => createCarrierNoticeReader({ secret, now: () => ms });
    const fresh = 1_700_000_010_000;
    expect(at(fresh)({ body, signature })).toEqual({
      ...{ eventId: 'evt_1', eventType: 'parcel.lost', parcelId: 'p', reference: 'r' },
    });
    const forged = { forged: expect.any(String) };
    expect(at(fresh, 'other')({ body, signature })).toEqual(forged);
    expect(at(fresh)({ body: Buffer.concat([body, Buffer.from(' ')]), signature })).toEqual(forged);
    expect(at(fresh)({ body, signature: undefined })).toEqual(forged);
    expect(at(fresh)({ body, signature: signature.slice(0, -1) })).toEqual(forged);
    expect(at(fresh + 301_000)({ body, signature })).toEqual(forged);
    expect(at(fresh - 311_000)({ body, signature })).toEqual(forged);
  });
});

async function bytesOf(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
