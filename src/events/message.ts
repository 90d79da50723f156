// An event as it is sent to a subscriber.
import type { EventEnvelope } from '../contracts/events.ts';
import type { WebhookFormat } from '../domain/webhook.ts';
import { toCloudEvent } from './cloud-event.ts';

/** `messageId` is the event's: who gets it twice knows it by that. `publicUrl`: the address of the api, without a slash at the end. */
export const messageOf = (
  event: EventEnvelope,
  format: WebhookFormat,
  { publicUrl }: { publicUrl: string },
): { messageId: string; contentType: string; body: string } =>
  format === 'cloudevents'
    ? {
        messageId: event.eventId,
        contentType: 'application/cloudevents+json',
        body: JSON.stringify(toCloudEvent(event, { publicUrl })),
      }
    : { messageId: event.eventId, contentType: 'application/json', body: JSON.stringify(event) };
