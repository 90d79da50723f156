// What is taken for a database that was restored, and what is not, by Temporal's own list.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createRestoreRecords } from '../../src/adapters/postgres/restore.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { openDataConverter } from '../../src/adapters/temporal/data-converter.ts';
import { createOrderWitnesses } from '../../src/adapters/temporal/order-witnesses.ts';
import { createRestoreGuard, type RestoreGuard } from '../../src/background/restore-guard.ts';
import { lookForNewer } from '../../src/background/restore-look.ts';
import { PROCESS_ORDER, WITNESS_MEMO, type OrderInput } from '../../src/contracts/process-order.ts';
import type { OrderWitnesses, RestoreRecords } from '../../src/ports/restore.ts';
import { acceptOrder, openTestDatabase, silent, stockProduct } from '../support/database.ts';
import { sharedServers, testNamespace } from '../support/servers.ts';
import { until } from '../support/until.ts';

// COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION of Temporal's API, whose package is not ours to depend on.
const COMPLETE_WORKFLOW = 4 as never;

Runtime.install({ logger: new DefaultLogger('ERROR') });

let db: Database;
let close: () => Promise<void>;
let connection: Connection;
let client: Client;
let records: RestoreRecords;
let witnesses: OrderWitnesses;
const patience = { withinMs: 5_000 };

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book');
  connection = await Connection.connect({ address: (await sharedServers()).temporalAddress });
  client = new Client({ connection, namespace: await testNamespace() });
  records = createRestoreRecords({ db });
  witnesses = createOrderWitnesses({ client });
});
afterAll(async () => {
  await endAll();
  await connection.close();
  await close();
});
beforeEach(async () => {
  await endAll();
  await sql`update database_epoch set epoch = epoch + 1, behind_since = null, evidence = null`.execute(db);
});

async function endAll(): Promise<void> {
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
    await client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined);
}

type Started = { type: string; taskQueue: string; position: number; input: OrderInput };
const bounds = { providerOutageLimitMs: 1_000, stepOutageLimitMs: 1_000, undoAttempts: 1 };
const freeOrder = (orderId: string): OrderInput => ({ orderId, totalMinor: 0, currency: 'EUR', bounds });

/** The order's workflow comes to its end by itself, with steps of a database that is lost: this one hears nothing of them. */
async function workThrough(workflowId: string): Promise<void> {
  const native = await NativeConnection.connect({ address: (await sharedServers()).temporalAddress });
  const worker = await Worker.create({
    connection: native,
    namespace: client.options.namespace,
    taskQueue: 'orders',
    workflowBundle: { code: await readFile((await sharedServers()).bundlePath, 'utf8') },
    activities: { reserveInventory: () => undefined, confirmOrder: () => undefined },
  });
  await worker.runUntil(client.workflow.getHandle(workflowId).result());
  await native.close();
  await isListed(workflowId, `ExecutionStatus = 'Completed'`);
}

/** As a worker of somebody else would that polls our queue: the workflow is complete, and nothing was done. */
async function completeByHand(workflowId: string): Promise<void> {
  const { namespace } = client.options;
  for (let id = ''; id !== workflowId;) {
    const task = await connection.withDeadline(Date.now() + 10_000, () =>
      client.workflowService.pollWorkflowTaskQueue({ namespace, taskQueue: { name: 'orders' }, identity: 'test' }),
    );
    id = task.workflowExecution?.workflowId ?? '';
    const commands = [{ commandType: COMPLETE_WORKFLOW, completeWorkflowExecutionCommandAttributes: {} }];
    const { taskToken } = task;
    if (id === workflowId)
      await client.workflowService.respondWorkflowTaskCompleted({ namespace, taskToken, commands });
  }
  await isListed(workflowId, `ExecutionStatus = 'Completed'`);
}

/** Starts a workflow that nobody works on, as the api would; `position`: of the feed, as its starter knew it. */
async function startWorkflow(
  workflowId: string,
  { type = PROCESS_ORDER, taskQueue = 'orders', position = 0, input }: Partial<Started> = {},
): Promise<void> {
  const { epoch } = await records.read();
  const memo = { [WITNESS_MEMO]: { epoch, position } };
  await client.workflow.start(type, { taskQueue, workflowId, args: input ? [input] : [], memo });
  await isListed(workflowId, `ExecutionStatus = 'Running'`);
}
const isListed = (workflowId: string, condition: string): Promise<void> =>
  until(
    async () => (await client.workflow.count(`WorkflowId = '${workflowId}' and ${condition}`)).count > 0,
    `${workflowId} is listed`,
  );
async function look(): Promise<string | null> {
  await lookForNewer({ records, witnesses, patience, secondLookMs: 50 });
  return (await records.read()).behind?.evidence ?? null;
}

describe('a database is behind', () => {
  test('when an order was started that is not here', async () => {
    const lost = typeidUnboxed('order');
    await startWorkflow(lost);
    expect(await look()).toContain(`${lost}: its workflow was started, and the order is not here`);
  });

  test('when its feed was further before', async () => {
    await startWorkflow(await acceptOrder(db), { position: 7 });
    expect(await look()).toContain('position 7');
  });

  test('when the end of an order was recorded, by the history of its workflow, and the order is open here', async () => {
    const lost = await acceptOrder(db);
    await startWorkflow(lost, { input: freeOrder(lost) });
    await workThrough(lost);
    expect(await look()).toContain(`${lost}: its end had been recorded, and the order is open here`);
  });
});

describe('a database is not taken for one that is behind', () => {
  test('nor can nobody look, by a workflow of another application whose memo can not be read here', async () => {
    const keyed = (id: string) =>
      openDataConverter({ PAYLOAD_KEYS: [{ id, bytes: Buffer.alloc(32) }], PAYLOAD_KEY_ID: id });
    const { namespace } = client.options;
    const stranger = new Client({ connection, namespace, ...keyed('theirs') });
    const memo = { [WITNESS_MEMO]: { epoch: 9, position: 9 } };
    const workflowId = `another-${randomUUID()}`;
    await stranger.workflow.start(PROCESS_ORDER, { taskQueue: 'orders', workflowId, memo });
    await isListed(workflowId, `ExecutionStatus = 'Running'`);
    const own = await acceptOrder(db);
    await startWorkflow(own);
    const ours = createOrderWitnesses({ client: new Client({ connection, namespace, ...keyed('ours') }) });
    expect((await ours.newest(patience)).map(({ orderId }) => orderId)).toContain(own);
    await client.workflow.getHandle(workflowId).terminate();
  });

  test('by workflows of its own orders, open and terminated, and orders that were never started', async () => {
    await acceptOrder(db);
    const [running, ended] = [await acceptOrder(db), await acceptOrder(db)];
    for (const id of [running, ended]) await startWorkflow(id);
    await client.workflow.getHandle(ended).terminate('by hand');
    await isListed(ended, `ExecutionStatus = 'Terminated'`);
    expect(await look()).toBeNull();
  });

  test('by a workflow that somebody completed, whose order never ended: reconciliation starts it again', async () => {
    const id = await acceptOrder(db);
    await startWorkflow(id);
    await completeByHand(id);
    expect(await look()).toBeNull();
  });

  test('by an order that has ended and whose row was opened again by hand', async () => {
    const id = await acceptOrder(db);
    await startWorkflow(id, { input: freeOrder(id) });
    await workThrough(id);
    await createOrderSteps({ db }).close({ orderId: id, ending: { status: 'cancelled', reason: 'r', actor: 'a' } });
    await sql`alter table orders disable trigger user`.execute(db);
    await sql`update orders set status = 'placed', closed_at = null, launch_after = clock_timestamp() where id = ${id}`.execute(
      db,
    );
    await sql`alter table orders enable trigger user`.execute(db);
    expect(await look()).toBeNull();
  });

  test('by what other applications, and other queues, have in the same namespace', async () => {
    await startWorkflow(typeidUnboxed('order'), { type: 'somebodyElses' });
    await startWorkflow('invoice-7');
    await startWorkflow(typeidUnboxed('order'), { taskQueue: 'theirs' });
    expect(await look()).toBeNull();
  });

  test('by orders of all tenants', async () => {
    const id = await acceptOrder(db);
    await sql`update orders set tenant = 'elsewhere' where id = ${id}`.execute(db);
    await startWorkflow(id);
    expect(await look()).toBeNull();
  });

  test('by a contradiction that does not last', async () => {
    const id = typeidUnboxed('order');
    let asked = 0;
    const database = { epoch: (await records.read()).epoch, position: 0 };
    const lagging: OrderWitnesses = {
      ...witnesses,
      newest: () => {
        asked += 1;
        const seen = { orderId: id, runId: 'run', startedAt: new Date().toISOString(), database };
        return Promise.resolve(asked === 1 ? [{ ...seen, status: 'running' }] : []);
      },
    };
    await lookForNewer({ records, witnesses: lagging, patience, secondLookMs: 1 });
    expect([asked, (await records.read()).behind]).toEqual([2, null]);
  });

  test('by an alarm for an epoch that is over', async () => {
    const { epoch } = await records.read();
    await records.raiseAlarm({ epoch: epoch - 1, evidence: 'old' });
    expect((await records.read()).behind).toBeNull();
  });
});

describe('the guard of a process', () => {
  const guarded = async (watched: OrderWitnesses, work: (guard: RestoreGuard) => Promise<void>): Promise<void> => {
    const guard = createRestoreGuard({ records, witnesses: watched, logger: silent, secondLookMs: 1 });
    expect(guard.refusal()).toMatchObject({ kind: 'looking' });
    expect(guard.mayWork()).toBe(false);
    guard.start();
    try {
      await work(guard);
    } finally {
      await guard.stop();
    }
  };

  test('lets work begin once somebody has looked', () =>
    guarded(witnesses, async (guard) => {
      await until(() => Promise.resolve(guard.mayWork()), 'it has looked');
      expect([guard.refusal(), guard.isBehind()]).toEqual([null, false]);
      expect(guard.witness().epoch).toBe((await records.read()).epoch);
    }));

  test('accepts while Temporal is away, starts and numbers nothing, and looks as soon as it is back', async () => {
    let isAway = true;
    const lost = typeidUnboxed('order');
    await startWorkflow(lost);
    const away: OrderWitnesses = {
      ...witnesses,
      newest: (given) => (isAway ? Promise.reject(new Error('away')) : witnesses.newest(given)),
    };
    await guarded(away, async (guard) => {
      await until(() => Promise.resolve(guard.refusal() === null), 'orders are accepted');
      expect(guard.mayWork()).toBe(false);
      isAway = false;
      await until(() => Promise.resolve(guard.isBehind()), 'it has looked');
      expect(guard.refusal()).toMatchObject({ kind: 'behind' });
    });
  });

  test('hears of an alarm that another process has raised, and of its end', () =>
    guarded({ ...witnesses, newest: () => Promise.resolve([]) }, async (guard) => {
      await until(() => Promise.resolve(guard.mayWork()), 'it has looked');
      await records.raiseAlarm({ epoch: (await records.read()).epoch, evidence: 'This database is old. order_1' });
      await until(() => Promise.resolve(guard.isBehind()), 'it hears');
      const { behind } = await records.read();
      expect(behind?.forMs).toBeGreaterThan(0);
      expect(behind?.forMs).toBeLessThan(60_000);
      expect(guard.refusal()?.detail).toMatch(/^This database is old\. (?!order)/);
      await sql`update database_epoch set epoch = epoch + 1, behind_since = null, evidence = null`.execute(db);
      await until(() => Promise.resolve(guard.mayWork()), 'it goes on');
    }));
});
