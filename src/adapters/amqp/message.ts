// An event as an AMQP message: its body is what webhooks send, its properties what a consumer needs without reading it.
import { messageOf } from '../../events/message.ts';
import type { WebhookFormat } from '../../domain/webhook.ts';
import type { FeedEvent } from '../../ports/broker.ts';

export type AmqpMessage = {
  routingKey: string;
  body: Buffer;
  properties: {
    messageId: string;
    type: string;
    correlationId: string;
    /** Seconds since 1970, as AMQP has it: when it happened. */
    timestamp: number;
    contentType: string;
    appId: string;
    headers: Readonly<Record<string, string | number>>;
  };
};

// A short string of AMQP; a longer correlation id is in the body.
const SHORT_STRING_BYTES = 255;

/** `publicUrl`: the address of the api, without a slash at the end. */
export function amqpMessageOf(
  { tenant, event, orderId, position }: FeedEvent,
  { format, publicUrl }: { format: WebhookFormat; publicUrl: string },
): AmqpMessage {
  const { messageId, contentType, body } = messageOf(event, format, { publicUrl });
  return {
    routingKey: event.eventType,
    body: Buffer.from(body),
    properties: {
      messageId,
      type: event.eventType,
      correlationId: shortened(event.metadata.correlationId),
      timestamp: Math.floor(Date.parse(event.timestamp) / 1_000),
      contentType,
      appId: 'durable-orders',
      headers: { tenant, orderId, sequence: event.sequence, position, eventVersion: event.eventVersion },
    },
  };
}

/** Whole characters only. */
function shortened(text: string): string {
  let short = text;
  while (Buffer.byteLength(short) > SHORT_STRING_BYTES) short = short.slice(0, -1);
  return short;
}
