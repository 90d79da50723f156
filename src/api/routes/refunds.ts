// Giving something back of an order that is sold. What must stay true: a refund is accepted by a commit that has measured it against
// what is left, and a repeat of its request is the same refund.
import type { OrderStatus } from '../../domain/order.ts';
import { Scope } from '../../domain/scope.ts';
import type { Refund } from '../../ports/order.ts';
import type { AcceptingRefund, Refunds } from '../../ports/refund.ts';
import { Problem } from '../middleware/problems.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, orderParams } from '../schemas/fields.ts';
import { refundBody, refundListSchema, refundParams, refundSchema } from '../schemas/refund.ts';

type Dependencies = { refunds: Refunds };

export const refundRoutes = (dependencies: Dependencies): Route[] => [
  requestRefund(dependencies),
  listRefunds(dependencies),
  getRefund(dependencies),
];

const requestRefund = ({ refunds }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/refunds',
    operationId: 'requestRefund',
    scope: Scope.operate,
    tag: 'operators',
    summary: 'Give back an amount, units of its lines, or all that is left of a sold order',
    params: orderParams,
    headers: idempotencyHeaders,
    body: refundBody,
    answers: {
      202: {
        description: 'Accepted: it is given back once, or parks in front of a person',
        schema: refundSchema,
        headers: { Location: { description: 'The refund', schema: { type: 'string' } }, ...replayedHeader },
      },
    },
    problems: [
      'order-not-found',
      'order-not-refundable',
      'refund-too-large',
      'not-captured',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ params: { id }, headers, body }, { res, caller: { tenant, actor } }) => {
      const { reason, ...wish } = body;
      const accepting = await refunds.accept(
        {
          ...{ tenant, orderId: id, actor, reason, wish },
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /orders/{id}/refunds', { id, ...body }),
        },
        (refund: Refund) => ({
          status: 202,
          body: JSON.stringify(refund),
          location: `/orders/${id}/refunds/${refund.number}`,
        }),
      );
      if ('keyReused' in accepting) throw keyReused();
      if ('refused' in accepting) throw notAccepted(accepting);
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

function notAccepted(why: Extract<AcceptingRefund, { refused: string }>): Problem {
  switch (why.refused) {
    case 'unknown':
      return unknownOrder();
    case 'status':
      return new Problem('order-not-refundable', whyNot(why));
    case 'amount':
      return new Problem(
        'refund-too-large',
        `${why.wantedMinor} are asked for, ${why.leftMinor} are left to be refunded`,
      );
    case 'not-captured': {
      const { wanted, captured } = why;
      return new Problem(
        'not-captured',
        `${wanted} units of one line are asked for, and the money of ${captured} is captured so far: the others are paid for when they ship`,
      );
    }
    case 'units': {
      const { wanted, sold, refunded } = why;
      return new Problem(
        'refund-too-large',
        `${wanted} units of one line are asked for: ${sold} were sold, ${refunded} of them refunded`,
      );
    }
  }
}

function whyNot({ status, isEnding }: { status: OrderStatus; isEnding: boolean }): string {
  if (status === 'rejected' || status === 'cancelled') return `The order is ${status}: nothing of it is kept`;
  if (isEnding) return 'The order is being cancelled: everything is given back';
  return `The order is ${status}, not sold: cancel it`;
}

const listRefunds = ({ refunds }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/refunds',
    operationId: 'listRefunds',
    scope: Scope.read,
    tag: 'orders',
    summary: 'The refunds that operators asked for',
    params: orderParams,
    answers: { 200: { description: 'All of them, the first first', schema: refundListSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      res.json({ items: await find(refunds, { tenant, orderId: id }) });
    },
  });

const getRefund = ({ refunds }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/refunds/{number}',
    operationId: 'getRefund',
    scope: Scope.read,
    tag: 'orders',
    summary: 'One refund',
    params: refundParams,
    answers: { 200: { description: 'The refund', schema: refundSchema } },
    problems: ['order-not-found', 'refund-not-found'],
    handle: async ({ params: { id, number } }, { res, caller: { tenant } }) => {
      const found = (await find(refunds, { tenant, orderId: id })).find((refund) => refund.number === number);
      if (!found) throw new Problem('refund-not-found', 'The order has no refund of this number');
      res.json(found);
    },
  });

async function find(refunds: Refunds, request: { tenant: string; orderId: string }): Promise<readonly Refund[]> {
  const found = await refunds.list(request);
  if (!found) throw unknownOrder();
  return found;
}

const unknownOrder = (): Problem => new Problem('order-not-found', 'No order has this id');
