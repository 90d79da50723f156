// What is parked, and decided about in part, while a version before parkings had rows is replaced.
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../support/servers.ts';

const directory = fileURLToPath(new URL('../../migrations/', import.meta.url));
let database: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.close();
});

const before = `
  insert into orders (id, tenant, customer_id, currency, total_minor, correlation_id, launch_after, placed_at, updated_at, attention)
  select id, 'shop', 'c', 'EUR', 1, 'c', now(), now(), now(), attention::jsonb from (values
    ('order_1', '{"step":"charge-payment","reason":"r","since":"2026-01-01T00:00:00.123Z"}'),
    ('order_2', '{"step":"follow-payment","reason":"r","since":"2026-01-02T00:00:00.000Z","workflowId":"order_2:payment:pi_1"}'),
    ('order_3', null)
  ) as parked (id, attention);
  insert into resolutions (id, tenant, actor, action, reason, filter) values ('resolution_1', 'shop', 'a', 'retry', 'r', '{}');
  insert into resolution_orders (resolution_id, order_id, tenant, parked_since) values
    ('resolution_1', 'order_1', 'shop', '2026-01-01T00:00:00.123Z'),
    ('resolution_1', 'order_2', 'shop', '2026-01-02T00:00:00.000Z'),
    ('resolution_1', 'order_3', 'shop', '2026-01-01T00:00:00.000Z');
  insert into resolution_audit (tenant, order_id, resolution_id, step, action, actor, reason, outcome)
  values ('shop', 'order_3', 'resolution_1', 'charge-payment', 'retry', 'a', 'r', 'followed');`;

test('what is parked gets its row, and a decision about many goes on with the rows that it is about', async () => {
  // A schema of its own, as the database was before.
  await client.query('create schema old; set search_path to old');
  const files = (await readdir(directory)).sort();
  const migration = '0011_parked_steps.sql';
  const run = async (file: string): Promise<void> =>
    void (await client.query(await readFile(directory + file, 'utf8')));
  for (const file of files.slice(0, files.indexOf(migration))) await run(file);
  await client.query(before);
  await run(migration);

  const { rows: parked } = await client.query(
    'select order_id, workflow_id, tenant, step, closed_at from parked_steps order by order_id',
  );
  expect(parked).toMatchObject([
    { order_id: 'order_1', workflow_id: 'order_1', tenant: 'shop', step: 'charge-payment', closed_at: null },
    { order_id: 'order_2', workflow_id: 'order_2:payment:pi_1', step: 'follow-payment', closed_at: null },
  ]);
  const { rows: shown } = await client.query<{ attention: object | null }>('select attention from orders order by id');
  expect(shown.map(({ attention }) => attention)).toEqual([
    { step: 'charge-payment', reason: 'r', since: '2026-01-01T00:00:00.123Z' },
    { step: 'follow-payment', reason: 'r', since: '2026-01-02T00:00:00.000Z' },
    null,
  ]);
  const { rows: turns } = await client.query(
    `select r.workflow_id, p.order_id from resolution_orders r left join parked_steps p on p.id = r.parked_step_id order by 1`,
  );
  expect(turns).toEqual([
    { workflow_id: 'order_1', order_id: 'order_1' },
    { workflow_id: 'order_2:payment:pi_1', order_id: 'order_2' },
    { workflow_id: 'order_3', order_id: null },
  ]);
});
