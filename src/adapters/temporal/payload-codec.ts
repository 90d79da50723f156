// Encrypts what Temporal is given to keep. What must stay true: whatever was written under a key that is still known is read, also what
// was written before there was any; what can not be read fails with the name of the key that is missing, and is never passed on as it is.
// The form is that of Temporal's own samples (AES-256-GCM: 12 bytes of nonce, the text, 16 bytes of tag), so their tools read it too.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec } from '@temporalio/common';
import proto from '@temporalio/proto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ENCODING = 'encoding';
const ENCRYPTED = 'binary/encrypted';
const KEY_ID = 'encryption-key-id';
// Temporal tries a task that failed again sooner than that.
const MISSED_MS = 10 * 60_000;

export type Codec = PayloadCodec & {
  /** Rejects while this process meets payloads that it can not read, with the ids of the keys that it lacks. */
  check: () => Promise<void>;
};

/** `keyId` names the key that encrypts, null: nothing is encrypted. The keys have 32 bytes each. */
export function createPayloadCodec({
  keys,
  keyId,
}: {
  keys: readonly { id: string; bytes: Buffer }[];
  keyId: string | null;
}): Codec {
  const keyOf = new Map(keys.map(({ id, bytes }) => [id, bytes]));
  const current = keyId === null ? undefined : keyOf.get(keyId);
  if (keyId !== null && !current) throw new Error(`Expected a key with the id ${keyId}; found none`);
  const missing = new Map<string, number>();

  function open(payload: Payload): Payload {
    if (textOf(payload.metadata?.[ENCODING]) !== ENCRYPTED) return payload;
    const id = textOf(payload.metadata?.[KEY_ID]);
    const key = keyOf.get(id);
    if (!key) {
      missing.set(id, Date.now());
      throw new Error(`A payload is encrypted with the key ${JSON.stringify(id)}, which is not among PAYLOAD_KEYS`);
    }
    return proto.temporal.api.common.v1.Payload.decode(decrypt(Buffer.from(payload.data ?? []), key));
  }

  return {
    encode: (payloads) =>
      attempt(() => (current && keyId !== null ? payloads.map((one) => seal(one, keyId, current)) : payloads)),
    decode: (payloads) => attempt(() => payloads.map(open)),
    check: () =>
      attempt(() => {
        const since = Date.now() - MISSED_MS;
        for (const [id, at] of missing) if (at <= since) missing.delete(id);
        const ids = [...missing].filter(([, at]) => at > since).map(([id]) => JSON.stringify(id));
        if (ids.length > 0)
          throw new Error(`Payloads are encrypted with keys that PAYLOAD_KEYS lacks: ${ids.join(', ')}`);
      }),
  };
}

function seal(payload: Payload, id: string, key: Buffer): Payload {
  const text = proto.temporal.api.common.v1.Payload.encode(payload).finish();
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  const data = Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return { metadata: { [ENCODING]: bytesOf(ENCRYPTED), [KEY_ID]: bytesOf(id) }, data };
}

/** Throws where a byte is not as it was written. */
function decrypt(data: Buffer, key: Buffer): Buffer {
  if (data.length < NONCE_BYTES + TAG_BYTES) throw new Error('An encrypted payload is too short to be one');
  const decipher = createDecipheriv(ALGORITHM, key, data.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

/** The SDK wants promises, and what is thrown in them. */
const attempt = <T>(work: () => T): Promise<T> => Promise.resolve().then(work);

const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'utf8');
const textOf = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString('utf8');
