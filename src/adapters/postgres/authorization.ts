// Money that is authorized, to be captured as its order ships. What must stay true: what was captured is in the ledger once, whoever
// learns of it first and however many captures it took; and an authorization that nears its end is looked at before.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { Cause } from '../../events/causes.ts';
import type { PaymentRecords } from '../../ports/payment.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { enterLedger } from './ledger.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { keepSaved, setState, stopWaiting, takenBy } from './payment-rows.ts';

/** A day: an outage of half of it, and a person who has to look, fit in. */
export const AUTHORIZATION_MARGIN_MS = 24 * 3_600_000;

type Authorizations = Pick<PaymentRecords, 'recordAuthorization' | 'recordReceived'>;

export const createAuthorizations = ({
  db,
  authorizationMarginMs = AUTHORIZATION_MARGIN_MS,
}: {
  db: Database;
  authorizationMarginMs?: number | undefined;
}): Authorizations => ({
  recordAuthorization: (request) => inTransaction(db, (tx) => recordAuthorization(tx, request, authorizationMarginMs)),
  recordReceived: (request) =>
    inTransaction(db, async (tx) => enterReceived(tx, await lockOrder(tx, request.orderId), request)),
});

async function recordAuthorization(
  tx: Tx,
  {
    orderId,
    ordinal,
    providerId,
    amountMinor,
    currency,
    authorization,
    saved,
  }: Parameters<PaymentRecords['recordAuthorization']>[0],
  marginMs: number,
): Promise<void> {
  await lockOrder(tx, orderId);
  const { until, isMultiple } = authorization;
  const { rows } = await sql`
    update payments
    set state = 'authorized', authorized_at = clock_timestamp(), authorized_until = ${until}::timestamptz, captures_many = ${isMultiple},
        capture_after = ${until}::timestamptz - ${marginMs} * interval '1 millisecond', updated_at = clock_timestamp()
    where order_id = ${orderId} and ordinal = ${ordinal} and state = 'pending' returning ordinal`.execute(tx);
  if (rows.length === 0) return;
  await keepSaved(tx, { orderId, ordinal }, saved);
  await stopWaiting(tx, { orderId, ordinal });
  await recordChange(tx, {
    orderId,
    type: EventType.paymentAuthorized,
    data: { ordinal, providerId, amountMinor, currency, until, isMultiple },
  });
}

/** As PaymentRecords tells of it, within the transaction of more; `cause`: what it was captured for, where that is known. */
export async function enterReceived(
  tx: Tx,
  { tenant }: LockedOrder,
  { orderId, ordinal, providerId, receivedMinor, currency, isOver }: Parameters<PaymentRecords['recordReceived']>[0],
  cause?: Cause,
): Promise<void> {
  const { takenMinor, leftMinor } = await takenBy(tx, { orderId, ordinal });
  const amountMinor = receivedMinor - takenMinor;
  if (amountMinor > 0) {
    // The provider counts what it has received of a payment: a capture is known by what it brought that to.
    const providerObject = takenMinor === 0 ? providerId : `${providerId}#${receivedMinor}`;
    await enterLedger(tx, { tenant, orderId, ordinal, kind: 'captured', providerObject, amountMinor, currency });
    await recordChange(tx, {
      orderId,
      type: EventType.paymentCaptured,
      data: { ordinal, providerId, amountMinor, currency },
      ...(cause ? { cause } : {}),
    });
  }
  if (!isOver) return;
  const { rows } = await sql<{ amountMinor: number }>`
    select amount_minor as "amountMinor" from payments
    where order_id = ${orderId} and ordinal = ${ordinal} and state in ('pending', 'authorized')`.execute(tx);
  const [open] = rows;
  if (!open) return;
  const isGivenBack = leftMinor + Math.max(0, amountMinor) === 0;
  await setState(tx, { orderId, ordinal }, isGivenBack ? 'refunded' : 'captured');
  const releasedMinor = open.amountMinor - Math.max(receivedMinor, takenMinor);
  if (releasedMinor > 0)
    await recordChange(tx, {
      orderId,
      type: EventType.paymentReleased,
      data: { ordinal, providerId, amountMinor: releasedMinor, currency },
    });
}
