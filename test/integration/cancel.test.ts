// A cancellation in the rows: who decides, what it closes, and what the reminder of an older parking makes of the rows.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createParkedSteps } from '../../src/adapters/postgres/parked-steps.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import type { ParkRequest } from '../../src/contracts/parking.ts';
import type { OrderStep } from '../../src/domain/order.ts';
import type { OrderSteps } from '../../src/ports/order.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
let orders: OrderSteps;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  orders = createOrderSteps({ db });
  await stockProduct(db, 'book', 1_000);
});
afterAll(() => close());

const cancellation = { actor: 'customer-1', reason: 'changed my mind' };
const cancelled = { status: 'cancelled', ...cancellation } as const;
const rejected = { status: 'rejected', rejection: { code: 'payment.declined', message: 'no' } } as const;
const parkedAt = (orderId: string, step: OrderStep, number = 1): ParkRequest => ({
  ...{ orderId, workflowId: orderId, step, reason: `parking ${number}` },
  parking: { runId: 'run-1', runStartedAt: '2026-01-01T00:00:00.000Z', number },
});
const open = async (orderId: string): Promise<string[]> =>
  (await createParkedSteps({ db }).list({ orderId })).map(({ step, reason }) => `${step}: ${reason}`);
async function eventsOf(orderId: string): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select event_type as type from events where order_id = ${orderId} order by sequence`.execute(db);
  return rows.map(({ type }) => type);
}
async function attentionOf(orderId: string): Promise<unknown> {
  const { rows } = await sql<{ attention: unknown }>`select attention from orders where id = ${orderId}`.execute(db);
  return rows[0]?.attention;
}

describe('a cancellation', () => {
  test('fixes the ending once: from then on nothing goes forward, and a repeat changes nothing', async () => {
    const orderId = await acceptOrder(db);
    expect(await orders.cancel({ orderId, ...cancellation })).toEqual({ ending: cancelled });
    expect(await orders.cancel({ orderId, actor: 'other', reason: 'other' })).toEqual({ ending: cancelled });
    expect(await createInventory({ db }).reserve({ orderId })).toEqual({ ending: cancelled });
    expect(await eventsOf(orderId)).toEqual(['order.placed', 'order.cancellation_requested']);
    expect(await orders.close({ orderId, ending: rejected })).toEqual(cancelled);
  });

  test('comes too late for what is sold, and for what ends otherwise', async () => {
    const sold = await acceptOrder(db);
    await createInventory({ db }).reserve({ orderId: sold });
    const capture = { providerId: `pi_${sold}`, amountMinor: 1_000, currency: 'EUR' };
    await createPaymentRecords({ db }).recordCapture({ orderId: sold, ordinal: 1, ...capture });
    await orders.confirm({ orderId: sold });
    expect(await orders.cancel({ orderId: sold, ...cancellation })).toEqual({ sold: true });

    const declined = await acceptOrder(db);
    await createPaymentRecords({ db }).fence({ orderId: declined, ordinal: 1, ending: rejected });
    expect(await orders.cancel({ orderId: declined, ...cancellation })).toEqual({ ending: rejected });
  });

  test('takes what the story has parked out of the operator’s sight at once, and an attempt to park that lands late stays out', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(parkedAt(orderId, 'charge-payment'));
    await orders.cancel({ orderId, ...cancellation });
    expect([await open(orderId), await attentionOf(orderId)]).toEqual([[], null]);
    await orders.park(parkedAt(orderId, 'charge-payment'));
    expect(await open(orderId)).toEqual([]);
  });

  test('leaves what its undo has parked in front of the operator', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(parkedAt(orderId, 'refund-payment'));
    await orders.cancel({ orderId, ...cancellation });
    expect(await open(orderId)).toEqual(['refund-payment: parking 1']);
  });
});

test('a reminder shows the parking that the workflow waits in, where the rows (restored) show an older one', async () => {
  const orderId = await acceptOrder(db);
  await orders.park(parkedAt(orderId, 'charge-payment', 1));
  await orders.remind(parkedAt(orderId, 'charge-payment', 2));
  expect(await open(orderId)).toEqual(['charge-payment: parking 2']);
  // Once more: a reminder, and nothing else.
  await orders.remind(parkedAt(orderId, 'charge-payment', 2));
  expect((await eventsOf(orderId)).slice(-2)).toEqual(['order.parked', 'order.parked.reminder']);
  // One that lands late is told of the newer one.
  await orders.remind(parkedAt(orderId, 'charge-payment', 1));
  expect(await open(orderId)).toEqual(['charge-payment: parking 2']);
});
