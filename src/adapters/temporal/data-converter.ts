// How what Temporal keeps is written and read: as it is, or encrypted (docs/decisions/0030-encrypted-payloads.md).
import { fileURLToPath } from 'node:url';
import type { DataConverter } from '@temporalio/common';
import type { PayloadSettings } from '../../runtime/payload-settings.ts';
import { createPayloadCodec, type Codec } from './payload-codec.ts';

const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
const sealedFailures = fileURLToPath(new URL(`./sealed-failures.${extension}`, import.meta.url));

/**
 * For clients, workers and replays alike. Without a key nothing is encrypted, and what others have encrypted fails with the key's name:
 * the SDK alone would hand it on, and a workflow would refuse what it can not read.
 */
export function openDataConverter({ PAYLOAD_KEYS: keys = [], PAYLOAD_KEY_ID: keyId }: PayloadSettings): {
  dataConverter: DataConverter;
  codec: Codec;
  /** Another one with the same keys, for what people bring to be read: what it lacks is no trouble of this process. Null without a key. */
  deskCodec: Codec | null;
} {
  const make = (): Codec => createPayloadCodec({ keys, keyId: keyId ?? null });
  const codec = make();
  const failures = keyId === undefined ? {} : { failureConverterPath: sealedFailures };
  return {
    dataConverter: { payloadCodecs: [codec], ...failures },
    codec,
    deskCodec: keys.length === 0 ? null : make(),
  };
}
