// The whole product in one process: its api over HTTP, its workers with their real activities, PostgreSQL, both simulators, and a
// Temporal server that skips time. Its loops run when they are told to, so that everything can be brought to rest after each step.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { createCarrierSimulator } from '../../src/simulator/carrier/server.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { silent } from '../support/database.ts';
import { parserOf } from '../support/stack.ts';
import { sharedServers, testDatabase } from '../support/servers.ts';
import { createClock, installClock } from './clock.ts';
import { createInsides } from './insides.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

// Longer than the pauses between the first tries of a provider's call: what is not over by then waits for somebody.
const REST_MS = 20_000;
// A look takes milliseconds; this many mean that something is never done with.
const MOST_LOOKS = 60;

export type World = Awaited<ReturnType<typeof startWorld>>;

export async function startWorld() {
  const { testServer, bundlePath } = await sharedServers();
  const database = await testDatabase();
  await installClock(database.url);
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-model-'));
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  const namespace = environment.namespace ?? 'default';
  // The test server knows none by itself, and a task that upserts an unknown one fails for ever.
  await environment.connection.operatorService.addSearchAttributes({
    namespace,
    searchAttributes: Object.fromEntries(searchAttributes.map(({ name, type }) => [name, type === 'INT' ? 3 : 2])),
  });
  const simulator = await createPaymentSimulator({ dataDir: join(directory, 'payment'), host: '127.0.0.1', port: 0 });
  const carrier = await createCarrierSimulator({
    ...{ dataDir: join(directory, 'carrier'), host: '127.0.0.1', port: 0, webhookEndpoints: [] },
  });
  const db = openDatabase({
    ...{ connectionString: database.url, poolSize: 20, patience: STEP_PATIENCE },
    ...{ applicationName: 'model', logger: silent },
  });
  const rows = new pg.Pool({ connectionString: database.url, max: 4, types: { getTypeParser: parserOf } });
  const client = new Client({ connection: environment.connection, namespace });
  const clock = createClock(db, environment);
  const insides = await createInsides({
    ...{ db, clock, paymentUrl: simulator.url, carrierUrl: carrier.url },
    connection: environment.nativeConnection,
    client,
    code: await readFile(bundlePath, 'utf8'),
  });

  const isDue = async (): Promise<boolean> => (await rows.query<{ due: boolean }>(dueQuery)).rows[0]?.due ?? true;

  /** Until nothing is under way: neither in Temporal, nor in any inbox. */
  async function rest(): Promise<void> {
    let quiet = 0;
    for (let looks = 0; quiet < 2; looks += 1) {
      if (looks === MOST_LOOKS) throw new Error('Expected all to come to rest; found work that is never done with');
      const before = insides.activitiesSoFar();
      await clock.sync();
      const isIdle = !(await isDue());
      if (!isIdle) await insides.turnLoops();
      // The server skips time only while no task is under way or waits for a worker. Between a task and what it leads to it may skip all the
      // same: so nothing must have happened twice.
      await environment.sleep(REST_MS);
      quiet = isIdle && insides.activitiesSoFar() === before ? quiet + 1 : 0;
    }
  }

  return {
    url: insides.url,
    simulatorUrl: simulator.url,
    carrierUrl: carrier.url,
    rows,
    client,
    /** The same, as the invariants ask for it. */
    db: rows,
    rest,
    /** No workflow of these orders, or of what stands beside them, goes on. */
    expectNothingRuns: async (orderIds: readonly string[]): Promise<void> => {
      const { rows: found } = await rows.query<{ id: string }>(workflowsQuery, [orderIds]);
      const running = await Promise.all(found.map(async ({ id }) => ((await isRunning(client, id)) ? [id] : [])));
      if (running.flat().length > 0)
        throw new Error(`Expected no workflow to go on; found ${running.flat().join(', ')}`);
    },
    /** Lets so much time pass, with all that happens in it. */
    pass: async (ms: number): Promise<void> => {
      await environment.sleep(ms);
      await rest();
    },
    journal: async () => {
      const answer = await fetch(`${simulator.url}/_simulator/journal`);
      return ((await answer.json()) as { items: never[] }).items;
    },
    close: async (): Promise<void> => {
      await insides.close();
      await environment.teardown();
      await Promise.all([simulator.close(), carrier.close(), rows.end(), db.destroy()]);
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

const workflowsQuery = `
  select id from orders where id = any($1) union all select order_id || ':shipment:' || number from shipments where order_id = any($1)
  union all select order_id || ':refund:' || number from refunds where order_id = any($1)
  union all select order_id || ':return:' || number from returns where order_id = any($1)
  union all select order_id || ':amendment:' || number from amendments where order_id = any($1)`;

/** But for news of what was cancelled and has left all the same: while a person is asked about that, they wait for the answer. */
const dueShipmentNoticeQuery = `
  select 1 from shipment_notices n left join orders o on o.id = split_part(n.reference, ':shipment:', 1)
  where n.due_at is not null and not (o.ending is not null and coalesce(o.attention->>'step', '') = 'cancel-shipment')`;

/** Whether anything waits to be worked off: what was accepted and has no workflow yet, news nobody was told of, stock nobody has looked at. */
const dueQuery = `
  select exists (select 1 from orders where launch_after is not null and (event_count = 1 or launch_after < now()))
      or exists (select 1 from refunds where launch_after < now()) or exists (select 1 from amendments where launch_after < now())
      or exists (select 1 from returns where has_news or launch_after < now())
      or exists (select 1 from payment_notices where due_at is not null) or exists (${dueShipmentNoticeQuery})
      or exists (select 1 from stock_marks) or exists (select 1 from backorders where news_at is not null) as due`;
