import type { Request, Response } from 'express';
import type { EventEnvelope } from '../../contracts/events.ts';
import { Scope } from '../../domain/scope.ts';
import { CLOUD_EVENTS_TYPE, toCloudEvent } from '../../events/cloud-event.ts';
import type { EventLog } from '../../ports/events.ts';
import type { OrderReading } from '../../ports/order.ts';
import { cutOff, isLastEvent, streamEvents, type Form, type StreamTimes } from '../event-stream.ts';
import type { EventTail } from '../event-tail.ts';
import { createStreamSeats, type StreamLimits, type StreamSeats } from '../stream-seats.ts';
import { watchCaller, type Caller } from '../middleware/authenticate.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  cloudEventsSchema,
  eventListSchema,
  eventStreamSchema,
  feedQuery,
  orderEventsQuery,
  streamHeaders,
} from '../schemas/event.ts';
import { orderParams } from '../schemas/fields.ts';

/** `publicUrl`: where the api is found from outside; the schemas that events name are below it. */
type Dependencies = {
  reading: OrderReading;
  events: EventLog;
  tail: EventTail;
  publicUrl: string;
  streams: StreamLimits;
  times?: Partial<StreamTimes> & { keyCheckMs?: number };
};
type Streaming = Omit<Dependencies, 'streams'> & { seats: StreamSeats };

// An order has a dozen events at most; the bound is there so that there is one.
const MAX_ORDER_EVENTS = 1_000;
// What the sequence's column can be compared with.
const MAX_SEQUENCE = 2 ** 31 - 1;

// JSON first: `Accept: */*` gets a document, not a stream that never ends.
// HEAD likewise: a stream without content has no end either.
const wantsStream = (req: Request): boolean => req.method !== 'HEAD' && accepted(req) === 'text/event-stream';
const accepted = (req: Request) => req.accepts(['application/json', 'text/event-stream', CLOUD_EVENTS_TYPE]);

/**
 * Behind which event of an order a stream goes on. An id beyond its last is of a database that was lost: since it was restored the order has
 * gone another way, and all of that is told.
 */
function resumedAfter(lastEventId: number, existing: readonly EventEnvelope[]): number {
  const isKnown = existing.length === MAX_ORDER_EVENTS || lastEventId <= (existing.at(-1)?.sequence ?? 0);
  return isKnown ? Math.min(lastEventId, MAX_SEQUENCE) : 0;
}

type Format = 'envelope' | 'cloudevents';

/** Each event in the form that was asked for. */
const formOf = (format: Format, publicUrl: string): Form => ({
  name: format,
  render: (event) => (format === 'cloudevents' ? toCloudEvent(event, { publicUrl }) : event),
});

function sendList(
  { req, res }: { req: Request; res: Response },
  items: readonly EventEnvelope[],
  { format, publicUrl }: { format: Format; publicUrl: string },
): void {
  if (format === 'envelope' && accepted(req) !== CLOUD_EVENTS_TYPE) return void res.json({ items });
  res.type(CLOUD_EVENTS_TYPE).json(items.map(formOf('cloudevents', publicUrl).render));
}

const forms = { 'text/event-stream': eventStreamSchema, [CLOUD_EVENTS_TYPE]: cloudEventsSchema };

export function eventRoutes({ streams, ...dependencies }: Dependencies): Route[] {
  const streaming = { ...dependencies, seats: createStreamSeats(streams) };
  return [orderEvents(streaming), feed(streaming)];
}

/** As long as the stream is open it takes a place, and its key is looked at. */
async function stream(
  { req, res, caller }: { req: Request; res: Response; caller: Caller },
  { seats, tail, times = {} }: Pick<Streaming, 'seats' | 'tail' | 'times'>,
  source: Omit<Parameters<typeof streamEvents>[2], 'tenant' | 'times'>,
): Promise<void> {
  const leave = seats.take(caller.actor);
  const unwatch = watchCaller(req, { everyMs: times.keyCheckMs, onRefused: () => cutOff({ req, res }) });
  try {
    await streamEvents({ req, res }, tail, { ...source, times, tenant: caller.tenant });
  } finally {
    unwatch();
    leave();
  }
}

const orderEvents = ({ reading, events, publicUrl, ...streaming }: Streaming): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/events',
    operationId: 'listOrderEvents',
    scope: Scope.read,
    tag: 'events',
    summary: 'What happened to an order; live with `Accept: text/event-stream`',
    params: orderParams,
    query: orderEventsQuery,
    headers: streamHeaders,
    answers: {
      200: {
        description: 'Its events in sequence. A stream ends after the last',
        schema: eventListSchema,
        otherForms: forms,
      },
      204: { description: 'The stream that is to be resumed has ended: do not come back' },
    },
    problems: ['order-not-found', 'invalid-query', 'invalid-header', 'too-many-streams', 'overloaded'],
    handle: async ({ params: { id }, query: { format }, headers }, exchange) => {
      const { tenant } = exchange.caller;
      if (!(await reading.find({ tenant, orderId: id }))) throw new Problem('order-not-found', 'No order has this id');
      const existing = await events.ofOrder({ orderId: id, afterSequence: 0, limit: MAX_ORDER_EVENTS });
      if (!wantsStream(exchange.req)) {
        return sendList(exchange, existing, { format, publicUrl });
      }
      const after = resumedAfter(headers['last-event-id'] ?? 0, existing);
      // 204 tells an EventSource that comes back after the end to stay away.
      if (existing.some((event) => isLastEvent(event) && event.sequence <= after))
        return void exchange.res.status(204).end();
      await stream(exchange, streaming, {
        after,
        number: 'sequence',
        readPage: (afterSequence, limit) => events.ofOrder({ orderId: id, afterSequence, limit }),
        accepts: ({ orderId }) => orderId === id,
        endsAfter: isLastEvent,
        form: formOf(format, publicUrl),
      });
    },
  });

const feed = ({ events, publicUrl, ...streaming }: Streaming): Route =>
  defineRoute({
    method: 'get',
    path: '/events',
    operationId: 'listEvents',
    scope: Scope.read,
    tag: 'events',
    summary: 'The feed over all orders, by position; live with `Accept: text/event-stream`',
    query: feedQuery,
    headers: streamHeaders,
    answers: {
      200: {
        description: 'Events after the position',
        schema: eventListSchema,
        otherForms: forms,
      },
    },
    problems: ['invalid-query', 'invalid-header', 'too-many-streams', 'overloaded'],
    handle: async ({ query: { after, type: types = null, limit, format }, headers }, exchange) => {
      const { tenant } = exchange.caller;
      if (!wantsStream(exchange.req)) {
        const { items } = await events.feed({ tenant, after, types, limit });
        return sendList(exchange, items, { format, publicUrl });
      }
      await stream(exchange, streaming, {
        after: headers['last-event-id'] ?? after,
        number: 'position',
        readPage: async (position, max) => (await events.feed({ tenant, after: position, types, limit: max })).items,
        accepts: ({ eventType }) => types === null || types.includes(eventType),
        endsAfter: () => false,
        form: formOf(format, publicUrl),
      });
    },
  });
