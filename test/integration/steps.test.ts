// The steps and their undo on a real database: recorded results, fences, and what the schema itself refuses.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createPaymentTryActivities } from '../../src/activities/payment-try.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { isUnsold, OrderStatus, transitions } from '../../src/domain/order.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
const ending: Ending = { status: 'cancelled', reason: 'test', actor: 'tester' };
const capture = (orderId: string) => ({
  orderId,
  ordinal: 1,
  providerId: `pi_${orderId}`,
  amountMinor: 1_000,
  currency: 'EUR',
});

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  for (const sku of ['book', 'pen', 'ink']) await stockProduct(db, sku, 1_000);
});
afterAll(() => close());

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<T[]> {
  return (await query.execute(db)).rows;
}

describe('reserving', () => {
  test('answers a repeat with what is recorded, and holds once', async () => {
    const inventory = createInventory({ db });
    const orderId = await acceptOrder(db);
    expect(await inventory.reserve({ orderId })).toEqual({ reserved: true });
    expect(await inventory.reserve({ orderId })).toEqual({ reserved: true });
    const held = await rows(sql<{ quantity: number }>`select quantity from reservations where order_id = ${orderId}`);
    expect(held).toEqual([{ quantity: 1 }]);
  });

  test('loses against an undo that came first: a zombie holds nothing', async () => {
    const inventory = createInventory({ db });
    const orderId = await acceptOrder(db);
    await inventory.release({ orderId, ending });
    expect(await inventory.reserve({ orderId })).toEqual({ ending });
    expect(await rows(sql`select 1 from reservations where order_id = ${orderId}`)).toEqual([]);
  });

  test('of many carts at once, in any order of their lines, never deadlocks and never oversells', async () => {
    await stockProduct(db, 'last', 10);
    const inventory = createInventory({ db });
    const ids = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        acceptOrder(db, index % 2 ? ['last', 'book', 'pen'] : ['pen', 'ink', 'last']),
      ),
    );
    const results = await Promise.all(ids.map((orderId) => inventory.reserve({ orderId })));
    expect(results.filter((result) => 'reserved' in result)).toHaveLength(10);
  });

  test('releases what it held, once', async () => {
    const inventory = createInventory({ db });
    const orderId = await acceptOrder(db);
    await inventory.reserve({ orderId });
    await Promise.all([inventory.release({ orderId, ending }), inventory.release({ orderId, ending })]);
    const moved = await rows(
      sql<{ kind: string }>`select kind from stock_movements where order_id = ${orderId} order by id`,
    );
    expect(moved.map(({ kind }) => kind)).toEqual(['held', 'released']);
  });
});

describe('a fenced payment', () => {
  test('refuses a new provider id, but records the capture that happened all the same', async () => {
    const payments = createPaymentRecords({ db });
    const orderId = await acceptOrder(db);
    await payments.fence({ orderId, ordinal: 1, ending });
    expect(await payments.keepProviderId({ orderId, ordinal: 1, providerId: 'pi_zombie' })).toEqual({ ending });
    await payments.recordCapture(capture(orderId));
    await payments.recordCapture(capture(orderId));
    expect(await rows(sql<{ kind: string }>`select kind from ledger where order_id = ${orderId}`)).toEqual([
      { kind: 'captured' },
    ]);
  });

  test('keeps the first of two provider ids, and tells the loser which', async () => {
    const payments = createPaymentRecords({ db });
    const orderId = await acceptOrder(db);
    const kept = await Promise.all(
      ['one', 'two'].map((name) =>
        payments.keepProviderId({ orderId, ordinal: 1, providerId: `pi_${name}_${orderId}` }),
      ),
    );
    expect(kept[0]).toEqual(kept[1]);
  });
});

describe('another payment method', () => {
  test.each(['before it was waited for', 'while it was waited for'])(
    'is not waited for by an order that was cancelled %s',
    async (when) => {
      const payments = createPaymentRecords({ db });
      const tries = createPaymentTryActivities({ payments });
      const orderId = await acceptOrder(db);
      await payments.recordDecline({ orderId, ordinal: 1, rejection: { code: 'payment.declined', message: 'no' } });
      await payments.fenceTry({ orderId, ordinal: 1 });
      const request = { orderId, ordinal: 1, withinMs: 60_000 };
      if (when === 'while it was waited for') await tries.requestPaymentMethod(request);
      await createOrderSteps({ db }).cancel({ orderId, actor: 'tester', reason: 'test' });
      // A run that was started anew comes here again.
      await expect(tries.requestPaymentMethod(request)).rejects.toMatchObject({
        type: 'OrderEnding',
        nonRetryable: true,
      });
    },
  );
});

describe('the pivot', () => {
  test('is refused without the money, and without the stock', async () => {
    const orders = createOrderSteps({ db });
    const inventory = createInventory({ db });
    const unpaid = await acceptOrder(db);
    await inventory.reserve({ orderId: unpaid });
    await expect(orders.confirm({ orderId: unpaid })).rejects.toThrow('Expected 1000 to be captured');
    const unheld = await acceptOrder(db);
    await createPaymentRecords({ db }).recordCapture(capture(unheld));
    await expect(orders.confirm({ orderId: unheld })).rejects.toThrow('to be reserved');
  });

  test('is not passed by an order that is being undone', async () => {
    const orders = createOrderSteps({ db });
    const orderId = await acceptOrder(db);
    await createInventory({ db }).reserve({ orderId });
    await createPaymentRecords({ db }).recordCapture(capture(orderId));
    await createPaymentRecords({ db }).fence({ orderId, ordinal: 1, ending });
    expect(await orders.confirm({ orderId })).toEqual({ ending });
  });

  test('can not be undone: a sold order has no ending', async () => {
    const orderId = await acceptOrder(db);
    await createInventory({ db }).reserve({ orderId });
    await createPaymentRecords({ db }).recordCapture(capture(orderId));
    await createOrderSteps({ db }).confirm({ orderId });
    await expect(createInventory({ db }).release({ orderId, ending })).rejects.toThrow('is confirmed');
  });
});

describe('money that is none of the order’s tries', () => {
  test('ends no wait for the customer', async () => {
    const payments = createPaymentRecords({ db });
    const orderId = await acceptOrder(db);
    await payments.awaitCustomer({ orderId, ordinal: 1, withinMs: 60_000 });
    const stray = { orderId, providerId: `pi_stray_${orderId}`, amountMinor: 700, currency: 'EUR' };
    await payments.recordCapture({ ...stray, ordinal: await payments.keepStray(stray) });
    const waits = () =>
      rows(sql<{ waits: boolean }>`select waiting is not null as waits from orders where id = ${orderId}`);
    expect(await waits()).toEqual([{ waits: true }]);
    await payments.recordCapture(capture(orderId));
    expect(await waits()).toEqual([{ waits: false }]);
  });

  test('stops neither the sale nor the close: it is given back by a workflow of its own', async () => {
    const orders = createOrderSteps({ db });
    const payments = createPaymentRecords({ db });
    const withStray = async (): Promise<string> => {
      const orderId = await acceptOrder(db);
      const stray = { orderId, providerId: `pi_stray_${orderId}`, amountMinor: 700, currency: 'EUR' };
      await payments.recordCapture({ ...stray, ordinal: await payments.keepStray(stray) });
      return orderId;
    };
    const sold = await withStray();
    await createInventory({ db }).reserve({ orderId: sold });
    await payments.recordCapture(capture(sold));
    expect(await orders.confirm({ orderId: sold })).toEqual({ confirmed: true });
    expect(await orders.close({ orderId: await withStray(), ending })).toEqual(ending);
  });
});

describe('closing', () => {
  test('is refused while money or stock is still taken', async () => {
    const orders = createOrderSteps({ db });
    const paid = await acceptOrder(db);
    await createPaymentRecords({ db }).recordCapture(capture(paid));
    await expect(orders.close({ orderId: paid, ending })).rejects.toThrow('Expected nothing to be taken');
    const held = await acceptOrder(db);
    await createInventory({ db }).reserve({ orderId: held });
    await expect(orders.close({ orderId: held, ending })).rejects.toThrow('to hold no stock');
  });

  test('leaves no try behind that nobody has begun, and none of the others as it was not', async () => {
    const payments = createPaymentRecords({ db });
    const orderId = await acceptOrder(db);
    await payments.recordDecline({ orderId, ordinal: 1, rejection: { code: 'payment.declined', message: 'no' } });
    await sql`
      insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method)
      values (${orderId}, 2, 'local', 1000, 'EUR', 'pm_card_visa')`.execute(db);
    await createOrderSteps({ db }).close({ orderId, ending });
    expect(
      await rows(sql`
        select ordinal, state, fenced_at is not null as fenced from payments where order_id = ${orderId} order by ordinal`),
    ).toEqual([
      { ordinal: 1, state: 'declined', fenced: false },
      { ordinal: 2, state: 'voided', fenced: true },
    ]);
    const told = await rows<{ type: string; data: unknown }>(sql`
      select event_type as type, data from events where order_id = ${orderId} order by sequence desc limit 2`);
    expect(told).toMatchObject([
      { type: 'order.cancelled' },
      { type: 'payment.voided', data: { ordinal: 2, providerId: null } },
    ]);
  });

  test('is not followed by parking: a zombie that parks a closed order leaves no mark', async () => {
    const orders = createOrderSteps({ db });
    const orderId = await acceptOrder(db);
    await createInventory({ db }).release({ orderId, ending });
    await orders.close({ orderId, ending });
    const parking = { runId: 'run-1', runStartedAt: '2026-01-01T00:00:00.000Z', number: 1 };
    const late = { orderId, workflowId: orderId, parking, step: 'close-order', reason: 'its answer was lost' } as const;
    expect(await orders.park(late)).toBeNull();
    expect(await rows(sql`select attention from orders where id = ${orderId}`)).toEqual([{ attention: null }]);
  });

  test('keeps the ending that was fixed first', async () => {
    const orders = createOrderSteps({ db });
    const orderId = await acceptOrder(db);
    await createInventory({ db }).release({ orderId, ending });
    const other: Ending = { status: 'cancelled', reason: 'other', actor: 'other' };
    expect(await orders.close({ orderId, ending: other })).toEqual(ending);
    expect(await orders.close({ orderId, ending: other })).toEqual(ending);
  });
});

/** Where nothing comes after the status. */
const isEnd = (status: OrderStatus, ships: boolean): boolean =>
  transitions[status].length === 0 || (status === 'confirmed' && !ships);

describe('the schema', () => {
  test.each([true, false])(
    'knows the same transitions as the domain, pair by pair (to be shipped: %s)',
    async (ships) => {
      for (const from of Object.values(OrderStatus)) {
        for (const to of Object.values(OrderStatus)) {
          if (from === to || (!ships && (from === 'shipped' || from === 'delivered'))) continue;
          const orderId = await acceptOrder(db);
          // Past the trigger, to any status; then the step under test.
          await db.transaction().execute(async (tx) => {
            await sql`set local session_replication_role = replica`.execute(tx);
            await sql`
            update orders set status = ${from}, ships = ${ships}, closed_at = case when ${isEnd(from, ships)} then now() end,
              launch_after = case when ${isEnd(from, ships)} then null else now() end,
              ending = case when ${isUnsold(from)} then jsonb_build_object('status', ${from}::text) end
            where id = ${orderId}`.execute(tx);
          });
          const move = sql`
            update orders set status = ${to}, closed_at = case when ${isEnd(to, ships)} then now() end,
              launch_after = case when ${isEnd(to, ships)} then null else now() end,
              ending = case when ${isUnsold(to)} then jsonb_build_object('status', ${to}::text) end
            where id = ${orderId}`.execute(db);
          if (transitions[from].includes(to) && (ships || from !== 'confirmed')) await move;
          else await expect(move).rejects.toThrow('can not become');
        }
      }
    },
  );

  test('closes an order whose mark a worker of before has taken', async () => {
    const orderId = await acceptOrder(db);
    await sql`
      update orders set status = 'cancelled', ending = ${JSON.stringify(ending)}::jsonb, launch_after = null
      where id = ${orderId}`.execute(db);
    expect(await rows(sql`select closed_at is not null as closed from orders where id = ${orderId}`)).toEqual([
      { closed: true },
    ]);
  });

  test.each(['ledger', 'stock_movements', 'events'])('refuses to change or forget a row of %s', async (table) => {
    const orderId = await acceptOrder(db);
    await createInventory({ db }).reserve({ orderId });
    await createPaymentRecords({ db }).recordCapture(capture(orderId));
    const name = sql.table(table);
    await expect(sql`update ${name} set order_id = order_id`.execute(db)).rejects.toThrow('append-only');
    await expect(sql`delete from ${name}`.execute(db)).rejects.toThrow('append-only');
    await expect(sql`truncate ${name} cascade`.execute(db)).rejects.toThrow('append-only');
  });

  test('refuses more reservations than there is stock, whatever the code does', async () => {
    await expect(sql`update stock set reserved = on_hand + 1 where sku = 'book'`.execute(db)).rejects.toThrow(
      'never_oversold',
    );
  });
});
