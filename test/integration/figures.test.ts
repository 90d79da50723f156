// What monitoring is shown, over a real database: every event is counted once, whoever counts.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { crashBeforeCommit } from '../../src/adapters/postgres/crash-before-commit.ts';
import { createTally } from '../../src/adapters/postgres/tally.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { createWebhookWork } from '../../src/adapters/postgres/webhook-work.ts';
import { EventType } from '../../src/contracts/events.ts';
import { acceptOrder } from '../support/database.ts';
import { openFigures } from '../support/figures.ts';
import { secret, wish } from '../support/subscribers.ts';

let shop: Awaited<ReturnType<typeof openFigures>>;
beforeAll(async () => {
  shop = await openFigures();
});
afterAll(() => shop.close());

test('shows nothing that was counted before all of it is', async () => {
  await acceptOrder(shop.db);
  await acceptOrder(shop.db);
  await shop.number();
  const tally = createTally({ db: shop.db });
  expect(await tally.count({ limit: 1 })).toBe(true);
  expect(await tally.read()).toMatchObject({ waitingEvents: 1, counts: null });
  const text = await shop.scrape();
  expect(text).toContain('figures_known{witness="tally"} 0\n');
  expect(text).not.toContain('orders_placed_total');
  while (await tally.count({ limit: 1 }));
  expect(await shop.scrape()).toMatch(/figures_known\{witness="tally"\} 1\n[^]*\norders_placed_total 2\n/);
});

test('counts every event once, with several that count at once, some of whom die', async () => {
  const orders = await Promise.all(Array.from({ length: 20 }, () => acceptOrder(shop.db)));
  const items = [{ sku: 'book', warehouse: 'main', quantity: 1 }];
  const rejection = { code: 'payment.declined', message: 'no' };
  for (const [index, orderId] of orders.entries()) {
    if (index % 4 === 0) await shop.change(orderId, EventType.orderRejected, { rejection });
    else await shop.change(orderId, EventType.orderConfirmed, { totalMinor: 1_000 + index, currency: 'EUR', items });
    if (index % 5 === 0)
      await shop.change(orderId, EventType.paymentRefunded, {
        ordinal: 1,
        refundId: 're_1',
        amountMinor: 7,
        currency: 'USD',
      });
  }
  await shop.number();
  const tally = createTally({ db: shop.db });
  const dies = (): never => {
    throw new Error('it dies');
  };
  const dying = createTally({ db: crashBeforeCommit(shop.db, dies) });
  await expect(dying.count({ limit: 3 })).rejects.toThrow('it dies');
  const counters = Array.from({ length: 4 }, async () => {
    for (let turn = 0; turn < 60; turn += 1) await tally.count({ limit: 3 });
  });
  await Promise.all(counters);
  while (await tally.count({ limit: 3 }));

  const { rows } = await sql<{ type: string; times: number; minor: number }>`
    select event_type as type, count(*) as times, coalesce(sum(coalesce(data ->> 'totalMinor', data ->> 'amountMinor')::bigint)
      filter (where event_type <> 'order.placed'), 0)::bigint as minor from events group by 1 order by 1`.execute(
    shop.db,
  );
  const counted = (await tally.read()).counts?.events ?? [];
  const sums = counted.map(({ eventType, times, amountMinor }) => ({ type: eventType, times, minor: amountMinor }));
  expect(sums.sort((a, b) => a.type.localeCompare(b.type))).toEqual(rows);

  const text = await shop.scrape();
  expect(text).toContain('\norders_rejected_total{code="payment.declined"} 5\n');
  expect(text).toContain('\norders_rejected_total{code="inventory.out_of_stock"} 0\n');
  expect(text).toMatch(/\norders_sold_minor_total\{currency="EUR"\} 151\d\d\n/);
  expect(text).toContain('\npayments_refunded_minor_total{currency="USD"} 28\n');
  expect(text.match(/^orders_confirmation_seconds_bucket/gm)).toHaveLength(14);
  expect(text).toContain('\norders_confirmation_seconds_bucket{le="43200"} 15\n');
  expect(text).toContain('\norders_confirmation_seconds_bucket{le="+Inf"} 15\n');
  expect(text).toContain('\norders_confirmation_seconds_count 15\n');
  expect(text).toContain('\nevent_tally_lag_events 0\n');
});

test('shows what is parked, what waits, and who was not told', async () => {
  const orderId = await acceptOrder(shop.db);
  await sql`
    insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since)
    values ('local', ${orderId}, ${orderId}, 'run', now(), 1, 'charge-payment', 'r', now() - interval '1 hour')`.execute(
    shop.db,
  );
  const webhooks = createWebhookSubscriptions({ db: shop.db });
  await webhooks.create({ ...wish, tenant: 'local', secret, after: 0 });
  await createWebhookWork({ db: shop.db }).feed({ limit: 5 });
  const text = await shop.scrape();
  expect(text).toContain('\norders_parked{step="charge-payment"} 1\n');
  expect(text).toContain('\norders_parked{step="refund-payment"} 0\n');
  expect(text).toMatch(/\norders_parked_oldest_seconds\{step="charge-payment"\} 36\d\d/);
  expect(text).toMatch(/\norders_waiting_for_launch [1-9]/);
  expect(text).toContain('\nevents_unnumbered 1\n');
  expect(text).toMatch(/\nwebhook_pending_messages\{subscription="whsub_\w+"\} 5\n/);
  expect(text).toMatch(/\nwebhook_lag_seconds\{subscription="whsub_\w+"\} [0-9.]+\n/);
  expect(text).toContain('figures_known{witness="reconciliation"} 0\n');
  expect(text).not.toContain('stock_unsound_products');
  expect(text).not.toContain(orderId);
});

test('how long orders take says nothing of those that waited for a person', async () => {
  const total = async (): Promise<string | undefined> =>
    /\norders_confirmation_seconds_count (\d+)\n/.exec(await shop.scrape())?.[1];
  const sold = { totalMinor: 1_000, currency: 'EUR', items: [{ sku: 'book', warehouse: 'main', quantity: 1 }] };
  const [prompt, waited] = [await acceptOrder(shop.db), await acceptOrder(shop.db)];
  await shop.change(waited, EventType.reviewRequested, {
    reasons: [],
    until: '2026-01-01T00:00:00.000Z',
    onExpiry: 'reject',
  });
  for (const orderId of [prompt, waited]) await shop.change(orderId, EventType.orderConfirmed, sold);
  const before = Number(await total());
  await shop.number();
  await shop.count();
  expect(Number(await total())).toBe(before + 1);
});
