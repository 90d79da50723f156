import { Scope } from '../../domain/scope.ts';
import type { OrderCounting } from '../../ports/order-counts.ts';
import type { OrderReading } from '../../ports/order.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { defineRoute, type Route } from '../route.ts';
import { anyInstant, orderParams, z } from '../schemas/fields.ts';
import { orderCountsSchema, orderListSchema, orderQuery, orderSchema } from '../schemas/order.ts';
import { orderIdPattern } from '../../contracts/ids.ts';

type Dependencies = { reading: OrderReading; counting: OrderCounting; view: OrderView };

const versionHeader = {
  ETag: {
    description: 'Its version, for the `If-Match` of a change: the sequence of its last event',
    schema: { type: 'string' },
  },
};

// PostgreSQL's own text of an instant; anything else in a cursor was not written by us.
const place = z.strictObject({
  placedAt: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?[+-]\d{2}(:\d{2})?$/)
    .refine((text) => anyInstant.safeParse(text.replace(' ', 'T').replace(/([+-]\d{2})$/, '$1:00')).success),
  id: z.string().regex(orderIdPattern),
});

export const orderRoutes = ({ reading, counting, view }: Dependencies): Route[] => [
  defineRoute({
    method: 'get',
    path: '/orders',
    operationId: 'listOrders',
    scope: Scope.read,
    tag: 'orders',
    summary: 'List orders, newest first',
    query: orderQuery,
    answers: { 200: { description: 'A page of orders', schema: orderListSchema } },
    problems: ['invalid-query', 'invalid-cursor'],
    handle: async ({ query: { cursor, limit, ...filter } }, { res, caller: { tenant } }) => {
      const { items, next } = await reading.list({ tenant, filter, after: decodeCursor(cursor, place), limit });
      res.json({ items: items.map(view), nextCursor: next && encodeCursor(next) });
    },
  }),

  // Before the route of one order, whose id its path would be.
  defineRoute({
    method: 'get',
    path: '/orders/counts',
    operationId: 'countOrders',
    scope: Scope.read,
    tag: 'orders',
    summary: 'How many orders stand where',
    answers: {
      200: { description: 'By status, by whom they wait for, and by parked step', schema: orderCountsSchema },
    },
    problems: [],
    handle: async (_input, { res, caller: { tenant } }) => {
      res.json(await counting.count({ tenant }));
    },
  }),

  defineRoute({
    method: 'get',
    path: '/orders/{id}',
    operationId: 'getOrder',
    scope: Scope.read,
    tag: 'orders',
    summary: 'One order',
    params: orderParams,
    answers: { 200: { description: 'The order', schema: orderSchema, headers: versionHeader } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { req, res, caller: { tenant } }) => {
      const order = await reading.find({ tenant, orderId: id });
      if (!order) throw new Problem('order-not-found', 'No order has this id');
      // A version for If-Match, and no way to save an answer: whom an order waits for changes without an event.
      delete req.headers['if-none-match'];
      res.set('ETag', `"${order.version}"`).json(view(order));
    },
  }),
];
