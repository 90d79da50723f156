// What the rows must still know when a sale is taken back, or a database was restored behind one.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createCarrierActivities } from '../../src/activities/carrier.ts';
import { noCarrier } from '../../src/adapters/shipping/http.ts';
import { isLastEvent } from '../../src/api/event-stream.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createRestoreRecords } from '../../src/adapters/postgres/restore.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 100);
});
afterAll(() => close());

const cancelled = { status: 'cancelled', actor: 'customer-1', reason: 'changed my mind' } as const;

async function sold({ ships }: { ships: boolean }): Promise<string> {
  const orderId = await acceptOrder(db, ['book']);
  await sql`update orders set ships = ${ships}, shipping = '{"name":"A"}' where id = ${orderId}`.execute(db);
  await createInventory({ db }).reserve({ orderId });
  await createPaymentRecords({ db }).keepProviderId({ orderId, ordinal: 1, providerId: `pi_${orderId}` });
  const capture = { orderId, ordinal: 1, providerId: `pi_${orderId}`, amountMinor: 1_000, currency: 'EUR' };
  await createPaymentRecords({ db }).recordCapture(capture);
  await createOrderSteps({ db }).confirm({ orderId });
  if (ships) await createShipmentRecords({ db }).plan({ orderId });
  return orderId;
}

test('the events of an order that ships go on after its sale', async () => {
  const lastOf = async (orderId: string): Promise<boolean[]> => {
    const events = await createEventLog({ db }).ofOrder({ orderId, afterSequence: 0, limit: 100 });
    return events.filter(({ eventType }) => eventType === 'order.confirmed').map(isLastEvent);
  };
  expect(await lastOf(await sold({ ships: true }))).toEqual([false]);
  expect(await lastOf(await sold({ ships: false }))).toEqual([true]);
});

test('the sale of an order that ships is not its end, to whoever looks for a restored backup', async () => {
  const orderIds = [await sold({ ships: true }), await sold({ ships: false })];
  const known = await createRestoreRecords({ db }).findKnown({ orderIds });
  expect(orderIds.map((id) => known.find(({ orderId }) => orderId === id))).toMatchObject([
    { isOpen: true, toldItsEnd: false },
    { isOpen: false, toldItsEnd: true },
  ]);
});

test('what a recovery found to be cancelled is packed by nobody, and its labels are voided', async () => {
  const orderId = await sold({ ships: true });
  const ref = { orderId, number: 1 };
  const packing = createPacking({ db });
  const shipments = createShipmentRecords({ db });
  await packing.pack({ ...ref, tenant: 'local', actor: 'packer' });
  await shipments.askLabel(ref);
  await shipments.keepParcel({ ...ref, parcelId: `parcel_${orderId}`, trackingNumber: 'T1' });
  const other = await sold({ ships: true });
  // As it writes them: the endings alone.
  await sql`update orders set ending = ${JSON.stringify(cancelled)}::jsonb where id in (${orderId}, ${other})`.execute(
    db,
  );
  expect(await packing.pack({ orderId: other, number: 1, tenant: 'local', actor: 'packer' })).toEqual({
    notPackable: 'cancelled',
  });
  expect(await shipments.findCancelled({ orderId })).toMatchObject([{ number: 1, parcelId: `parcel_${orderId}` }]);
  expect(await shipments.findStanding(ref)).toMatchObject({ status: 'cancelled' });
});

test('a dispute that was looked at when the order was sold is looked at again when the sale has been taken back', async () => {
  const orderId = await sold({ ships: true });
  const dispute = { disputeId: `du_${orderId}`, amountMinor: 1_000, currency: 'EUR', reason: 'general' };
  await createPaymentRecords({ db }).recordDispute({
    ...{ orderId, ordinal: 1 },
    dispute: { ...dispute, state: 'open', evidenceDueAt: null, movements: [] },
  });
  const id = `${orderId}:ended:pi_${orderId}`;
  await sql`
    insert into payment_notices (event_id, event_type, payment_id, order_id, outcome)
    values (${id}, 'order.ended', ${`pi_${orderId}`}, ${orderId}, 'followed')`.execute(db);
  const { actor, reason } = cancelled;
  await createOrderSteps({ db }).cancel({ orderId, actor, reason });
  const refund = { refundId: `re_${orderId}`, amountMinor: 1_000, currency: 'EUR' };
  await createPaymentRecords({ db }).recordRefund({ orderId, ordinal: 1, ...refund });
  await createInventory({ db }).release({ orderId, ending: cancelled });
  expect(await createOrderSteps({ db }).close({ orderId, ending: cancelled })).toMatchObject({ status: 'cancelled' });
  const { rows } = await sql`
    select due_at is not null as due, outcome from payment_notices where event_id = ${id}`.execute(db);
  expect(rows).toEqual([{ due: true, outcome: null }]);
});

test('who wants a doubted order undone has not settled the doubt', async () => {
  const orderId = await sold({ ships: true });
  await sql`update orders set doubt = 'it ships' where id = ${orderId}`.execute(db);
  const orders = createOrderSteps({ db });
  const doubts: unknown[] = [];
  for (const [number, action] of (['compensate', 'retry'] as const).entries()) {
    const parking = { runId: 'run', runStartedAt: new Date().toISOString(), number };
    const parked = { orderId, workflowId: orderId, parking, step: 'charge-payment' } as const;
    await orders.park({ ...parked, reason: 'in doubt' });
    await orders.resume({ ...parked, action, actor: 'a', reason: 'r' });
    doubts.push(
      (await sql<{ doubt: string | null }>`select doubt from orders where id = ${orderId}`.execute(db)).rows[0],
    );
  }
  expect(doubts).toEqual([{ doubt: 'it ships' }, { doubt: null }]);
});

test('a label that may still be made is waited for, before the sale that it was for is given back', async () => {
  const orderId = await sold({ ships: true });
  const ref = { orderId, number: 1 };
  const shipments = createShipmentRecords({ db });
  await createPacking({ db }).pack({ ...ref, tenant: 'local', actor: 'packer' });
  await shipments.askLabel(ref);
  const { actor, reason } = cancelled;
  await createOrderSteps({ db }).cancel({ orderId, actor, reason });
  const orders = createOrderSteps({ db });
  const carrier = { ...noCarrier, list: () => Promise.resolve({ done: [] }) };
  const activities = createCarrierActivities({ carrier, shipments, orders });
  await expect(activities.cancelShipments({ orderId })).rejects.toMatchObject({ type: 'NotNow' });
  await sql`
    update shipments set label_asked_at = label_asked_at - interval '2 minutes' where order_id = ${orderId}`.execute(
    db,
  );
  await activities.cancelShipments({ orderId });
});
