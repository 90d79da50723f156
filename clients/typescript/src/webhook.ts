import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import type { OrderEvent } from './shapes.ts';

export { WebhookVerificationError };

export type WebhookRequest = {
  /** `whsec_…`; several while a secret is rotated: one that fits is enough. */
  secret: string | readonly string[];
  /** The bytes as they came, as text: parsed and written again they might not be the same. */
  body: string;
  /** Those of the request: of `fetch` or of Node. */
  headers: Headers | Readonly<Record<string, string | readonly string[] | undefined>>;
};

const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

/**
 * The event that a webhook tells, once its signature is known to be right and it is not older than five minutes; throws
 * WebhookVerificationError otherwise. `eventType` is `webhook.ping` for a test message; with the format `cloudevents` it is a CloudEvent.
 */
export function verifyWebhook<T = OrderEvent>({ secret, body, headers }: WebhookRequest): T {
  const signed = Object.fromEntries(names.map((name) => [name, valueOf(headers, name)]));
  const secrets = typeof secret === 'string' ? [secret] : secret;
  let refusal: unknown = new WebhookVerificationError('No secret to verify it with');
  for (const one of secrets) {
    try {
      new Webhook(one).verify(body, signed, { jsonParse: false });
    } catch (error) {
      refusal = error;
      continue;
    }
    return JSON.parse(body) as T;
  }
  throw refusal;
}

function valueOf(headers: WebhookRequest['headers'], name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  return typeof value === 'string' ? value : '';
}
