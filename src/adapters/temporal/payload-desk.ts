import type { Payload, PayloadCodec } from '@temporalio/common';
import type { JsonPayload, PayloadDesk } from '../../ports/payload-codec.ts';

/** The codec in the form that Temporal's Web UI and command line speak. */
export const createPayloadDesk = ({ codec }: { codec: PayloadCodec }): PayloadDesk => ({
  encode: async (payloads) => (await codec.encode(payloads.map(toPayload))).map(toJson),
  decode: async (payloads) => {
    try {
      return (await codec.decode(payloads.map(toPayload))).map(toJson);
    } catch {
      return null;
    }
  },
});

const toPayload = ({ metadata = {}, data = '' }: JsonPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')])),
  data: Buffer.from(data, 'base64'),
});

const toJson = ({ metadata, data }: Payload): JsonPayload => ({
  metadata: Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(data ?? []).toString('base64'),
});
