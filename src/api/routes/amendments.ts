// Changing an order that is sold and not packed yet. What must stay true: an amendment is accepted by a commit that has compared the
// version its client saw with the order's row, and a repeat of its request is the same amendment.
import { Scope } from '../../domain/scope.ts';
import type { AcceptingAmendment, Amendments } from '../../ports/amendment.ts';
import type { Amendment } from '../../ports/order.ts';
import { Problem } from '../middleware/problems.ts';
import { viewAmendment } from '../order-view.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  amendmentBody,
  amendmentHeaders,
  amendmentListSchema,
  amendmentParams,
  amendmentSchema,
} from '../schemas/amendment.ts';
import { orderParams } from '../schemas/fields.ts';
import { pricingProblem } from './pricing-problem.ts';

type Dependencies = { amendments: Amendments };

export const amendmentRoutes = (dependencies: Dependencies): Route[] => [
  requestAmendment(dependencies),
  listAmendments(dependencies),
  getAmendment(dependencies),
];

const requestAmendment = ({ amendments }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/amendments',
    operationId: 'requestAmendment',
    scope: Scope.write,
    tag: 'orders',
    summary: 'Change the lines or the address of a confirmed order before anything of it is packed',
    params: orderParams,
    headers: amendmentHeaders,
    body: amendmentBody,
    answers: {
      202: {
        description: 'Accepted: the order becomes what was asked for, or stays as it was and says why',
        schema: amendmentSchema,
        headers: { Location: { description: 'The amendment', schema: { type: 'string' } }, ...replayedHeader },
      },
    },
    problems: [
      'order-not-found',
      'order-not-amendable',
      'order-changed',
      'missing-if-match',
      'invalid-if-match',
      'nothing-to-amend',
      'payment-method-needed',
      'unknown-sku',
      'mixed-currencies',
      'amount-too-large',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ params: { id }, headers, body }, { res, caller: { tenant, actor } }) => {
      const { reason, items, shipping, paymentMethod } = body;
      const version = headers['if-match'];
      const accepting = await amendments.accept(
        {
          ...{ tenant, orderId: id, version, actor, reason },
          ...{ items: items ?? null, shipping: shipping ?? null, paymentMethod: paymentMethod ?? null },
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /orders/{id}/amendments', { id, version, ...body }),
        },
        (amendment) => ({
          status: 202,
          body: JSON.stringify(viewAmendment(amendment)),
          location: `/orders/${id}/amendments/${amendment.number}`,
        }),
      );
      if ('keyReused' in accepting) throw keyReused();
      if ('refused' in accepting) throw notAccepted(accepting, items ?? []);
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

function notAccepted(
  why: Extract<AcceptingAmendment, { refused: string }>,
  items: Parameters<typeof pricingProblem>[1],
): Problem {
  switch (why.refused) {
    case 'unknown':
      return unknownOrder();
    case 'version':
      return new Problem('order-changed', `The order is at "${why.version}" by now: read it again`);
    case 'status':
      return new Problem('order-not-amendable', why.why);
    case 'price':
      return pricingProblem(why.why, items);
    case 'unchanged':
      return new Problem('nothing-to-amend', 'Lines and address are those that the order has');
    case 'method':
      return new Problem(
        'payment-method-needed',
        `The order becomes dearer by ${why.chargeMinor} minor units: give a paymentMethod to charge them to`,
        { errors: [{ pointer: '/paymentMethod', message: 'needed where the order becomes dearer' }] },
      );
  }
}

const listAmendments = ({ amendments }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/amendments',
    operationId: 'listAmendments',
    scope: Scope.read,
    tag: 'orders',
    summary: 'The changes that were asked for after the sale',
    params: orderParams,
    answers: { 200: { description: 'All of them, the first first', schema: amendmentListSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      res.json({ items: (await find(amendments, { tenant, orderId: id })).map(viewAmendment) });
    },
  });

const getAmendment = ({ amendments }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/amendments/{number}',
    operationId: 'getAmendment',
    scope: Scope.read,
    tag: 'orders',
    summary: 'One amendment',
    params: amendmentParams,
    answers: { 200: { description: 'The amendment', schema: amendmentSchema } },
    problems: ['order-not-found', 'amendment-not-found'],
    handle: async ({ params: { id, number } }, { res, caller: { tenant } }) => {
      const all = await find(amendments, { tenant, orderId: id });
      const found = all.find((amendment) => amendment.number === number);
      if (!found) throw new Problem('amendment-not-found', 'The order has no amendment of this number');
      res.json(viewAmendment(found));
    },
  });

async function find(
  amendments: Amendments,
  request: { tenant: string; orderId: string },
): Promise<readonly Amendment[]> {
  const found = await amendments.list(request);
  if (!found) throw unknownOrder();
  return found;
}

const unknownOrder = (): Problem => new Problem('order-not-found', 'No order has this id');
