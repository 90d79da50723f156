import type { Request } from 'express';
import { Scope } from '../../domain/scope.ts';
import type { EventLog } from '../../ports/events.ts';
import type { OrderReading } from '../../ports/order.ts';
import { isLastEvent, streamEvents } from '../event-stream.ts';
import type { EventTail } from '../event-tail.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { eventListSchema, eventStreamSchema, feedQuery, streamHeaders } from '../schemas/event.ts';
import { orderParams } from '../schemas/fields.ts';

type Dependencies = { reading: OrderReading; events: EventLog; tail: EventTail };

// An order has a dozen events at most; the bound is there so that there is one.
const MAX_ORDER_EVENTS = 1_000;
// What the sequence's column can be compared with; an id above it is above every event as well.
const MAX_SEQUENCE = 2 ** 31 - 1;

// JSON first: `Accept: */*` gets a document, not a stream that never ends.
// HEAD likewise: a stream without content has no end either.
const wantsStream = (req: Request): boolean =>
  req.method !== 'HEAD' && req.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';

export const eventRoutes = (dependencies: Dependencies): Route[] => [orderEvents(dependencies), feed(dependencies)];

const orderEvents = ({ reading, events, tail }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/events',
    scope: Scope.read,
    tag: 'events',
    summary: 'What happened to an order; live with `Accept: text/event-stream`',
    params: orderParams,
    headers: streamHeaders,
    answers: {
      200: {
        description: 'Its events in sequence. A stream ends after the last',
        schema: eventListSchema,
        otherForms: { 'text/event-stream': eventStreamSchema },
      },
      204: { description: 'The stream that is to be resumed has ended: do not come back' },
    },
    problems: ['order-not-found', 'invalid-header'],
    handle: async ({ params: { id }, headers }, exchange) => {
      const { tenant } = exchange.caller;
      if (!(await reading.find({ tenant, orderId: id }))) throw new Problem('order-not-found', 'No order has this id');
      const after = Math.min(headers['last-event-id'] ?? 0, MAX_SEQUENCE);
      const existing = await events.ofOrder({ orderId: id, afterSequence: 0, limit: MAX_ORDER_EVENTS });
      if (!wantsStream(exchange.req)) {
        return void exchange.res.json({ items: existing });
      }
      // 204 tells an EventSource that comes back after the end to stay away.
      if (existing.some((event) => isLastEvent(event) && event.sequence <= after))
        return void exchange.res.status(204).end();
      await streamEvents(exchange, tail, {
        tenant,
        after,
        numberOf: ({ sequence }) => sequence,
        readPage: (afterSequence, limit) => events.ofOrder({ orderId: id, afterSequence, limit }),
        accepts: ({ orderId }) => orderId === id,
        endsAfter: isLastEvent,
      });
    },
  });

const feed = ({ events, tail }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/events',
    scope: Scope.read,
    tag: 'events',
    summary: 'The feed over all orders, by position; live with `Accept: text/event-stream`',
    query: feedQuery,
    headers: streamHeaders,
    answers: {
      200: {
        description: 'Events after the position',
        schema: eventListSchema,
        otherForms: { 'text/event-stream': eventStreamSchema },
      },
    },
    problems: ['invalid-query', 'invalid-header'],
    handle: async ({ query: { after, type: types = null, limit }, headers }, exchange) => {
      const { tenant } = exchange.caller;
      if (!wantsStream(exchange.req)) {
        const { items } = await events.feed({ tenant, after, types, limit });
        return void exchange.res.json({ items });
      }
      await streamEvents(exchange, tail, {
        tenant,
        after: headers['last-event-id'] ?? after,
        numberOf: ({ position }) => position,
        readPage: async (position, max) => (await events.feed({ tenant, after: position, types, limit: max })).items,
        accepts: ({ eventType }) => types === null || types.includes(eventType),
        endsAfter: () => false,
      });
    },
  });
