// A drift is seen twice before anything is done, and what is young is not looked at: over a real PostgreSQL, with a Temporal
// that says what a test wants.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import { createComparingActivities } from '../../src/activities/index.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import { FailureName } from '../../src/contracts/failures.ts';
import type { ListedWorkflow, WorkflowList } from '../../src/ports/workflow-list.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
let runs = 0;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book');
});
afterAll(() => close());

const running: ListedWorkflow = {
  workflowId: 'w',
  runId: 'r',
  status: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  closedAt: null,
  attention: null,
};

/** Compares the open orders; each description is the next of the list, and then the last for ever. */
async function compareOrders(
  described: (ListedWorkflow | null)[],
  {
    graceMs = 0,
    beforeTheLast = () => Promise.resolve(),
  }: { graceMs?: number; beforeTheLast?: () => Promise<void> } = {},
): Promise<Record<string, string>> {
  const workflows: WorkflowList = {
    list: () => Promise.resolve({ items: [], next: null }),
    describe: async () => {
      if (described.length > 1) return described.shift() ?? null;
      await beforeTheLast();
      return described[0] ?? null;
    },
  };
  const work = createReconciliationWork({ db });
  const activities = createComparingActivities({ work, books: createReconciliationBooks({ db }), workflows, graceMs });
  const run = <T>(activity: () => Promise<T>): Promise<T> => new MockActivityEnvironment().run(activity);
  const span = await work.begin({ workflowId: `compare-${(runs += 1)}`, graceMs });
  await run(() => activities.compareBook({ book: 'open-orders', span, cursor: null }));
  await run(() => activities.settleDrifts({ span }));
  const { rows } = await sql<{ object: string; outcome: string }>`
    select object, outcome from reconciliation_drifts where reconciliation_id = ${span.reconciliationId}`.execute(db);
  return Object.fromEntries(rows.map(({ object, outcome }) => [object, outcome]));
}

/** An open order whose mark is far away: whoever moves it shows. */
async function openOrder(): Promise<string> {
  await sql`update orders set launch_after = null, closed_at = coalesce(closed_at, now()), status = 'cancelled', ending = '{"status": "cancelled"}'`.execute(
    db,
  );
  const id = await acceptOrder(db);
  await sql`update orders set launch_after = now() + interval '1 hour' where id = ${id}`.execute(db);
  return id;
}

async function isMarked(id: string): Promise<boolean> {
  const { rows } = await sql<{
    due: boolean;
  }>`select launch_after <= now() as due from orders where id = ${id}`.execute(db);
  return rows[0]?.due === true;
}

test('a drift that is gone at the second look is none', async () => {
  const id = await openOrder();
  expect(await compareOrders([null, running])).toEqual({ [id]: 'vanished' });
  expect(await isMarked(id)).toBe(false);
});

test('a drift that stands at the second look is repaired', async () => {
  const id = await openOrder();
  expect(await compareOrders([null])).toEqual({ [id]: 'repaired' });
  expect(await isMarked(id)).toBe(true);
});

test('an order that closes while Temporal is asked about it is no drift', async () => {
  const id = await openOrder();
  const completed: ListedWorkflow = { ...running, status: 'completed' };
  const beforeTheLast = async (): Promise<void> => {
    await sql`
      update orders set launch_after = null, closed_at = coalesce(closed_at, now()), status = 'cancelled', ending = '{"status": "cancelled"}' where id = ${id}`.execute(
      db,
    );
  };
  expect(await compareOrders([null, completed], { beforeTheLast })).toEqual({ [id]: 'vanished' });
});

test('a mark that nobody waits behind is taken away; what a recovery has left in doubt is for a person all the same', async () => {
  const id = await openOrder();
  const parking = { runId: 'an-earlier-run', runStartedAt: '2026-01-01T00:00:00.000Z', number: 1 };
  const parked = { orderId: id, workflowId: id, parking, step: 'charge-payment', reason: 'in doubt' } as const;
  await createOrderSteps({ db }).park(parked);
  await sql`update orders set doubt = 'paid twice' where id = ${id}`.execute(db);
  expect(await compareOrders([running])).toEqual({ [id]: 'repaired' });
  const { rows } = await sql`select attention, doubt from orders where id = ${id}`.execute(db);
  expect(rows).toEqual([{ attention: null, doubt: 'paid twice' }]);
});

test('what is younger than the grace period may be under way', async () => {
  const id = await openOrder();
  expect(await compareOrders([null], { graceMs: 60_000 })).toEqual({});
  expect(await isMarked(id)).toBe(false);
});

test('begins where the last complete one ended, and once a day looks at a whole week', async () => {
  const work = createReconciliationWork({ db });
  await sql`delete from reconciliations`.execute(db);
  const days = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 86_400_000;
  const first = await work.begin({ workflowId: 'first', graceMs: 0 });
  expect(days(first.since, first.until)).toBe(7);
  expect(days(first.listFrom, first.since)).toBeCloseTo(25 / 24, 6);
  await work.finish({ reconciliationId: first.reconciliationId, failure: null });

  const broken = await work.begin({ workflowId: 'broken', graceMs: 0 });
  expect(days(broken.since, first.until)).toBeCloseTo(5 / 1_440, 6);
  await work.finish({ reconciliationId: broken.reconciliationId, failure: 'the provider was away' });
  const after = await work.begin({ workflowId: 'after', graceMs: 0 });
  expect(after.since).toBe(broken.since);
  expect(await work.begin({ workflowId: 'after', graceMs: 0 })).toEqual(after);

  await sql`update reconciliations set finished_at = finished_at - interval '25 hours' where finished_at is not null`.execute(
    db,
  );
  const next = await work.begin({ workflowId: 'next-day', graceMs: 0 });
  expect(days(next.since, next.until)).toBe(7);
});

test('is not worked on without a report, as in a database that was restored, nor behind its end: nobody tries it again', async () => {
  const work = createReconciliationWork({ db });
  const { reconciliationId: over } = await work.begin({ workflowId: 'over', graceMs: 0 });
  await work.finish({ reconciliationId: over, failure: 'the database was restored' });
  for (const reconciliationId of ['reconciliation_of_another_world', over]) {
    const calls = [
      work.copyPayments({ reconciliationId, payments: [] }),
      work.copyRefunds({ reconciliationId, refunds: [] }),
      work.suspect({ reconciliationId, suspects: [] }),
      work.nextSuspects({ reconciliationId, atProvider: true, limit: 1 }),
    ];
    for (const call of calls)
      await expect(call).rejects.toMatchObject({ type: FailureName.reconciliationOver, nonRetryable: true });
  }
  await expect(
    work.finish({ reconciliationId: 'reconciliation_of_another_world', failure: null }),
  ).rejects.toMatchObject({
    type: FailureName.reconciliationOver,
  });
  // The answer of the first may have been lost.
  await work.finish({ reconciliationId: over, failure: null });
});
