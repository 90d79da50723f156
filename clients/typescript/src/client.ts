import createClient, { type Client } from 'openapi-fetch';
import { createRepeatingFetch, type RepeatOptions } from './repeat.ts';
import type { paths } from './schema.ts';

export type ConnectOptions = {
  /** Where the api is found, for example http://127.0.0.1:3000. */
  baseUrl: string;
  /** `dok_…`; none is needed where the api listens on loopback only. */
  apiKey?: string | undefined;
  repeat?: RepeatOptions;
  /** Instead of the global one. */
  fetch?: (request: Request) => Promise<Response>;
};

/** `GET`, `POST`, `PUT`, `DELETE` of openapi-fetch, typed by the document; see `answer`. */
export type OrdersClient = Client<paths, 'application/json'>;

/** A client that repeats what is safe to repeat. Every call takes a `signal`. */
export function createOrdersClient({ baseUrl, repeat, ...connection }: ConnectOptions): OrdersClient {
  return createClient<paths, 'application/json'>({
    baseUrl: baseUrl.replace(/\/+$/, ''),
    headers: authorization(connection.apiKey),
    fetch: createRepeatingFetch(connection.fetch ?? fetch, repeat),
  });
}

/** The header that says who calls. */
export const authorization = (apiKey: string | undefined): Record<string, string> =>
  apiKey === undefined ? {} : { Authorization: `Bearer ${apiKey}` };

/** A new Idempotency-Key: one for each thing that is to be done, kept for as long as its outcome is not known. */
export const newKey = (): string => crypto.randomUUID();
