// An event as CloudEvents 1.0 (https://cloudevents.io) shows it. Nothing is added to it and nothing is left out.
import type { EventEnvelope } from '../contracts/events.ts';
import { schemaPath } from './json-schema.ts';

export const CLOUD_EVENTS_TYPE = 'application/cloudevents-batch+json';

/** Attributes are strings: an Integer of CloudEvents ends at 2,147,483,647, and a position need not. */
export type CloudEvent = {
  specversion: '1.0';
  id: string;
  source: string;
  type: string;
  time: string;
  subject: string;
  datacontenttype: 'application/json';
  dataschema: string;
  data: EventEnvelope['data'];
  correlationid: string;
  causationid?: string;
  sequence: string;
  position?: string;
};

// The extension `sequence` compares as text: ten digits hold every integer that the column can.
const DIGITS = 10;

/**
 * Our type as it is: it is what subscriptions and filters name, whatever the form. `publicUrl`: the address of the api, without a slash at
 * the end; the schema is found below it: that of the envelope, of which CloudEvents has the data alone.
 */
export function toCloudEvent(event: EventEnvelope, { publicUrl }: { publicUrl: string }): CloudEvent {
  const { correlationId, causationId } = event.metadata;
  return {
    specversion: '1.0',
    id: event.eventId,
    source: event.source,
    type: event.eventType,
    time: event.timestamp,
    subject: event.orderId,
    datacontenttype: 'application/json',
    dataschema: `${publicUrl}${schemaPath(event)}#/properties/data`,
    correlationid: correlationId,
    ...(causationId === null ? {} : { causationid: causationId }),
    sequence: String(event.sequence).padStart(DIGITS, '0'),
    ...(event.position === null ? {} : { position: String(event.position) }),
    data: event.data,
  };
}
