// What is taken for a database that was restored, and what is not, by Temporal's own list.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { createRestoreRecords } from '../../src/adapters/postgres/restore.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createOrderWitnesses } from '../../src/adapters/temporal/order-witnesses.ts';
import { createRestoreGuard, lookForNewer, type RestoreGuard } from '../../src/background/restore-guard.ts';
import { PROCESS_ORDER, WITNESS_MEMO } from '../../src/contracts/process-order.ts';
import type { OrderWitnesses, RestoreRecords } from '../../src/ports/restore.ts';
import { acceptOrder, openTestDatabase, silent, stockProduct } from '../support/database.ts';
import { sharedServers, testNamespace } from '../support/servers.ts';
import { until } from '../support/until.ts';

let db: Database;
let close: () => Promise<void>;
let connection: Connection;
let client: Client;
let records: RestoreRecords;
let witnesses: OrderWitnesses;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  await stockProduct(db, 'book');
  connection = await Connection.connect({ address: (await sharedServers()).temporalAddress });
  client = new Client({ connection, namespace: await testNamespace() });
  records = createRestoreRecords({ db });
  witnesses = createOrderWitnesses({ client });
});
afterAll(async () => {
  for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running'` }))
    await client.workflow.getHandle(workflowId).terminate();
  await connection.close();
  await close();
});
beforeEach(() => sql`update database_epoch set epoch = epoch + 1, behind_since = null, evidence = null`.execute(db));

/** Starts a workflow that nobody works on, as the api would; `position`: of the feed, as its starter knew it. */
async function startWorkflow(
  workflowId: string,
  { type = PROCESS_ORDER, taskQueue = 'orders', position = 0 } = {},
): Promise<void> {
  const { epoch } = await records.read();
  const memo = { [WITNESS_MEMO]: { epoch, position } };
  await client.workflow.start(type, { taskQueue, workflowId, args: [], memo });
  await isListed(workflowId, `ExecutionStatus = 'Running'`);
}
const isListed = (workflowId: string, condition: string): Promise<void> =>
  until(
    async () => (await client.workflow.count(`WorkflowId = '${workflowId}' and ${condition}`)).count > 0,
    `${workflowId} is listed`,
  );
async function look(): Promise<string | null> {
  await lookForNewer({ records, witnesses, secondLookMs: 50 });
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
});

describe('a database is not taken for one that is behind', () => {
  test('by workflows of its own orders, open and terminated, and orders that were never started', async () => {
    await acceptOrder(db);
    const [running, ended] = [await acceptOrder(db), await acceptOrder(db)];
    for (const id of [running, ended]) await startWorkflow(id);
    await client.workflow.getHandle(ended).terminate('by hand');
    await isListed(ended, `ExecutionStatus = 'Terminated'`);
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
      newest: () => {
        asked += 1;
        const startedAt = new Date().toISOString();
        return Promise.resolve(asked === 1 ? [{ orderId: id, status: 'running', startedAt, database }] : []);
      },
    };
    await lookForNewer({ records, witnesses: lagging, secondLookMs: 1 });
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
      newest: () => (isAway ? Promise.reject(new Error('away')) : witnesses.newest()),
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
    guarded({ newest: () => Promise.resolve([]) }, async (guard) => {
      await until(() => Promise.resolve(guard.mayWork()), 'it has looked');
      await records.raiseAlarm({ epoch: (await records.read()).epoch, evidence: 'This database is old. order_1' });
      await until(() => Promise.resolve(guard.isBehind()), 'it hears');
      expect(guard.refusal()?.detail).toMatch(/^This database is old\. (?!order)/);
      await sql`update database_epoch set epoch = epoch + 1, behind_since = null, evidence = null`.execute(db);
      await until(() => Promise.resolve(guard.mayWork()), 'it goes on');
    }));
});
