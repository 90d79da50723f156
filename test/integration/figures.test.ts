// What monitoring is shown, over a real database: every event is counted once, whoever counts; what nobody can say is absent.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createFigureFamilies } from '../../src/api/figures.ts';
import { openDatabase, REQUEST_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { crashBeforeCommit } from '../../src/adapters/postgres/crash-before-commit.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createFigures } from '../../src/adapters/postgres/figures.ts';
import { lockOrder, recordChange } from '../../src/adapters/postgres/order-change.ts';
import { createTally } from '../../src/adapters/postgres/tally.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { createWebhookWork } from '../../src/adapters/postgres/webhook-work.ts';
import { EventType } from '../../src/contracts/events.ts';
import type { Figures } from '../../src/ports/figures.ts';
import type { Tally } from '../../src/ports/tally.ts';
import { toText } from '../../src/runtime/metric-text.ts';
import { acceptOrder, silent, stockProduct } from '../support/database.ts';
import { testDatabase, type TestDatabase } from '../support/servers.ts';
import { secret, wish } from '../support/subscribers.ts';

let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await testDatabase();
  const settings = { connectionString: database.url, patience: REQUEST_PATIENCE, applicationName: 'test' };
  db = openDatabase({ ...settings, poolSize: 10, logger: silent });
  await stockProduct(db, 'book', 1_000);
});
afterAll(async () => {
  await db.destroy();
  await database.close();
});

async function number(): Promise<void> {
  while ((await createEventLog({ db }).assignPositions({ limit: 1_000 })) > 0);
}

/** What a scrape shows of them; `away`: those that do not answer. */
function scrape(away: { tally?: Tally; figures?: Figures } = {}): Promise<string> {
  const families = createFigureFamilies({
    tally: away.tally ?? createTally({ db }),
    figures: away.figures ?? createFigures({ db }),
    queues: { read: () => Promise.reject(new Error('Temporal is away')) },
  });
  return families().then(toText);
}

async function change(orderId: string, type: EventType, data: object): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockOrder(tx, orderId);
    await recordChange(tx, { orderId, type, data } as never);
  });
}

test('shows nothing that was counted before all of it is', async () => {
  await acceptOrder(db);
  await acceptOrder(db);
  await number();
  const tally = createTally({ db });
  expect(await tally.count({ limit: 1 })).toBe(true);
  expect(await tally.read()).toBeNull();
  const text = await scrape();
  expect(text).toContain('figures_known{witness="tally"} 0\n');
  expect(text).not.toContain('orders_placed_total');
  while (await tally.count({ limit: 1 }));
  expect(await scrape()).toMatch(/figures_known\{witness="tally"\} 1\n[^]*\norders_placed_total 2\n/);
});

test('counts every event once, with several that count at once, some of whom die', async () => {
  const orders = await Promise.all(Array.from({ length: 20 }, () => acceptOrder(db)));
  const items = [{ sku: 'book', warehouse: 'main', quantity: 1 }];
  const rejection = { code: 'payment.declined', message: 'no' };
  for (const [index, orderId] of orders.entries()) {
    if (index % 4 === 0) await change(orderId, EventType.orderRejected, { rejection });
    else await change(orderId, EventType.orderConfirmed, { totalMinor: 1_000 + index, currency: 'EUR', items });
    if (index % 5 === 0)
      await change(orderId, EventType.paymentRefunded, {
        ordinal: 1,
        refundId: 're_1',
        amountMinor: 7,
        currency: 'USD',
      });
  }
  await number();
  const tally = createTally({ db });
  const dies = (): never => {
    throw new Error('it dies');
  };
  const dying = createTally({ db: crashBeforeCommit(db, dies) });
  await expect(dying.count({ limit: 3 })).rejects.toThrow('it dies');
  const counters = Array.from({ length: 4 }, async () => {
    for (let turn = 0; turn < 60; turn += 1) await tally.count({ limit: 3 });
  });
  await Promise.all(counters);
  while (await tally.count({ limit: 3 }));

  const { rows } = await sql<{ type: string; times: number; minor: number }>`
    select event_type as type, count(*) as times, coalesce(sum(coalesce(data ->> 'totalMinor', data ->> 'amountMinor')::bigint)
      filter (where event_type <> 'order.placed'), 0)::bigint as minor from events group by 1 order by 1`.execute(db);
  const counted = (await tally.read())?.events ?? [];
  const sums = counted.map(({ eventType, times, amountMinor }) => ({ type: eventType, times, minor: amountMinor }));
  expect(sums.sort((a, b) => a.type.localeCompare(b.type))).toEqual(rows);

  const text = await scrape();
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
  const orderId = await acceptOrder(db);
  await sql`
    insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason, since)
    values ('local', ${orderId}, ${orderId}, 'run', now(), 1, 'charge-payment', 'r', now() - interval '1 hour')`.execute(
    db,
  );
  const webhooks = createWebhookSubscriptions({ db });
  await webhooks.create({ ...wish, tenant: 'local', secret, after: 0 });
  await createWebhookWork({ db }).feed({ limit: 5 });
  const text = await scrape();
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

test('a comparison that was finished says what did not agree; one that failed says nothing', async () => {
  await sql`
    insert into reconciliations (id, requested_by, workflow_id, accepted_at, until, finished_at)
    values ('reconciliation_1', 'schedule', 'w1', now() - interval '2 hours', now() - interval '2 hours', now() - interval '1 hour')`.execute(
    db,
  );
  await sql`
    insert into reconciliation_drifts (reconciliation_id, name, kind, object, found, remedy, outcome, settled_at)
    values ('reconciliation_1', 'stock-on-hand-differs', 'stock', 'local/main/book', 'f', 'r', 'reported', now())`.execute(
    db,
  );
  const text = await scrape();
  expect(text).toContain('figures_known{witness="reconciliation"} 1\n');
  expect(text).toContain('\nstock_unsound_products 1\n');
  expect(text).toContain('\nreconciliation_drifts{name="stock-on-hand-differs",outcome="reported"} 1\n');
  expect(text).toContain('\nreconciliation_failed 0\n');
  await sql`
    insert into reconciliations (id, requested_by, workflow_id, finished_at, failure)
    values ('reconciliation_2', 'schedule', 'w2', now(), 'the provider is away')`.execute(db);
  const later = await scrape();
  expect(later).toContain('\nreconciliation_failed 1\n');
  expect(later).toMatch(/\nreconciliation_age_seconds 36\d\d/);
});

test('a database that is away is unknown, and not zero', async () => {
  await database.setReachable(false);
  const text = await scrape();
  await database.setReachable(true);
  expect(text).toBe(
    [
      '# HELP figures_known Whether a witness could be asked: 1, or 0 while what it would say is absent',
      '# TYPE figures_known gauge',
      ...['tally', 'database', 'temporal', 'reconciliation'].map((name) => `figures_known{witness="${name}"} 0`),
      '',
    ].join('\n'),
  );
});
