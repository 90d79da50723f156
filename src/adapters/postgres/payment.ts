// Our books about money. What must stay true: a fence refuses effects, never facts; a ledger row is written once per
// object of the provider, by whoever learns of it first; the order's row is locked around every change.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { Ending } from '../../domain/rejection.ts';
import type { Cause } from '../../events/causes.ts';
import type { PaymentRecord, PaymentRecords } from '../../ports/payment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { createDisputes } from './dispute.ts';
import { enterLedger } from './ledger.ts';
import { fixEnding, lockOrder, recordChange } from './order-change.ts';
import { createAuthorizations } from './authorization.ts';
import { keepSaved, setState, stopWaiting, takenBy, type Try } from './payment-rows.ts';
import { createPaymentCustomers, customerOf } from './payment-customer.ts';
import { createPaymentWaiting } from './payment-waiting.ts';
import { createStrayPayments, keepToGiveBack } from './stray-payment.ts';

/** `authorizationMarginMs`: how long before it ends an authorization is captured; see authorization.ts. */
export const createPaymentRecords = ({
  db,
  authorizationMarginMs,
}: {
  db: Database;
  authorizationMarginMs?: number | undefined;
}): PaymentRecords => ({
  find: (request) => findPayment(db, request),

  ...createPaymentWaiting({ db, findPayment }),
  ...createPaymentCustomers({ db, findPayment }),
  ...createStrayPayments({ db }),
  ...createDisputes({ db }),
  ...createAuthorizations({ db, authorizationMarginMs }),

  keepProviderId: (request) => inTransaction(db, (tx) => keepProviderId(tx, request)),

  raiseRevision: async ({ orderId, ordinal, operation, from }) => {
    const column = sql.ref(`${operation}_revision`);
    await sql`
      update payments set ${column} = ${from + 1}, updated_at = clock_timestamp()
      where order_id = ${orderId} and ordinal = ${ordinal} and ${column} = ${from}`.execute(db);
  },

  recordCapture: (request) => inTransaction(db, (tx) => recordCapture(tx, request)),

  adoptPayment: (request) => inTransaction(db, (tx) => adoptPayment(tx, request)),

  recordDecline: ({ orderId, ordinal, rejection }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, orderId);
      const payment = await findPayment(tx, { orderId, ordinal });
      if (payment.state !== 'pending') return;
      await sql`
        update payments set state = 'declined', rejection = ${JSON.stringify(rejection)}::jsonb, updated_at = clock_timestamp()
        where order_id = ${orderId} and ordinal = ${ordinal}`.execute(tx);
      await stopWaiting(tx, { orderId, ordinal });
      await recordChange(tx, { orderId, type: EventType.paymentDeclined, data: { ordinal, ...rejection } });
    }),

  fence: (request) =>
    inTransaction(db, async (tx) => {
      await fixEnding(tx, await lockOrder(tx, request.orderId), request.ending);
      await stopWaiting(tx, request);
      await sql`
        update payments set fenced_at = coalesce(fenced_at, clock_timestamp())
        where order_id = ${request.orderId} and ordinal = ${request.ordinal}`.execute(tx);
      return findPayment(tx, request);
    }),

  recordVoid: ({ orderId, ordinal }) =>
    inTransaction(db, async (tx) => {
      await lockOrder(tx, orderId);
      const payment = await findPayment(tx, { orderId, ordinal });
      // A declined payment stays declined: that is why the order ended, and no money stood behind it.
      if (payment.state !== 'pending' && payment.state !== 'authorized') return;
      await setState(tx, { orderId, ordinal }, 'voided');
      await recordChange(tx, {
        orderId,
        type: EventType.paymentVoided,
        data: { ordinal, providerId: payment.providerId },
      });
    }),

  recordRefund: (request) => inTransaction(db, (tx) => enterRefund(tx, request)),
});

/** A refund that succeeded, whoever made it, once; also within the transaction of more, which knows what it was made for: `cause`. */
export async function enterRefund(
  tx: Tx,
  { orderId, ordinal, refundId, amountMinor, currency }: Parameters<PaymentRecords['recordRefund']>[0],
  cause?: Cause,
): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const entry = { tenant: order.tenant, orderId, ordinal, providerObject: refundId, currency };
  if (!(await enterLedger(tx, { ...entry, kind: 'refunded', amountMinor: -amountMinor }))) return;
  const payment = await findPayment(tx, { orderId, ordinal });
  // While more of it can be captured, it is not over.
  if (payment.state !== 'authorized' && (await takenBy(tx, { orderId, ordinal })).leftMinor === 0)
    await setState(tx, { orderId, ordinal }, 'refunded');
  await recordChange(tx, {
    orderId,
    type: EventType.paymentRefunded,
    data: { ordinal, refundId, amountMinor, currency },
    ...(cause ? { cause } : {}),
  });
}

async function keepProviderId(
  tx: Tx,
  request: Try & { providerId: string },
): Promise<{ providerId: string } | { ending: Ending }> {
  await lockOrder(tx, request.orderId);
  const payment = await findPayment(tx, request);
  if (payment.ending) return { ending: payment.ending };
  // Given up for another try: this one must stop, whoever still works on it.
  if (payment.fenced) throw needsOperatorFailure(`Payment ${request.ordinal} of ${request.orderId} was given up`);
  if (payment.providerId !== null) return { providerId: payment.providerId };
  await sql`
    update payments set provider_id = ${request.providerId}, updated_at = clock_timestamp()
    where order_id = ${request.orderId} and ordinal = ${request.ordinal} and provider_id is null`.execute(tx);
  return { providerId: request.providerId };
}

async function recordCapture(
  tx: Tx,
  { orderId, ordinal, providerId, amountMinor, currency, saved }: Parameters<PaymentRecords['recordCapture']>[0],
): Promise<void> {
  const order = await lockOrder(tx, orderId);
  const entry = { tenant: order.tenant, orderId, ordinal, providerObject: providerId, currency };
  if (!(await enterLedger(tx, { ...entry, kind: 'captured', amountMinor }))) return;
  await setState(tx, { orderId, ordinal }, 'captured');
  await keepSaved(tx, { orderId, ordinal }, saved);
  await stopWaiting(tx, { orderId, ordinal });
  await recordChange(tx, {
    orderId,
    type: EventType.paymentCaptured,
    data: { ordinal, providerId, amountMinor, currency },
  });
}

async function adoptPayment(
  tx: Tx,
  { insteadOf, ...request }: Parameters<PaymentRecords['adoptPayment']>[0],
): ReturnType<PaymentRecords['adoptPayment']> {
  const { orderId, ordinal, providerId } = request;
  await lockOrder(tx, orderId);
  const { rows: owners } = await sql<{ orderId: string }>`
    select order_id as "orderId" from payments where provider_id = ${providerId} and (order_id, ordinal) <> (${orderId}, ${ordinal}::int)
    union all
    select order_id from ledger where provider_object = ${providerId} and order_id <> ${orderId} limit 1`.execute(tx);
  const { ending } = await findPayment(tx, request);
  // An attempt whose answer was lost has kept it for this order, which ends.
  const isKept = ending !== null && owners[0]?.orderId === orderId;
  if (owners[0] && !isKept) return { usedBy: owners[0].orderId };
  if (ending) {
    await keepToGiveBack(tx, request);
    return { ending };
  }
  const { rows } = await sql`
    update payments set provider_id = ${providerId}, updated_at = clock_timestamp()
    where order_id = ${orderId} and ordinal = ${ordinal} and state = 'pending' and provider_id is not distinct from ${insteadOf}::text
    returning provider_id`.execute(tx);
  if (rows.length !== 1) {
    throw new Error(
      `Expected payment ${ordinal} of order ${orderId} to be pending under ${insteadOf}; it has moved on`,
    );
  }
  await recordCapture(tx, request);
  return { adopted: true };
}

async function findPayment(db: Database | Tx, { orderId, ordinal }: Try): Promise<PaymentRecord> {
  const { rows } = await sql<PaymentRecord>`
    select p.order_id as "orderId", p.ordinal, p.state, p.amount_minor as "amountMinor", p.currency,
           p.payment_method as "paymentMethod", p.provider_id as "providerId", p.create_revision as "createRevision",
           p.confirm_revision as "confirmRevision", p.void_revision as "voidRevision",
           p.refund_revision as "refundRevision", p.release_revision as "releaseRevision",
           p.customer_revision as "customerRevision", ${customerOf} as customer, case when p.amendment is null then o.capture else 'at-confirm' end as capture, p.rejection, p.fenced_at is not null as fenced, o.ending, o.doubt,
           coalesce(o.waiting ->> 'for' = 'review', false) as "isInReview"
    from payments p join orders o on o.id = p.order_id
    where p.order_id = ${orderId} and p.ordinal = ${ordinal}`.execute(db);
  const [payment] = rows;
  if (!payment) throw new Error(`Expected payment ${ordinal} of order ${orderId} in the database; found none`);
  return payment;
}
