// An operator decides about one parked order. What must stay true: a repeat decides nothing twice, also one that comes while
// the first is under way or after its answer was lost, because the decision's name is made of the client's key.
import { createHash } from 'node:crypto';
import type { DecisionRefusal } from '../../contracts/failures.ts';
import { paymentOf } from '../../contracts/follow-payment.ts';
import { amendmentOf } from '../../contracts/amend-order.ts';
import { refundOf } from '../../contracts/refund-order.ts';
import { returnOf } from '../../contracts/return-order.ts';
import { shipmentOf } from '../../contracts/shipment.ts';
import { type OrderStep } from '../../domain/order.ts';
import { Scope } from '../../domain/scope.ts';
import { meantAmong, possibleActions, sayParked } from '../../domain/resolution.ts';
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import type { LaunchMarks } from '../../ports/launch.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import type { PaymentNoticeReceivers } from '../../ports/payment-notice.ts';
import type { AmendmentMarks } from '../../ports/amendment.ts';
import type { RefundMarks } from '../../ports/refund.ts';
import type { ReturnMarks } from '../../ports/return.ts';
import type { ShipmentNoticeReceivers } from '../../ports/shipment-notice.ts';
import type {
  AnswerBook,
  DecidedStep,
  IdentifiedStep,
  OrderResolver,
  ParkedSteps,
  ResolutionAudit,
} from '../../ports/resolution.ts';
import type { Caller } from '../middleware/authenticate.ts';
import { Problem, RETRY_SOON } from '../middleware/problems.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, orderParams, type z } from '../schemas/fields.ts';
import { orderResolutionSchema, resolutionBody } from '../schemas/resolution.ts';

type Dependencies = {
  reading: Pick<OrderReading, 'find'>;
  parkedSteps: ParkedSteps;
  resolver: OrderResolver;
  audit: ResolutionAudit;
  answers: AnswerBook;
  launches: Pick<LaunchMarks, 'markAgain'>;
  refundMarks: Pick<RefundMarks, 'markAgain'>;
  returnMarks: Pick<ReturnMarks, 'markAgain'>;
  amendmentMarks: Pick<AmendmentMarks, 'markAgain'>;
  workflows: Pick<PaymentNoticeReceivers, 'followPayment'> & Pick<ShipmentNoticeReceivers, 'followShipment'>;
};
type Decision = z.output<typeof resolutionBody>;

// With the queries around it below the 2 s in which the contract promises a 503.
const RESOLVE_WITHIN_MS = 1_000;

export const resolutionRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/resolution',
    operationId: 'resolveOrder',
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
      'parked-step-ambiguous',
      'parking-differs',
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
  dependencies: Dependencies,
  { tenant, actor }: Caller,
  { orderId, resolutionId, decision }: { orderId: string; resolutionId: string; decision: Decision },
): Promise<RecordedAnswer> {
  const { reading, parkedSteps, resolver, audit } = dependencies;
  const order = await reading.find({ tenant, orderId });
  if (!order) throw new Problem('order-not-found', 'No order has this id');
  const parked = await parkedSteps.list({ orderId });
  // After the parked steps: a decision that is carried out in between is found here.
  const done = await audit.find({ orderId, resolutionId });
  if (done) return answerWith(done, { orderId, decision });

  const { step, workflowId, ...seen } = expectOne(order, parked, decision);
  const { action, value, reason } = decision;
  const about = { since: seen.since, runId: seen.runId, number: seen.number };
  const resolution = {
    ...{ action, actor, reason, resolutionId },
    ...(value === undefined ? {} : { value }),
    // Between these rows and the workflow it may park anew: so the workflow compares again.
    ...(decision.since === undefined ? {} : { about }),
  };
  const resolving = await ask(() => resolver.resolve({ workflowId, resolution, withinMs: RESOLVE_WITHIN_MS }));
  if ('gone' in resolving) return startAgain(dependencies, { orderId, workflowId, isClosed: order.isClosed });
  if ('refused' in resolving) throw refusedBy(resolving, step);
  return answerWith({ actor, reason, workflowId, ...resolving.resolved }, { orderId, decision });
}

/** The parked step that the decision is about; refused where it is none, or may be more than one. */
function expectOne(order: Order, parked: readonly IdentifiedStep[], decision: Decision): IdentifiedStep {
  const [meant, ...others] = meantAmong(parked, decision);
  const isParkedAt = `The order is parked at ${parked.map(({ step, workflowId }) => `${step} (${workflowId})`).join(', ')}`;
  if (!meant) throw parked.length > 0 ? new Problem('order-not-parked', isParkedAt) : notParked(order);
  if (others.length > 0) throw new Problem('parked-step-ambiguous', `${isParkedAt}: name the workflowId`);
  const { since } = decision;
  if (since !== undefined && toMs(since) !== toMs(meant.since)) throw new Problem('parking-differs', sayParked(meant));
  return meant;
}

/** Clients write an instant in their own way (offsets, zeros left out); rows show milliseconds. */
const toMs = (instant: string): number => Date.parse(instant);

/** Somebody ended it in Temporal. Started again, it goes on, or parks again and can be told. */
async function startAgain(
  { launches, refundMarks, amendmentMarks, returnMarks, workflows }: Dependencies,
  { orderId, workflowId, isClosed }: { orderId: string; workflowId: string; isClosed: boolean },
): Promise<never> {
  const paymentId = paymentOf({ orderId, workflowId });
  const number = refundOf({ orderId, workflowId });
  const amendment = amendmentOf({ orderId, workflowId });
  const returned = returnOf({ orderId, workflowId });
  const shipment = isClosed ? shipmentOf(workflowId) : null;
  if (number !== null) await refundMarks.markAgain({ orderId, number });
  else if (amendment !== null) await amendmentMarks.markAgain({ orderId, number: amendment });
  else if (returned !== null) await returnMarks.markAgain({ orderId, number: returned });
  else if (shipment) await ask(() => workflows.followShipment(shipment));
  else if (paymentId === null) await launches.markAgain({ orderId });
  else await ask(() => workflows.followPayment({ orderId, paymentId }));
  const detail = 'The workflow that waited had ended and is being started again; repeat the request if it parks again';
  throw new Problem('service-unavailable', detail, { headers: RETRY_SOON });
}

/** What the rows show may be over in the workflow already: then nothing is left to be decided. */
function refusedBy({ refused, why }: { refused: string; why: DecisionRefusal }, step: OrderStep): Problem {
  switch (why) {
    case 'notParked':
      return new Problem('order-not-parked', `The workflow is at work and waits for no decision about ${step} now`);
    case 'decided':
      return new Problem('order-not-parked', refused);
    case 'parkingDiffers':
      return new Problem('parking-differs', refused);
    case 'notPossible':
      return new Problem('resolution-not-possible', `${refused}. Possible here: ${possibleActions(step).join(', ')}`);
  }
}

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const detail = 'The workflow that waits did not answer in time; repeat the request with the same Idempotency-Key';
    throw Object.assign(new Problem('service-unavailable', detail, { headers: RETRY_SOON }), { cause: error });
  }
}

function notParked({ status, isClosed }: Order): Problem {
  const detail = isClosed ? `The order has ended ${status}` : `The order is ${status} and goes on by itself`;
  return new Problem('order-not-parked', detail);
}

/** What was decided under this name, if that is what was asked for now: a key must not carry two decisions. */
function answerWith(
  { workflowId, ...decided }: DecidedStep,
  { orderId, decision: asked }: { orderId: string; decision: Decision },
): RecordedAnswer {
  const { step, action, value, since, actor, reason } = decided;
  const isAsked =
    action === asked.action &&
    value === asked.value &&
    (since && toMs(since)) === (asked.since && toMs(asked.since)) &&
    reason === asked.reason &&
    step === (asked.step ?? step) &&
    workflowId === (asked.workflowId ?? workflowId);
  if (!isAsked) throw keyReused();
  const body = { orderId, step, action, ...(value === undefined ? {} : { value }), actor, reason };
  return { status: 202, body: JSON.stringify(body), location: `/orders/${orderId}` };
}
