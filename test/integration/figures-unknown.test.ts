// What monitoring is shown when somebody can not say: absent, and said to be unknown; and what an outage makes large or old.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createReconciliationMarks } from '../../src/adapters/postgres/reconciliation-reports.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { acceptOrder } from '../support/database.ts';
import { addComparison, openFigures } from '../support/figures.ts';
import { missingIn, ofComparisons } from '../support/scraping.ts';
import { secret, wish } from '../support/subscribers.ts';

let shop: Awaited<ReturnType<typeof openFigures>>;
beforeAll(async () => {
  shop = await openFigures();
});
afterAll(() => shop.close());

const lines = (text: string, name: string): string[] => text.split('\n').filter((line) => line.startsWith(name));

test('counters that stand still are unknown, and how far they are behind is told', async () => {
  const orderId = await acceptOrder(shop.db);
  await shop.number();
  await shop.count();
  const parked = { step: 'charge-payment', reason: 'r', since: '2026-01-01T00:00:00.000Z', workflowId: orderId };
  expect(await shop.scrape()).toMatch(/figures_known\{witness="tally"\} 1\n[^]*\norders_placed_total 1\n/);
  await sql`
    insert into events (tenant, order_id, sequence, event_id, event_type, "timestamp", source, data, correlation_id, causation_id)
    values ('local', ${orderId}, 2, 'late', 'order.parked', now() - interval '2 minutes', 's', ${JSON.stringify(parked)}::jsonb, 'c', 'command:park:1')`.execute(
    shop.db,
  );
  await shop.number();

  const text = await shop.scrape();
  expect(text).toContain('figures_known{witness="tally"} 0\n');
  expect(text).not.toContain('orders_placed_total');
  expect(text).toContain('\nevent_tally_lag_events 1\n');
  expect(text).toMatch(/\nevent_tally_lag_seconds 12\d/);
  await shop.count();
  expect(await shop.scrape()).toMatch(/figures_known\{witness="tally"\} 1\n[^]*\nevent_tally_lag_seconds 0\n/);
});

test('orders without a workflow are counted up to the limit, and the oldest is told however often it was tried', async () => {
  const orderId = await acceptOrder(shop.db);
  await sql`update orders set placed_at = now() - interval '10 minutes' where id = ${orderId}`.execute(shop.db);
  // A workflow runs, and does not get anywhere: its mark lies an hour ahead.
  await createLaunchMarks({ db: shop.db }).noteRunning({ orderId });
  // In pieces: each stays below the time limit of a statement, also on a busy machine.
  for (let from = 1; from <= 10_050; from += 1_005)
    await sql`
      insert into orders (id, tenant, status, customer_id, currency, total_minor, correlation_id, event_count, launch_after, placed_at, updated_at)
      select 'order_' || lpad(n::text, 26, '0'), 'local', 'placed', 'customer-1', 'EUR', 1000, 'c', 1, now(), now(), now()
      from generate_series(${from}::int, ${from + 1_004}::int) n`.execute(shop.db);
  const text = await shop.scrape({ backlogLimit: 20_000 });
  // More than half of the limit: what the alert OrdersSoonRefused asks for can be seen.
  expect(text).toMatch(/\norders_waiting_for_launch 1005[1-9]\n/);
  expect(text).toMatch(/\norders_waiting_for_launch_oldest_seconds 6\d\d/);
  expect(await shop.scrape({ backlogLimit: 5 })).toContain('\norders_waiting_for_launch 6\n');
});

const find = (reconciliationId: string, kind: string, outcome: string) =>
  sql`insert into reconciliation_drifts (reconciliation_id, name, kind, object, found, remedy, outcome, settled_at)
      values (${reconciliationId}, ${`${kind}-differs`}, ${kind}, ${outcome}, 'f', 'r', ${outcome}, now())`.execute(
    shop.db,
  );
const unsound = async () => lines(await shop.scrape(), 'stock_unsound_products ');
const compared = async () => lines(await shop.scrape(), 'figures_known{witness="reconciliation"}');
const KNOWN = ['figures_known{witness="reconciliation"} 1'];
const UNKNOWN = ['figures_known{witness="reconciliation"} 0'];
const everyMs = 3_600_000;

test('only a comparison that looked at the stock, and not too long ago, says that nothing is oversold', async () => {
  const marks = createReconciliationMarks({ db: shop.db });
  expect([await compared(), await unsound()]).toEqual([UNKNOWN, []]);
  await marks.keepInterval({ everyMs });
  await marks.keepInterval({ everyMs });
  const never = await shop.scrape();
  expect(never).toContain('\nreconciliation_interval_seconds 3600\n');
  // There was none yet: it is due since it was scheduled.
  expect(never).toMatch(/\nreconciliation_age_seconds [0-9.]+\n/);
  expect(never).not.toContain('reconciliation_failed');

  await addComparison(shop.db, { endedAgo: '2 days' });
  for (const endedAgo of ['3 hours', '2 hours', '1 hour'])
    await addComparison(shop.db, { endedAgo, failure: 'the provider is away' });
  expect([await compared(), await unsound()]).toEqual([UNKNOWN, []]);
  const failing = await shop.scrape();
  expect(failing).toContain('\nreconciliation_failed 1\n');
  expect(failing).toMatch(/\nreconciliation_age_seconds 1728\d\d/);
  // Where they are compared every day, two days are not long.
  await marks.keepInterval({ everyMs: 24 * everyMs });
  expect([await compared(), await unsound()]).toEqual([KNOWN, ['stock_unsound_products 0']]);
  await marks.keepInterval({ everyMs: 0 });
  expect([await compared(), await unsound()]).toEqual([UNKNOWN, []]);
  expect(await shop.scrape()).not.toContain('reconciliation_interval_seconds');
  await marks.keepInterval({ everyMs });

  await addComparison(shop.db, { endedAgo: '10 minutes', isTruncated: true });
  expect([await compared(), await unsound()]).toEqual([UNKNOWN, []]);
  expect(await shop.scrape()).toContain('\nreconciliation_truncated 1\n');
  await addComparison(shop.db, { endedAgo: '5 minutes' });
  expect([await compared(), await unsound()]).toEqual([KNOWN, ['stock_unsound_products 0']]);
});

test('what a comparison has found stays shown, also where it can not say that there is no more', async () => {
  const id = await addComparison(shop.db, { endedAgo: '1 minute', isTruncated: true });
  await find(id, 'stock', 'reported');
  for (const outcome of ['parked', 'waits']) await find(id, 'refund', outcome);
  const text = await shop.scrape();
  // Alerts and dashboards ask for just these.
  expect(await missingIn(text, (name) => ofComparisons.includes(name))).toEqual([]);
  expect(text).toContain('\nstock_unsound_products 1\n');
  expect(text).toContain('\nreconciliation_drifts{name="stock-differs",outcome="reported"} 1\n');
  expect(text).toContain('figures_known{witness="reconciliation"} 0\n');
});

test('whose message waits for a person is named, and while all are well the same ones are', async () => {
  const webhooks = createWebhookSubscriptions({ db: shop.db });
  const ids: string[] = [];
  for (let index = 0; index < 25; index += 1) {
    // Behind by what was placed in this test: seconds.
    const made = await webhooks.create({ ...wish, tenant: `t${index}`, secret, after: null });
    if ('id' in made) ids.push(made.id);
  }
  for (let index = 0; index < 25; index += 1) await acceptOrder(shop.db);
  await shop.number();
  const feedTo = (id: string, back: number) =>
    sql`update webhook_feeds set fed_to = (select max(position) from events) - ${back} where subscription_id = ${id}`.execute(
      shop.db,
    );
  for (const [index, id] of ids.entries()) await feedTo(id, index);
  const named = async (): Promise<string[]> =>
    lines(await shop.scrape(), 'webhook_lag_seconds{').map((line) => /"(.*)"/.exec(line)?.[1] ?? '');
  const first = await named();
  expect(first).toHaveLength(21);
  for (const [index, id] of ids.entries()) await feedTo(id, 24 - index);
  expect(await named()).toEqual(first);

  const least = ids.find((id) => !first.includes(id)) ?? '';
  await feedTo(least, 0);
  await sql`
    insert into webhook_deliveries (subscription_id, order_id, event_id, state)
    select ${least}, order_id, event_id, 'parked' from events where position = 1`.execute(shop.db);
  expect(await shop.scrape()).toContain(`\nwebhook_parked_messages{subscription="${least}"} 1\n`);
});

test('subscribers that can not be read take nothing else with them', async () => {
  const text = await shop.scrape({ figures: { readWebhooks: () => Promise.reject(new Error('it takes too long')) } });
  expect(text).toContain('figures_known{witness="webhooks"} 0\n');
  expect(text).toContain('figures_known{witness="database"} 1\n');
  expect(text).not.toContain('webhook_');
});

test('says since when the message broker has not confirmed the next event', async () => {
  expect(lines(await shop.scrape(), 'broker_lag_seconds{')).toEqual([]);
  await sql`
    insert into event_publishers (exchange, fed_to)
    select exchange, case exchange when 'behind' then position - 1 else (select max(position) from events) end
    from events cross join unnest('{behind,well}'::text[]) exchange where event_id = 'late'`.execute(shop.db);
  const [behind, well] = lines(await shop.scrape(), 'broker_lag_seconds{');
  expect(behind).toMatch(/^broker_lag_seconds\{exchange="behind"\} 1[2-9]\d/);
  expect(well).toBe('broker_lag_seconds{exchange="well"} 0');
});

test('a database that is away is unknown, and not zero', async () => {
  await shop.setReachable(false);
  const text = await shop.scrape();
  await shop.setReachable(true);
  expect(text).toBe(
    [
      '# HELP figures_known Whether a witness could be asked: 1, or 0 while what it would say is absent',
      '# TYPE figures_known gauge',
      ...['tally', 'database', 'webhooks', 'temporal', 'reconciliation'].map(
        (name) => `figures_known{witness="${name}"} 0`,
      ),
      '',
    ].join('\n'),
  );
});
