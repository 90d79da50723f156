// The steps that change the order itself: the pivot and the close. What must stay true: nothing is confirmed that is not
// paid and held, and nothing is closed that still holds stock or money.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { needsOperatorFailure } from '../../contracts/failures.ts';
import type { CancelAnswer } from '../../contracts/messages.ts';
import { isSold, isUnsold, isSoldForGood } from '../../domain/order.ts';
import { ORDER_RECOVERED } from '../../domain/payment-notice.ts';
import type { Ending } from '../../domain/rejection.ts';
import { command, type Cause } from '../../events/causes.ts';
import type { OrderSteps } from '../../ports/order.ts';
import { awaitsStock } from './backorder-rows.ts';
import { dropCaptures } from './capture-rows.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { leaveDisputesToFollow } from './dispute.ts';
import { settleHolds } from './inventory.ts';
import { closeStory, closeStorySteps } from './parked-steps.ts';
import { createParkingSteps } from './parking.ts';
import { createReviewSteps } from './review.ts';
import { cancelShipments } from './shipment-change.ts';
import { fixEnding, lockOrder, recordChange, writeEnding, type LockedOrder } from './order-change.ts';

export const createOrderSteps = ({ db }: { db: Database }): OrderSteps => ({
  confirm: ({ orderId }) => inTransaction(db, (tx) => confirm(tx, orderId)),
  cancel: (request) => inTransaction(db, (tx) => cancel(tx, request)),
  close: ({ orderId, ending }) => inTransaction(db, (tx) => close(tx, orderId, ending)),
  ...createParkingSteps({ db }),
  ...createReviewSteps({ db }),
});

async function confirm(tx: Tx, orderId: string): Promise<{ confirmed: true } | { ending: Ending }> {
  const order = await lockOrder(tx, orderId);
  if (isSold(order.status)) return { confirmed: true };
  if (order.ending) return { ending: order.ending };
  if (order.doubt !== null) throw needsOperatorFailure(order.doubt);
  // Contradictions in our own books do not pass by themselves: somebody has to look, at once.
  if (order.status !== 'reserved')
    throw needsOperatorFailure(`Expected order ${orderId} to be reserved; found ${order.status}`);
  if (order.waiting?.for === 'review') throw needsOperatorFailure(`Order ${orderId} waits for its review`);
  await expectPaid(tx, order);
  const sold = await settleHolds(tx, order, 'sold');
  if (sold.length === 0 && !(await awaitsStock(tx, order)))
    throw needsOperatorFailure(`Expected order ${orderId} to hold stock; found none`);
  await leaveNothingOpen(tx, order);
  await leaveDisputesToFollow(tx, orderId);
  await recordChange(tx, {
    orderId,
    type: EventType.orderConfirmed,
    status: 'confirmed',
    data: {
      ...{ totalMinor: order.totalMinor, currency: order.currency, items: sold },
      ...(order.ships ? { ships: true } : {}),
    },
  });
  return { confirmed: true };
}

/** All of it is captured; or authorized, where it is paid as it ships. */
async function expectPaid(tx: Tx, { id, totalMinor, capture }: LockedOrder): Promise<void> {
  const { balance, disputed } = await moneyOf(tx, id);
  const authorized = capture === 'per-shipment' ? await authorizedOf(tx, id) : 0;
  if (balance + authorized === totalMinor) return;
  const what = capture === 'per-shipment' ? 'captured or authorized' : 'captured';
  const why = disputed > 0 ? `, because ${disputed} are held back by a dispute` : '';
  throw needsOperatorFailure(
    `Expected ${totalMinor} to be ${what} for order ${id}; found ${balance + authorized}${why}`,
  );
}

/** Decided under the lock that the pivot takes as well: whichever comes first stands. */
async function cancel(tx: Tx, { orderId, actor, reason }: Parameters<OrderSteps['cancel']>[0]): Promise<CancelAnswer> {
  const order = await lockOrder(tx, orderId);
  if (order.ending) return { ending: order.ending };
  // The first dispatch makes the order `shipped` under this lock.
  if (isSoldForGood(order)) return { sold: true };
  const ending = { status: 'cancelled', reason, actor } as const;
  if (isSold(order.status)) await takeBack(tx, orderId, ending, command('cancel', orderId));
  else await fixEnding(tx, order, ending);
  await closeStorySteps(tx, orderId);
  await recordChange(tx, { orderId, type: EventType.orderCancellationRequested, data: { actor, reason } });
  return { ending };
}

/** The sale is undone: nothing of it may leave any more. For a locked order that is sold, and of which nothing has left. */
export async function takeBack(tx: Tx, orderId: string, ending: Ending, cause: Cause): Promise<void> {
  await writeEnding(tx, orderId, ending);
  await cancelShipments(tx, orderId, cause);
  // One that is parked would wait for an operator: it has to hear that nothing is left to decide.
  await sql`
    update refunds set launch_after = clock_timestamp()
    where order_id = ${orderId} and state = 'requested' and launch_after is not null`.execute(tx);
}

async function close(tx: Tx, orderId: string, wanted: Ending): Promise<Ending> {
  const order = await lockOrder(tx, orderId);
  const ending = await fixEnding(tx, order, wanted);
  if (isUnsold(order.status)) return ending;
  await expectNothingTaken(tx, order);

  await voidUnbegun(tx, orderId);
  await dropCaptures(tx, order);
  await leaveNothingOpen(tx, order);
  await leaveDisputesToFollow(tx, orderId);
  const data =
    ending.status === 'rejected' ? { rejection: ending.rejection } : { reason: ending.reason, actor: ending.actor };
  const type = ending.status === 'rejected' ? EventType.orderRejected : EventType.orderCancelled;
  await recordChange(tx, { orderId, type, status: ending.status, data });
  return ending;
}

/**
 * Another card that no run has come to, given just before a cancellation: no undo of its own was ever armed. The first try is the
 * order's from its placing: one that ends before its charge begins has nothing to void.
 */
async function voidUnbegun(tx: Tx, orderId: string): Promise<void> {
  const { rows } = await sql<{ ordinal: number }>`
    update payments
    set state = 'voided', fenced_at = coalesce(fenced_at, clock_timestamp()), updated_at = clock_timestamp()
    where order_id = ${orderId} and ordinal > 1 and state = 'pending' and provider_id is null and not stray
    returning ordinal`.execute(tx);
  for (const { ordinal } of rows)
    await recordChange(tx, { orderId, type: EventType.paymentVoided, data: { ordinal, providerId: null } });
}

/** A closed order waits for nobody, also when the run that closes it is not the one that had it wait. */
async function leaveNothingOpen(tx: Tx, { id, wasRecovered }: LockedOrder): Promise<void> {
  await closeStory(tx, id);
  if (wasRecovered) await havePaymentsFollowed(tx, id);
}

/** What a recovery could not tell about them, each payment of the order is asked for once it has ended. */
async function havePaymentsFollowed(tx: Tx, orderId: string): Promise<void> {
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
    select 'recovery_' || r.recovery_id || '_' || p.id, ${ORDER_RECOVERED}, p.id, r.order_id, clock_timestamp()
    from orders o join recovered_orders r on r.order_id = o.id and r.recovery_id = o.recovery_id, unnest(r.payment_ids) p (id)
    where o.id = ${orderId} on conflict do nothing`.execute(tx);
}

/**
 * The order's money now, by the ledger, over its own tries: what is ours, and what of the rest disputes hold back. A stray payment
 * is on its way back by a workflow of its own, and must not hold up the order meanwhile.
 */
async function moneyOf(tx: Tx, orderId: string): Promise<{ balance: number; disputed: number }> {
  const { rows } = await sql<{ balance: number; disputed: number }>`
    select coalesce(sum(l.amount_minor), 0)::bigint as balance,
           coalesce(-sum(l.amount_minor) filter (where l.dispute_id is not null), 0)::bigint as disputed
    from ledger l join payments p using (order_id, ordinal) where l.order_id = ${orderId} and not p.stray`.execute(tx);
  return rows[0] ?? { balance: 0, disputed: 0 };
}

/** What of the order's own payments can still be captured. */
async function authorizedOf(tx: Tx, orderId: string): Promise<number> {
  const { rows } = await sql<{ authorized: number }>`
    select coalesce(sum(p.amount_minor - (
      select coalesce(sum(l.amount_minor), 0) from ledger l where l.order_id = p.order_id and l.ordinal = p.ordinal and l.kind = 'captured'
    )), 0)::bigint as authorized
    from payments p where p.order_id = ${orderId} and p.state = 'authorized' and p.fenced_at is null and not p.stray`.execute(
    tx,
  );
  return rows[0]?.authorized ?? 0;
}

async function expectNothingTaken(tx: Tx, order: LockedOrder): Promise<void> {
  const { balance, disputed } = await moneyOf(tx, order.id);
  // A dispute may take what a refund had given back already: whoever follows it afterwards has to look, the order need not wait.
  if (balance > 0 || balance + disputed < 0)
    throw needsOperatorFailure(`Expected nothing to be taken for order ${order.id}; found ${balance}`);
  if (order.capture === 'per-shipment') await expectNothingAuthorized(tx, order.id);
  const { rows } = await sql`
    select 1 from reservations where order_id = ${order.id} and state in ('held', 'sold') limit 1`.execute(tx);
  if (rows.length > 0)
    throw needsOperatorFailure(`Expected order ${order.id} to hold no stock, and none to be sold; found some`);
}

async function expectNothingAuthorized(tx: Tx, orderId: string): Promise<void> {
  const { rows } = await sql<{ providerId: string | null }>`
    select provider_id as "providerId" from payments where order_id = ${orderId} and state = 'authorized' and not stray`.execute(
    tx,
  );
  const [open] = rows;
  if (open)
    throw needsOperatorFailure(`Expected payment ${open.providerId} of order ${orderId} to be void; it is authorized`);
}
