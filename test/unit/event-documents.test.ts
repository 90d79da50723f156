// The documents about events, by the rules of those who made up their forms.
import { describe, expect, test } from '@jest/globals';
import asyncApi from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CloudEvent as ReferenceEvent } from 'cloudevents';
import { eventTypes, EventType, type EventEnvelope } from '../../src/contracts/events.ts';
import { createAsyncApiDocument } from '../../src/events/asyncapi.ts';
import { toCloudEvent } from '../../src/events/cloud-event.ts';
import { jsonSchemaOf, listVersions } from '../../src/events/json-schema.ts';
import { treeOf, type CauseTree } from '../../src/events/tree.ts';

const publicUrl = 'https://orders.example.com/api';
const event: EventEnvelope = {
  eventId: 'event_01kax3v7ehe4sbg0krv6m4fxxv',
  eventType: EventType.paymentDeclined,
  eventVersion: 1,
  timestamp: '2026-01-31T12:00:00.000Z',
  source: 'durable-orders',
  orderId: 'order_01kax3v7ehe4sbg0krv6m4fxxv',
  sequence: 12,
  position: 3_000_000_000,
  data: { ordinal: 1, code: 'payment.declined', message: 'No', declineCode: 'insufficient_funds' },
  metadata: { correlationId: 'checkout-1', causationId: 'event_01kax3v7ehe4sbg0krv6m4fxxa' },
};

describe('the JSON Schema of an event', () => {
  const ajv = new Ajv2020({ strict: true, strictTypes: false, validateFormats: false });
  const schemaOf = (eventType: string, eventVersion = 1) => jsonSchemaOf({ eventType, eventVersion });

  test.each(listVersions())('of $eventType v$eventVersion is one, with a description of every field', (version) => {
    const schema = jsonSchemaOf(version) ?? {};
    expect(ajv.validateSchema(schema)).toBe(true);
    const { data } = (schema as { properties: { data: { properties: Record<string, { description?: string }> } } })
      .properties;
    const undescribed = Object.entries(data.properties).filter(([, field]) => !field.description);
    expect(undescribed.map(([name]) => name)).toEqual([]);
  });

  test('accepts an event and fields that it does not know, and no event that lacks one', () => {
    const validate = ajv.compile(schemaOf(event.eventType) ?? {});
    expect(validate(event)).toBe(true);
    expect(validate({ ...event, data: { ...event.data, colour: 'red' } })).toBe(true);
    expect(validate({ ...event, data: { ordinal: 1, code: 'payment.declined' } })).toBe(false);
    expect(validate({ ...event, eventType: 'payment.captured' })).toBe(false);
  });

  test('is of every type, and of nothing else', () => {
    expect(
      listVersions()
        .map(({ eventType }) => eventType)
        .sort(),
    ).toEqual([...eventTypes].sort());
    for (const other of ['order.sung', '__proto__', 'toString']) expect(schemaOf(other)).toBeNull();
    expect(schemaOf('order.placed', 2)).toBeNull();
    expect(schemaOf('order.placed', 0)).toBeNull();
  });
});

describe('the AsyncAPI document', () => {
  const document = createAsyncApiDocument({ publicUrl }) as {
    servers: object;
    components: { messages: Record<string, { payload: { schema: object } }> };
  };

  test('is AsyncAPI 3.0, by its own JSON Schema', () => {
    // It brings the schema of draft 7 along.
    const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
    const validate = ajv.compile(asyncApi.schemas['3.0.0'] as object);
    validate(document);
    expect(validate.errors).toBeNull();
    expect(validate({ ...document, channels: { feed: { address: 7 } } })).toBe(false);
    expect(document.servers).toMatchObject({
      api: { host: 'orders.example.com', protocol: 'https', pathname: '/api' },
    });
  });

  test('has a message of every type, which accepts its events', () => {
    expect(Object.keys(document.components.messages).sort()).toEqual([...eventTypes].sort());
    const { schema } = document.components.messages[event.eventType]?.payload ?? {};
    const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema ?? {});
    expect(validate(event)).toBe(true);
    expect(validate({ ...event, data: {} })).toBe(false);
  });
});

describe('an event as a CloudEvent', () => {
  const rendered = toCloudEvent(event, { publicUrl });

  test('is valid by the reference implementation, with everything that the event says', () => {
    expect(new ReferenceEvent(rendered, true).validate()).toBe(true);
    expect(rendered).toEqual({
      specversion: '1.0',
      id: event.eventId,
      source: 'durable-orders',
      type: 'payment.declined',
      time: event.timestamp,
      subject: event.orderId,
      datacontenttype: 'application/json',
      dataschema: `${publicUrl}/event-schemas/payment.declined/1#/properties/data`,
      sequence: '0000000012',
      position: '3000000000',
      correlationid: 'checkout-1',
      causationid: event.metadata.causationId,
      data: event.data,
    });
    // The reference refuses what is none.
    expect(() => new ReferenceEvent({ ...rendered, 'causation-id': 'a' }, true)).toThrow();
  });

  test('leaves out what is not known yet', () => {
    const unnumbered = { ...event, position: null, metadata: { correlationId: 'c', causationId: null } };
    const { position, causationid, ...rest } = toCloudEvent(unnumbered, { publicUrl });
    expect({ position, causationid }).toEqual({});
    expect(new ReferenceEvent(rest, true).validate()).toBe(true);
  });
});

describe('the tree of an order', () => {
  const place = 'command:place:order_1';
  const after = (sequence: number, eventType: EventType, causationId: string): EventEnvelope => ({
    ...{ ...event, eventId: `event_${sequence}`, eventType, sequence },
    metadata: { correlationId: 'c', causationId },
  });
  const events = [
    after(1, EventType.orderPlaced, place),
    after(2, EventType.inventoryReserved, 'event_1'),
    after(3, EventType.orderCancellationRequested, 'command:cancel:order_1'),
    after(4, EventType.inventoryReleased, 'event_3'),
  ];
  const show = ({ cause, event: shown, children }: CauseTree): unknown => [
    shown?.eventType ?? cause,
    ...children.map(show),
  ];

  test('has the command that placed it at its root, and later commands below the placing', () => {
    const tree = treeOf(events);
    expect(tree?.apart).toEqual([]);
    expect(tree && show(tree.root)).toEqual([
      place,
      [
        'order.placed',
        ['inventory.reserved'],
        ['command:cancel:order_1', ['order.cancellation_requested', ['inventory.released']]],
      ],
    ]);
  });

  test('says which events have no cause in it, and never goes round in circles', () => {
    const stray = after(5, EventType.orderCancelled, 'event_99');
    const circle = [after(6, EventType.orderParked, 'event_7'), after(7, EventType.orderResumed, 'event_6')];
    expect(treeOf([...events, stray, ...circle])?.apart).toEqual([stray, ...circle]);
    expect(treeOf([])).toBeNull();
  });
});
