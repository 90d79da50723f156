// An operator decides about one parked order. What must stay true: a repeat decides nothing twice, also one that comes while
// the first is under way or after its answer was lost, because the decision's name is made of the client's key.
import { createHash } from 'node:crypto';
import { isClosed } from '../../domain/order.ts';
import { Scope } from '../../domain/scope.ts';
import { possibleActions, type ResolutionAction } from '../../domain/resolution.ts';
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import type { LaunchMarks } from '../../ports/launch.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import type { AnswerBook, OrderResolver, ResolutionAudit, Resolving } from '../../ports/resolution.ts';
import type { Caller } from '../middleware/authenticate.ts';
import { Problem, RETRY_SOON } from '../middleware/problems.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, orderParams } from '../schemas/fields.ts';
import { orderResolutionSchema, resolutionBody, type OrderResolutionBody } from '../schemas/resolution.ts';
import { keyReused, replayedHeader, sendAnswer } from './place-order.ts';

type Dependencies = {
  reading: OrderReading;
  resolver: OrderResolver;
  audit: ResolutionAudit;
  answers: AnswerBook;
  launches: Pick<LaunchMarks, 'markAgain'>;
};
type Decision = { action: ResolutionAction; value?: string | undefined; reason: string };

// With the queries around it below the 2 s in which the contract promises a 503.
const RESOLVE_WITHIN_MS = 1_000;

export const resolutionRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/resolution',
    scope: Scope.operate,
    tag: 'operators',
    summary: 'Decide about a parked order: retry its step, skip it, or compensate',
    params: orderParams,
    headers: idempotencyHeaders,
    body: resolutionBody,
    answers: {
      202: {
        description: 'Decided; the order goes on, or parks again when that does not help',
        schema: orderResolutionSchema,
        headers: { Location: { description: 'The order', schema: { type: 'string' } }, ...replayedHeader },
      },
    },
    problems: [
      'order-not-found',
      'order-not-parked',
      'resolution-not-possible',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ params: { id }, headers, body }, { res, caller }) => {
      const { answers } = dependencies;
      const { tenant } = caller;
      const key = { tenant, idempotencyKey: headers['idempotency-key'] };
      const hash = requestHash('POST /orders/{id}/resolution', { id, ...body });
      const bound = await answers.find(key);
      if (bound && (bound.requestHash !== hash || !bound.answer)) throw keyReused();
      if (bound?.answer) return sendAnswer(res, bound.answer, { replayed: true });

      const answer = await decide(dependencies, caller, { orderId: id, resolutionId: nameOf(key), decision: body });
      const standing = await answers.bind({ ...key, requestHash: hash, answer });
      if ('keyReused' in standing) throw keyReused();
      sendAnswer(res, standing.answer, { replayed: standing.repeated });
    },
  });

/** The same for every repeat, and nobody can tell the key from it: it stands in the history in Temporal. */
const nameOf = ({ tenant, idempotencyKey }: { tenant: string; idempotencyKey: string }): string =>
  `resolution-${createHash('sha256').update(`${tenant}\n${idempotencyKey}`).digest('hex').slice(0, 32)}`;

async function decide(
  { reading, resolver, audit, launches }: Dependencies,
  { tenant, actor }: Caller,
  { orderId, resolutionId, decision }: { orderId: string; resolutionId: string; decision: Decision },
): Promise<RecordedAnswer> {
  const order = await reading.find({ tenant, orderId });
  if (!order) throw new Problem('order-not-found', 'No order has this id');
  // After the order: a decision that is carried out in between is found here.
  const done = await audit.find({ orderId, resolutionId });
  if (done) return answerWith({ orderId, ...done }, decision);
  if (!order.attention) throw notParked(order);

  const { action, value, reason } = decision;
  const { workflowId = orderId } = order.attention;
  const resolution = { action, actor, reason, resolutionId, ...(value === undefined ? {} : { value }) };
  const resolving = await ask(() => resolver.resolve({ workflowId, resolution, withinMs: RESOLVE_WITHIN_MS }));
  if ('gone' in resolving) {
    // Somebody ended it in Temporal. Started again, it goes on, or parks again and can be told.
    await launches.markAgain({ orderId });
    const detail = 'The order’s workflow had ended and is being started again; repeat the request if it parks again';
    throw new Problem('service-unavailable', detail, { headers: RETRY_SOON });
  }
  if ('refused' in resolving) {
    const detail = `${resolving.refused}. Possible here: ${possibleActions(order.attention.step).join(', ')}`;
    throw new Problem('resolution-not-possible', detail);
  }
  return answerWith({ orderId, actor, reason, ...resolving.resolved }, decision);
}

async function ask(call: () => Promise<Resolving>): Promise<Resolving> {
  try {
    return await call();
  } catch (error) {
    const detail = 'The order’s workflow did not answer in time; repeat the request with the same Idempotency-Key';
    throw Object.assign(new Problem('service-unavailable', detail, { headers: RETRY_SOON }), { cause: error });
  }
}

function notParked({ status }: Order): Problem {
  const detail = isClosed(status) ? `The order has ended ${status}` : `The order is ${status} and goes on by itself`;
  return new Problem('order-not-parked', detail);
}

/** What was decided under this name, if that is what was asked for now: a key must not carry two decisions. */
function answerWith(decided: OrderResolutionBody, asked: Decision): RecordedAnswer {
  if (decided.action !== asked.action || decided.value !== asked.value || decided.reason !== asked.reason) {
    throw keyReused();
  }
  const { orderId, step, action, value, actor, reason } = decided;
  const body = { orderId, step, action, ...(value === undefined ? {} : { value }), actor, reason };
  return { status: 202, body: JSON.stringify(body), location: `/orders/${orderId}` };
}
