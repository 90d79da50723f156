// News of shipments that nobody waits for any more: they are recorded all the same.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createShipmentNotices } from '../../src/adapters/postgres/shipment-notices.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import type { TrackingFact } from '../../src/domain/shipment.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
const records = () => createShipmentRecords({ db });
const orders = () => createOrderSteps({ db });

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book', 1_000);
});
afterAll(() => close());

const fact = (status: TrackingFact['status'], day = 1): TrackingFact => ({
  status,
  at: `2026-02-0${day}T00:00:00.000Z`,
});

/** A confirmed order whose shipment has a label. */
async function labelled(): Promise<string> {
  const orderId = await acceptOrder(db, ['book']);
  const ref = { orderId, number: 1 };
  await sql`update orders set ships = true, shipping = '{"name":"A"}' where id = ${orderId}`.execute(db);
  await createInventory({ db }).reserve({ orderId });
  const capture = { providerId: `pi_${orderId}`, amountMinor: 1_000, currency: 'EUR' };
  await createPaymentRecords({ db }).recordCapture({ orderId, ordinal: 1, ...capture });
  await orders().confirm({ orderId });
  await records().plan({ orderId });
  await createPacking({ db }).pack({ ...ref, tenant: 'local', actor: 'packer' });
  await records().askLabel(ref);
  await records().keepParcel({ ...ref, parcelId: `parcel_${orderId}`, trackingNumber: 'T1' });
  return orderId;
}

test('news of what nobody waits for any more are for a workflow of their own', async () => {
  const lookedAfter = async (orderId: string, number = 1): Promise<unknown> => {
    const eventId = randomUUID();
    const notices = createShipmentNotices({ db });
    const reference = `${orderId}:shipment:${number}`;
    await notices.keep({ eventId, eventType: 'parcel.delivered', parcelId: 'p', reference });
    const due = await notices.claimDue({ limit: 1_000 });
    return due.find((notice) => notice.eventId === eventId)?.shipment?.isLookedAfter;
  };
  const lost = async (): Promise<string> => {
    const orderId = await labelled();
    await records().recordFacts({ orderId, number: 1, facts: [fact('dispatched'), fact('lost', 2)] });
    return orderId;
  };
  const replaced = await lost();
  expect(await lookedAfter(replaced)).toBe(true);
  expect(await records().replace({ orderId: replaced, number: 1 })).toEqual({ replacedBy: 2 });
  expect([await lookedAfter(replaced), await lookedAfter(replaced, 2)]).toEqual([false, true]);
  const accepted = await lost();
  await records().accept({ orderId: accepted, number: 1 });
  // As where another of its shipments is on its way still.
  await sql`update orders set closed_at = null, launch_after = clock_timestamp() where id = ${accepted}`.execute(db);
  expect(await lookedAfter(accepted)).toBe(false);
  // Whoever is waited for no more is not waited for by a look either.
  const wait = { orderId: accepted, number: 1, what: 'packing', withinMs: 1_000, renew: false } as const;
  expect(await records().await(wait)).toEqual({ leftMs: 0 });
  // The order that ends looks after it itself.
  const ending = await labelled();
  await orders().cancel({ orderId: ending, actor: 'customer-1', reason: 'changed my mind' });
  expect(await lookedAfter(ending)).toBe(true);
});
