// `orders reconcile` (`npm run reconcile`) as a person or a script runs it, and who sees what of a report.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createReconciliationReports } from '../../src/adapters/postgres/reconciliation-reports.ts';
import { openDatabase, STEP_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { silent } from '../support/database.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { reconcile } from '../support/reconciling.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let db: Database;

beforeAll(async () => {
  stack = await startTestStack({ env: { RECONCILE_GRACE_MS: '1' } });
  db = openDatabase({
    connectionString: stack.database.url,
    ...{ poolSize: 1, patience: STEP_PATIENCE, applicationName: 'test', logger: silent },
  });
  await putProduct(stack.url, 'book');
  const { id } = await placeOrder(stack.url);
  await settledOrder(stack.url, id);
});
afterAll(async () => {
  await db.destroy();
  await stack.close();
});

const run = (args: string[], url = stack.url): Promise<{ code: unknown; out: string; said: string }> =>
  new Promise((resolve) => {
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const env = { PATH: process.env['PATH'], ORDERS_API_URL: url };
    execFile(process.execPath, [main, 'reconcile', ...args], { env, timeout: 60_000 }, (error, out, said) =>
      resolve({ code: error?.code ?? 0, out, said }),
    );
  });

test('ends 0 when all agrees, and says so', async () => {
  expect(await run([])).toMatchObject({ code: 0, out: '', said: expect.stringContaining('0 drifts') });
});

test('ends 5 when the api does not answer, 2 when it is asked for what there is not', async () => {
  expect(await run([], 'http://127.0.0.1:9')).toMatchObject({ code: 5 });
  expect(await run(['--since', 'yesterday'])).toMatchObject({ code: 2, said: expect.stringContaining('--since') });
  expect(await run(['--all'])).toMatchObject({ code: 2, said: expect.stringContaining('unknown option') });
});

test('ends 1 when something needs a person, with a table of it; others see nothing of it', async () => {
  await stack.db.query(`update stock set on_hand = on_hand + 1 where sku = 'book'`);
  const { code, out } = await run(['--dry-run', '--since', '1d']);
  expect(code).toBe(1);
  expect(out).toMatch(
    /^DRIFT +ORDER +WHAT WAS FOUND +WHAT WAS DONE\nstock-on-hand-differs +local\/main\/book .*reported\n$/,
  );

  const { id } = await reconcile(stack.url);
  const reports = createReconciliationReports({ db });
  await stack.db.query(
    `insert into reconciliation_drifts (reconciliation_id, tenant, name, kind, object, found, remedy, outcome, settled_at)
     values ($1, null, 'workflow-without-order', 'stranger', 'nobody', 'found', 'report', 'reported', now())`,
    [id],
  );
  const seen = async (tenant: string, seesNobodys: boolean) => {
    const report = await reports.find({ tenant, seesNobodys, id });
    const [listed] = (await reports.list({ tenant, seesNobodys, after: null, limit: 1 })).items;
    return [
      report?.drifts.map(({ object }) => object),
      report?.counts.reported,
      listed?.counts.reported,
      report?.requestedBy,
    ];
  };
  expect(await seen('local', true)).toEqual([['local/main/book', 'nobody'], 2, 2, 'local']);
  expect(await seen('local', false)).toEqual([['local/main/book'], 1, 1, 'local']);
  expect(await seen('elsewhere', false)).toEqual([[], 0, 0, null]);

  const { parts } = (await (await fetch(`${stack.url}/health`)).json()) as { parts: Record<string, object> };
  expect(parts['reconciliation']).toMatchObject({
    state: 'ok',
    detail: expect.stringMatching(/0 minutes ago: 0 .* 2 need a person/),
  });
});

test('lists reports page by page, newest first', async () => {
  const ids = [(await reconcile(stack.url)).id, (await reconcile(stack.url)).id].reverse();
  const page = async (query: string) =>
    (await (await fetch(`${stack.url}/reconciliations?limit=1${query}`)).json()) as {
      items: { id: string }[];
      nextCursor: string;
    };
  const first = await page('');
  const second = await page(`&cursor=${first.nextCursor}`);
  expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
});

test('is set up as a schedule by the worker, and taken away again', async () => {
  const schedule = stack.temporal.schedule.getHandle('reconciliation');
  await expect(schedule.describe()).rejects.toThrow();
  const worker = await stack.startWorker({ RECONCILE_EVERY_MS: '3600000' });
  await until(async () => (await schedule.describe()).policies.overlap === 'SKIP', 'the schedule is there');
  await schedule.trigger();
  await until(async () => {
    const { rows } = await stack.db.query(
      `select 1 from reconciliations where requested_by = 'schedule' and finished_at is not null and failure is null`,
    );
    return rows.length === 1;
  }, 'the schedule’s own comparison is finished');
  await worker.stop(12_000);
  const without = await stack.startWorker({ RECONCILE_EVERY_MS: '0' });
  await until(
    () =>
      schedule.describe().then(
        () => false,
        () => true,
      ),
    'the schedule is gone',
  );
  await without.stop(12_000);
}, 60_000);
