import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { CapturePolicy } from '../../domain/capture.ts';
import { Scope } from '../../domain/scope.ts';
import type {
  Acceptance,
  Accepted,
  Accepting,
  AnswerPlan,
  PlaceOrder,
  RecordedAnswer,
} from '../../ports/acceptance.ts';
import type { LaunchableOrder } from '../../ports/launch.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import { holdBack } from '../middleware/measure.ts';
import { currentTraceparent } from '../../runtime/tracing/trace.ts';
import { aboutOrder } from '../about-order.ts';
import { Problem } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { waitOf } from '../prefer.ts';
import { answerWith, keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { orderSchema, placeOrderBody, placeOrderHeaders, type PlaceOrderBody } from '../schemas/order.ts';
import type { Waiters } from '../waiters.ts';
import { exchangeProblem } from './exchange-problem.ts';
import { pricingProblem } from './pricing-problem.ts';

type Dependencies = {
  acceptance: Acceptance;
  reading: OrderReading;
  waiters: Waiters;
  view: OrderView;
  launchSoon: (order: LaunchableOrder) => void;
  /** When what ships is paid, where the order does not say. */
  capturePolicy: CapturePolicy;
  /** Whether too many accepted orders wait already for their workflow. */
  isBacklogFull: () => boolean;
  /** Whether this process is so late already that more work would only make every answer later. */
  isOverloaded: () => boolean;
};
type Key = { tenant: string; idempotencyKey: string };

/** Seconds after which an overloaded service may have caught up. */
const BACKLOG_RETRY = { 'Retry-After': '10' };

/** Another replica may be idle, and this one catches up within seconds. */
const OVERLOAD_RETRY = { 'Retry-After': '2' };

const locationHeader = { Location: { description: 'The order', schema: { type: 'string' } } };

export const placeOrderRoute = (dependencies: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders',
    operationId: 'placeOrder',
    scope: Scope.write,
    tag: 'orders',
    summary: 'Place an order',
    headers: placeOrderHeaders,
    body: placeOrderBody,
    answers: { 202: placed('Accepted: it is worked on exactly once'), 200: placed('Settled within `Prefer: wait`') },
    admit: () => {
      if (!dependencies.isOverloaded()) return;
      throw new Problem('overloaded', 'Try again later, with the same Idempotency-Key', { headers: OVERLOAD_RETRY });
    },
    problems: [
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'invalid-header',
      'idempotency-key-reused',
      'unknown-sku',
      'mixed-currencies',
      'amount-too-large',
      'unknown-return',
      'return-not-exchangeable',
      'return-exchanged',
      'too-many-waiting',
      'overloaded',
    ],
    handle: async ({ headers, body }, { res, caller: { tenant } }) => {
      const { acceptance, view, launchSoon, isBacklogFull } = dependencies;
      const waitMs = waitOf(headers.prefer);
      const key: Key = { tenant, idempotencyKey: headers['idempotency-key'] };
      const request = {
        ...key,
        ...requestOf(body, dependencies.capturePolicy),
        correlationId: headers['x-correlation-id'] ?? randomUUID(),
        traceparent: currentTraceparent(),
      };
      const now = (order: Order): RecordedAnswer => answerWith(view, order, 202);
      const plan = waitMs > 0 ? { withinMs: waitMs } : { now };
      const accepting = await acceptance.place({ ...request, onlyRepeats: isBacklogFull() }, plan);

      if ('accepted' in accepting) {
        aboutOrder(res, { orderId: accepting.order.id, correlationId: accepting.order.correlationId });
        launchSoon(launchable(accepting.order, request, plan));
        return sendAnswer(res, await firstAnswer(dependencies, key, accepting.accepted, res), { replayed: false });
      }
      if ('repeated' in accepting) {
        aboutOrder(res, accepting.repeated);
        return sendAnswer(res, await firstAnswer(dependencies, key, accepting.repeated, res), { replayed: true });
      }
      throw refusalOf(accepting, body);
    },
  });

const placed = (description: string) => ({
  ...{ description, schema: orderSchema, headers: { ...locationHeader, ...replayedHeader } },
});

/** The recorded answer; where it is still due, the order's settling or the end of the wait decides it. */
async function firstAnswer(
  dependencies: Dependencies,
  key: Key,
  accepted: Accepted,
  res: Response,
): Promise<RecordedAnswer> {
  if ('answer' in accepted) return accepted.answer;
  const { waiters, reading, acceptance, view } = dependencies;
  const { orderId, answerDueInMs } = accepted;
  holdBack(res);
  const gone = new AbortController();
  // It may have gone while the order was being accepted: then no event tells of it any more.
  if (res.closed) gone.abort();
  res.once('close', () => gone.abort());
  const settled = gone.signal.aborted
    ? null
    : await waiters.waitFor({ orderId, withinMs: answerDueInMs, signal: gone.signal });
  // Nobody hears an answer now, and none may be recorded before its time: a repeat still gets what it is owed.
  if (gone.signal.aborted) throw new Problem('request-timeout', 'The client went away');
  const order = settled ?? (await reading.find({ tenant: key.tenant, orderId }));
  if (!order) throw new Error(`Expected order ${orderId} to exist; found none`);
  return acceptance.settleAnswer({ ...key, answer: answerWith(view, order, settled ? 200 : 202) });
}

/** What is paid as it ships has to ship. */
function expectToShip({ capture, shipping }: PlaceOrderBody): void {
  if (capture !== 'per-shipment' || shipping) return;
  throw new Problem('invalid-body', 'Only an order that ships can be paid as it ships', {
    errors: [{ pointer: '/capture', message: 'needs shipping' }],
  });
}

function requestOf(body: PlaceOrderBody, policy: CapturePolicy) {
  const { shipping: asked, contact: given, metadata = {}, paymentRetryMinutes = null } = body;
  expectToShip(body);
  const { onShortage = 'reject', ...address } = asked ?? {};
  // What it wants of the stock says nothing about a person: it must not go where the address goes.
  const shipping = asked ? { ...address, country: asked.country } : null;
  const hash = requestHash('POST /orders', body);
  const capture: CapturePolicy = shipping ? (body.capture ?? policy) : 'at-confirm';
  const contact = given && { email: given.email, name: given.name ?? null, locale: given.locale ?? null };
  return { ...body, requestHash: hash, shipping, onShortage, capture, contact, metadata, paymentRetryMinutes };
}

function launchable(
  { id, totalMinor, totals, currency, items, placedAt, updatedAt }: Order,
  request: Omit<PlaceOrder, 'onlyRepeats' | 'items'> & { capture: CapturePolicy },
  plan: AnswerPlan,
): LaunchableOrder {
  const { tenant, idempotencyKey, requestHash, customerId, correlationId, paymentMethod, paymentRetryMinutes } =
    request;
  const { shipping, metadata, onShortage, exchangeOf, capture, savePaymentMethod, traceparent = null } = request;
  return {
    orderId: id,
    ships: shipping !== null,
    onShortage,
    capture,
    paymentRetryMinutes,
    totalMinor,
    currency,
    customerId,
    traceparent,
    itemCount: items.reduce((sum, { quantity }) => sum + quantity, 0),
    record: {
      ...{ tenant, idempotencyKey, requestHash, customerId, correlationId, paymentMethod, paymentRetryMinutes },
      ...{ lines: items, totals, placedAt, recordedAt: updatedAt, answeredAtOnce: 'now' in plan },
      ...(onShortage === 'reject' ? {} : { onShortage }),
      ...(capture === 'at-confirm' ? {} : { capture }),
      ...(savePaymentMethod === true ? { savePaymentMethod } : {}),
      ...(exchangeOf ? { exchangeOf } : {}),
      omitted: [
        ...(shipping ? ['shipping' as const] : []),
        ...(isEmpty(metadata) ? [] : ['metadata' as const]),
        ...(request.contact ? ['contact' as const] : []),
      ],
    },
  };
}

const isEmpty = (object: object): boolean => Object.keys(object).length === 0;

function refusalOf(
  accepting: Exclude<Accepting, { accepted: unknown } | { repeated: unknown }>,
  { items }: PlaceOrderBody,
): Problem {
  if ('overloaded' in accepting) {
    return new Problem('too-many-waiting', 'Try again later, with the same Idempotency-Key', {
      headers: BACKLOG_RETRY,
    });
  }
  if ('keyReused' in accepting) {
    return keyReused();
  }
  if ('notExchangeable' in accepting) return exchangeProblem(accepting.notExchangeable);
  return pricingProblem(accepting.refused, items);
}
