// The line before a product's shelf, on a real database: first come, first served, whoever comes or goes at the same time.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { createBackorderReading } from '../../src/adapters/postgres/backorder.ts';
import { acceptOrder } from '../support/database.ts';
import { cancelled, startBackordering, type Backordering } from '../support/backordering.ts';

let shop: Backordering;
beforeAll(async () => {
  shop = await startBackordering();
});
afterAll(async () => {
  try {
    await shop.expectRules();
  } finally {
    await shop.close();
  }
});

describe('an order that allows to wait', () => {
  test('holds what is there, and stands in line for the rest, once', async () => {
    const sku = await shop.product(2);
    const orderId = await acceptOrder(shop.db, [sku], 5, 'split');
    expect(await shop.reserve(orderId)).toEqual({ reserved: true });
    expect(await shop.reserve(orderId)).toEqual({ reserved: true });
    expect(await shop.standing(orderId)).toBe('waiting 0/3, held 2');
    expect((await shop.events(orderId)).map(({ type, data }) => [type, data['items']]).slice(1)).toEqual([
      ['inventory.reserved', [{ warehouse: 'main', sku, quantity: 2 }]],
      ['inventory.backordered', [{ sku, quantity: 3 }]],
    ]);
    expect(await shop.level(sku)).toEqual({ onHand: 2, reserved: 2 });
    // For what happened to the stock while it joined the line.
    expect(await shop.countMarks(sku)).toBe(1);
  });

  test('is taken although nothing is there at all, and is not asked for twice', async () => {
    const sku = await shop.product(0);
    const orderId = await shop.order([sku], 2, 'wait');
    expect(await shop.reserve(orderId)).toEqual({ reserved: true });
    expect(await shop.standing(orderId)).toBe('waiting 0/2');
    expect(await shop.row(orderId)).toMatchObject({ status: 'reserved' });
  });

  test('does not wait where all is there', async () => {
    const sku = await shop.product(5);
    expect(await shop.standing(await shop.order([sku], 5))).toBe('held 5');
  });

  test('is alone in that: another insists on all of its stock, and leaves nothing', async () => {
    const sku = await shop.product(2);
    const orderId = await acceptOrder(shop.db, [sku], 3);
    expect(await shop.reserve(orderId)).toEqual({ shortages: [{ sku, requested: 3, available: 2 }] });
    expect(await shop.standing(orderId)).toBe('');
    expect(await shop.countMarks(sku)).toBe(0);
  });
});

describe('stock that comes', () => {
  test('goes to the first in line as far as it goes, then to the next, and to nobody who came later', async () => {
    const sku = await shop.product(0);
    const first = await shop.order([sku], 3);
    const second = await shop.order([sku], 2, 'wait');
    await shop.serve([sku]);
    await shop.adjust(sku, 4);
    // Nobody has been served yet, and all the same it is not there for others.
    const late = await acceptOrder(shop.db, [sku], 1);
    expect(await shop.reserve(late)).toEqual({ shortages: [{ sku, requested: 1, available: 0 }] });
    await shop.serve([sku]);
    expect(await shop.standing(first)).toBe('held 3, filled 3/3');
    expect(await shop.standing(second)).toBe('waiting 1/2, held 1');
    await shop.adjust(sku, 2);
    const lucky = await acceptOrder(shop.db, [sku], 1);
    expect(await shop.reserve(lucky)).toEqual({ reserved: true });
    await shop.serve([sku]);
    expect(await shop.standing(second)).toBe('held 2, filled 2/2');
    expect(await shop.level(sku)).toEqual({ onHand: 6, reserved: 6 });
    const filled = (await shop.events(second)).filter(({ type }) => type === 'inventory.backorder_filled');
    expect(filled.map(({ data }) => data['isComplete'])).toEqual([false, true]);
  });

  test('is seen in the list of who waits, the first first', async () => {
    const sku = await shop.product(1);
    const first = await shop.order([sku], 3);
    const second = await shop.order([sku], 2);
    const list = (afterPosition: number, tenant = 'local') =>
      createBackorderReading({ db: shop.db }).list({ tenant, sku, afterPosition, limit: 1 });
    const [one] = (await list(0)) ?? [];
    expect(one).toMatchObject({ orderId: first, waitingQuantity: 2, filledQuantity: 0 });
    expect(await list(one?.position ?? 0)).toMatchObject([{ orderId: second, waitingQuantity: 2 }]);
    expect(await list(0, 'other')).toBeNull();
  });

  test.each<[string, (sku: string, holder: string) => Promise<unknown>]>([
    ['by an adjustment', (sku) => shop.adjust(sku, 1)],
    ['by a catalogue that says so', (sku) => shop.putOnHand(sku, 2)],
    ['by an order that lets it go', (_sku, orderId) => shop.inventory.release({ orderId, ending: cancelled })],
    [
      'in a warehouse that ships from now on',
      async (sku) => {
        const east = { tenant: 'local', id: 'east', name: 'East', priority: 1 };
        await createWarehouses({ db: shop.db }).put({ ...east, ships: false });
        await shop.adjust(sku, 1, 'east');
        await shop.serve([sku]);
        expect(await shop.countMarks(sku)).toBe(0);
        await createWarehouses({ db: shop.db }).put({ ...east, ships: true });
      },
    ],
  ])('%s leaves a mark in that commit, out of which who waits is served', async (_how, come) => {
    const sku = await shop.product(1);
    const holder = await shop.order([sku], 1);
    const orderId = await shop.order([sku], 1);
    await shop.serve([sku]);
    expect(await shop.standing(orderId)).toBe('waiting 0/1');
    await come(sku, holder);
    expect(await shop.countMarks(sku)).toBe(1);
    await shop.serve([sku]);
    expect(await shop.standing(orderId)).toBe('held 1, filled 1/1');
  });

  test('leaves no mark where nobody waits', async () => {
    const sku = await shop.product(1);
    await shop.adjust(sku, 3);
    expect(await shop.countMarks(sku)).toBe(0);
  });

  test('while who waits is being served is not forgotten', async () => {
    const sku = await shop.product(0);
    const orderId = await shop.order([sku], 1);
    const mark = (await shop.backorders.claimDue({ limit: 1_000 })).find((one) => one.sku === sku);
    if (!mark) throw new Error('Expected a mark');
    expect(await shop.backorders.fillNext(mark)).toBe('nothing');
    await shop.adjust(sku, 1);
    await shop.backorders.finish(mark);
    expect(await shop.countMarks(sku)).toBe(1);
    await shop.serve([sku]);
    expect(await shop.standing(orderId)).toBe('held 1, filled 1/1');
  });

  test('is held as long as the order that it came for may still be looked at', async () => {
    const sku = await shop.product(0);
    const orderId = await shop.order([sku], 1);
    await sql`
      insert into reviews (order_id, tenant, state, reasons, until, on_expiry) values
      (${orderId}, 'local', 'pending', '[{"code":"amount","message":"m"}]', now() + interval '2 days', 'reject')`.execute(
      shop.db,
    );
    await sql`update orders set waiting = '{"for":"review","until":null}' where id = ${orderId}`.execute(shop.db);
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    const { rows } = await sql<{ isLong: boolean }>`
      select expires_at > now() + interval '2 days' as "isLong" from reservations where order_id = ${orderId}`.execute(
      shop.db,
    );
    expect(rows).toEqual([{ isLong: true }]);
    await shop.inventory.release({ orderId, ending: cancelled });
  });
});

describe('an order that ends', () => {
  test('frees what it had and what came since, and waits no more', async () => {
    const sku = await shop.product(1);
    const orderId = await shop.order([sku], 3);
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    expect(await shop.standing(orderId)).toBe('waiting 1/2, held 2');
    await shop.inventory.release({ orderId, ending: cancelled });
    await shop.inventory.release({ orderId, ending: cancelled });
    expect(await shop.standing(orderId)).toBe('released 2, cancelled 1/2');
    expect(await shop.level(sku)).toEqual({ onHand: 2, reserved: 0 });
  });

  test('gets nothing any more, from the decision on, and keeps nobody waiting', async () => {
    const sku = await shop.product(0);
    const first = await shop.order([sku], 1);
    const second = await shop.order([sku], 1);
    await shop.orders.cancel({ orderId: first, actor: 'a', reason: 'r' });
    await shop.adjust(sku, 1);
    await shop.serve([sku]);
    expect(await shop.standing(first)).toBe('cancelled 0/1');
    expect(await shop.standing(second)).toBe('held 1, filled 1/1');
    await shop.inventory.release({ orderId: first, ending: cancelled });
  });

  test.each(['cancel', 'release'] as const)('by %s, just as stock comes for it, ends with nothing', async (how) => {
    for (let round = 0; round < 5; round += 1) {
      const sku = await shop.product(1);
      const orderId = await shop.order([sku], 3);
      const next = await shop.order([sku], 1);
      await shop.adjust(sku, 3);
      await Promise.all([
        shop.serve([sku], 2),
        how === 'cancel'
          ? shop.orders.cancel({ orderId, actor: 'a', reason: 'r' })
          : shop.inventory.release({ orderId, ending: cancelled }),
      ]);
      await shop.inventory.release({ orderId, ending: cancelled });
      await shop.serve([sku]);
      expect(await shop.standing(orderId)).toMatch(/^released \d, (filled 2|cancelled \d)\/2$/);
      expect(await shop.standing(next)).toBe('held 1, filled 1/1');
      expect(await shop.level(sku)).toEqual({ onHand: 4, reserved: 1 });
    }
  });

  test('is sold or not with what came for it, whichever is first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const sku = await shop.product(1);
      const orderId = await shop.order([sku], 3);
      await shop.adjust(sku, 2);
      await Promise.all([shop.serve([sku], 2), shop.sell(orderId)]);
      expect(await shop.standing(orderId)).toBe('sold 3, filled 2/2');
      expect(await shop.level(sku)).toEqual({ onHand: 0, reserved: 0 });
    }
  });
});

test('many who come, wait, go and bring stock at once: each unit once, first come first served, no deadlock', async () => {
  const skus = [await shop.product(3), await shop.product(5)];
  const loops = Array.from({ length: 3 }, shop.loop);
  loops.forEach((loop) => loop.start());
  try {
    await jostle(skus);
  } finally {
    await Promise.all(loops.map((loop) => loop.stop()));
  }
  await Promise.all(skus.map((sku) => shop.adjust(sku, 100)));
  await shop.serve(skus, 2);
  const { rows } = await sql`
    select 1 from backorders where sku = any(${skus}::text[]) and state = 'waiting'`.execute(shop.db);
  expect(rows).toEqual([]);
  await shop.expectRules();
});

async function jostle(skus: readonly string[]): Promise<void> {
  const wishes = ['reject', 'split', 'wait'] as const;
  const ids = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      acceptOrder(shop.db, index % 2 ? skus : [...skus].reverse(), 1 + (index % 3), wishes[index % 3]),
    ),
  );
  await Promise.all(
    ids.map(async (orderId, index) => {
      const reserving = await shop.reserve(orderId);
      if (index % 5 === 0) await shop.adjust(skus[index % 2] ?? '', 4);
      if (index % 4 === 0) await shop.inventory.release({ orderId, ending: cancelled });
      else if ('reserved' in reserving && index % 2 === 0) await shop.sell(orderId);
    }),
  );
}
