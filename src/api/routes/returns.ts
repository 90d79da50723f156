// Goods that come back of a sold order. What must stay true: a return is accepted by a commit that has measured it against what was
// shipped, and what is received gives back exactly what came.
import { Scope } from '../../domain/scope.ts';
import type { Return } from '../../ports/order.ts';
import type { Returns } from '../../ports/return.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, orderParams } from '../schemas/fields.ts';
import {
  receiptBody,
  returnBody,
  returnDecisionBody,
  returnListSchema,
  returnParams,
  returnSchema,
} from '../schemas/return.ts';
import { returnProblem } from './return-problem.ts';

type Dependencies = { returns: Returns };

export const returnRoutes = (dependencies: Dependencies): Route[] => [
  requestReturn(dependencies),
  listReturns(dependencies),
  getReturn(dependencies),
  decideReturn(dependencies, 'approve'),
  decideReturn(dependencies, 'reject'),
  receiveReturn(dependencies),
];

const keyProblems = ['missing-idempotency-key', 'invalid-idempotency-key', 'idempotency-key-reused'] as const;
const locationHeader = { Location: { description: 'The return', schema: { type: 'string' } }, ...replayedHeader };
const answer = (status: number, orderId: string) => (found: Return) => ({
  ...{ status, body: JSON.stringify(found), location: `/orders/${orderId}/returns/${found.number}` },
});

const requestReturn = ({ returns }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/returns',
    operationId: 'requestReturn',
    scope: Scope.write,
    tag: 'returns',
    summary: 'Ask whether units that were shipped may come back',
    params: orderParams,
    headers: idempotencyHeaders,
    body: returnBody,
    answers: {
      202: {
        description: 'Asked: it waits for an answer, or parks in front of a person',
        schema: returnSchema,
        headers: locationHeader,
      },
    },
    problems: [
      ...(['order-not-found', 'order-not-returnable', 'too-many-returns', 'unknown-line', 'return-too-large'] as const),
      ...keyProblems,
    ],
    handle: async ({ params: { id }, headers, body }, { res, caller: { tenant, actor } }) => {
      const accepting = await returns.request(
        {
          ...{ tenant, orderId: id, actor, ...body },
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /orders/{id}/returns', { id, ...body }),
        },
        answer(202, id),
      );
      if ('keyReused' in accepting) throw keyReused();
      if ('refused' in accepting) throw returnProblem(accepting, body.items);
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

const listReturns = ({ returns }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/returns',
    operationId: 'listReturns',
    scope: Scope.read,
    tag: 'returns',
    summary: 'What comes back, or came',
    params: orderParams,
    answers: { 200: { description: 'All of them, the first first', schema: returnListSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      res.json({ items: await find(returns, { tenant, orderId: id }) });
    },
  });

const getReturn = ({ returns }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/returns/{number}',
    operationId: 'getReturn',
    scope: Scope.read,
    tag: 'returns',
    summary: 'One return',
    params: returnParams,
    answers: { 200: { description: 'The return', schema: returnSchema } },
    problems: ['order-not-found', 'return-not-found'],
    handle: async ({ params: { id, number } }, { res, caller: { tenant } }) => {
      const found = (await find(returns, { tenant, orderId: id })).find((one) => one.number === number);
      if (!found) throw returnProblem({ refused: 'absent' });
      res.json(found);
    },
  });

const decideReturn = ({ returns }: Dependencies, decision: 'approve' | 'reject'): Route =>
  defineRoute({
    method: 'post',
    path: `/orders/{id}/returns/{number}/${decision}`,
    operationId: `${decision}Return`,
    scope: Scope.operate,
    tag: 'returns',
    summary: decision === 'approve' ? 'It may come back' : 'It may not come back',
    params: returnParams,
    body: returnDecisionBody,
    answers: { 200: { description: 'Decided so, now or before: the return as it stands', schema: returnSchema } },
    problems: ['order-not-found', 'return-not-found', 'return-decided'],
    handle: async ({ params: { id, number }, body: { reason } }, { res, caller: { tenant, actor } }) => {
      const result = await returns.decide({ tenant, orderId: id, number, actor, reason, decision });
      if ('keyReused' in result) throw keyReused();
      if ('refused' in result) throw returnProblem(result);
      res.json(result.decided);
    },
  });

const receiveReturn = ({ returns }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/returns/{number}/receive',
    operationId: 'receiveReturn',
    scope: Scope.fulfil,
    tag: 'returns',
    summary: 'What came of it: it is restocked or written off, and given back for',
    params: returnParams,
    headers: idempotencyHeaders,
    body: receiptBody,
    answers: {
      200: {
        description: 'It is here. The refund of what came is under way, or `noRefund` says why there is none',
        schema: returnSchema,
        headers: locationHeader,
      },
    },
    problems: [
      ...(['order-not-found', 'return-not-found', 'return-decided', 'unknown-line', 'return-too-large'] as const),
      ...(['unknown-warehouse', ...keyProblems] as const),
    ],
    handle: async ({ params: { id, number }, headers, body }, { res, caller: { tenant, actor } }) => {
      const { items, warehouse = null, reason = null } = body;
      const accepting = await returns.receive(
        {
          ...{ tenant, orderId: id, number, actor, items, warehouse, reason },
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /orders/{id}/returns/{number}/receive', { id, number, ...body }),
        },
        answer(200, id),
      );
      if ('keyReused' in accepting) throw keyReused();
      if ('refused' in accepting) throw returnProblem(accepting, items);
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

async function find(returns: Returns, request: { tenant: string; orderId: string }): Promise<readonly Return[]> {
  const found = await returns.list(request);
  if (!found) throw returnProblem({ refused: 'unknown' });
  return found;
}
