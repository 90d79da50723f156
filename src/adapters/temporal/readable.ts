// What Temporal answers beside results comes as it is kept: histories, memos. Here it becomes readable, whoever has encrypted it.
import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/**
 * The same, with every payload in it decoded by the client's codecs. Throws where one can not be: half a history must not be taken for
 * the whole of it.
 */
export async function readable<T>(client: Client, told: T): Promise<T> {
  const { payloadCodecs } = client.options.loadedDataConverter;
  if (payloadCodecs.length === 0) return told;
  const decode = async (payload: Payload): Promise<Payload | undefined> => {
    let payloads = [payload];
    // The last to encode is the first to decode.
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    return payloads[0];
  };
  return (await walk(told, decode)) as T;
}

async function walk(told: unknown, decode: (payload: Payload) => Promise<unknown>): Promise<unknown> {
  if (Array.isArray(told)) return Promise.all(told.map((one) => walk(one, decode)));
  if (typeof told !== 'object' || told === null || ArrayBuffer.isView(told)) return told;
  if (isPayload(told)) return decode(told);
  // Not copied: messages and numbers of the protocol are classes.
  for (const [name, value] of Object.entries(told))
    if (typeof value === 'object' && value !== null)
      (told as Record<string, unknown>)[name] = await walk(value, decode);
  return told;
}

const isPayload = (value: object): value is Payload =>
  'metadata' in value && 'data' in value && ArrayBuffer.isView(value.data) && typeof value.metadata === 'object';
