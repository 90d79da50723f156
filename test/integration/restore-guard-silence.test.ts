// A process that starts while Temporal's lists do not answer: they come from a store of their own, and may be away while all
// else is well.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createRestoreRecords } from '../../src/adapters/postgres/restore.ts';
import { createOrderWitnesses } from '../../src/adapters/temporal/order-witnesses.ts';
import { createRestoreGuard, type RestoreGuard } from '../../src/background/restore-guard.ts';
import type { OrderWitnesses } from '../../src/ports/restore.ts';
import { createHealthMonitor } from '../../src/runtime/health.ts';
import { openTestDatabase } from '../support/database.ts';
import { sharedServers, testNamespace } from '../support/servers.ts';
import { until } from '../support/until.ts';

type Line = { level: number; msg: string; err?: { message: string } };

let db: Database;
let close: () => Promise<void>;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  connection = await Connection.connect({ address: (await sharedServers()).temporalAddress });
  client = new Client({ connection, namespace: await testNamespace() });
});
afterAll(async () => {
  await connection.close();
  await close();
});

/** A client of the real server that answers everything but lists, which fail `times` times. */
function withFailingLists(times: number): { client: Client; asked: () => number } {
  let asked = 0;
  const service = new Proxy(client.workflowService, {
    get: (target, name) => {
      if (name !== 'listWorkflowExecutions') return Reflect.get(target, name) as unknown;
      return (...request: Parameters<typeof target.listWorkflowExecutions>) => {
        asked += 1;
        return asked > times
          ? target.listWorkflowExecutions(...request)
          : Promise.reject(new Error('visibility is away'));
      };
    },
  });
  const failing = new Proxy(client, {
    get: (target, name) => (name === 'workflowService' ? service : (Reflect.get(target, name) as unknown)),
  });
  return { client: failing, asked: () => asked };
}

async function guarded(
  witnesses: OrderWitnesses,
  work: (guard: RestoreGuard, lines: Line[]) => Promise<void>,
): Promise<void> {
  const lines: Line[] = [];
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const guard = createRestoreGuard({ records: createRestoreRecords({ db }), witnesses, logger });
  guard.start();
  try {
    await work(guard, lines);
  } finally {
    await guard.stop();
  }
}

test('says since when and why nothing is started, accepts orders meanwhile, and goes on by itself', async () => {
  // Each look asks for two lists.
  const { client: failing, asked } = withFailingLists(4);
  await guarded(createOrderWitnesses({ client: failing }), async (guard, lines) => {
    const begun = new Date().toISOString();
    await guard.firstLook;
    expect([guard.refusal(), guard.mayWork()]).toEqual([null, false]);
    const { restore } = await createHealthMonitor({ restore: guard.check }).check();
    expect(restore).toMatchObject({
      state: 'failing',
      detail: expect.stringMatching(
        /list of workflows does not answer since .*visibility is away.*Orders are accepted/,
      ),
    });
    const [since = ''] = /\d{4}-\S+Z/.exec(restore?.detail ?? '') ?? [];
    expect(since >= begun && since <= new Date().toISOString()).toBe(true);

    await until(() => guard.mayWork(), 'it goes on');
    expect(asked()).toBe(6);
    await guard.check();
    const told = lines.filter(({ msg }) => msg.includes('list of workflows'));
    expect(told).toMatchObject([
      { level: 40, msg: expect.stringContaining('Orders are accepted'), err: { message: 'visibility is away' } },
      { level: 30, msg: expect.stringContaining('answers again') },
    ]);
  });
});

test('asks with more patience every time, and hears of an alarm and stops while it waits', async () => {
  const patience: number[] = [];
  const slow: OrderWitnesses = {
    sawEndRecorded: () => Promise.resolve(true),
    newest: ({ withinMs, signal }) => {
      patience.push(withinMs);
      if (patience.length < 3) return Promise.reject(new Error('too slow'));
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('stopped'))));
    },
  };
  const records = createRestoreRecords({ db });
  await guarded(slow, async (guard) => {
    await until(() => patience.length === 3, 'it has asked three times');
    expect(patience).toEqual([3_000, 6_000, 12_000]);
    await records.raiseAlarm({ epoch: (await records.read()).epoch, evidence: 'old' });
    await until(() => guard.isBehind(), 'it hears', 3_000);
  });
});
