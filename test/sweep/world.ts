// The product in one process on a real Temporal server, for many orders at once: its loops run all the time, as an api's do.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import pg from 'pg';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import type { Bounds } from '../../src/contracts/process-order.ts';
import { createCarrierSimulator } from '../../src/simulator/carrier/server.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';
import { createInsides, type Hooks } from '../model/insides.ts';
import { silent } from '../support/database.ts';
import { sharedServers, testDatabase, testNamespace } from '../support/servers.ts';
import { parserOf, type JournalItem } from '../support/stack.ts';

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

// Between two turns of the loops, and two looks at the rows.
const TURN_MS = 150;
const HOUR_MS = 3_600_000;

/** Nothing ends by the clock but what a story waits for: the next try, a reminder, the second group of a review. */
const bounds: Bounds = {
  providerOutageLimitMs: HOUR_MS,
  stepOutageLimitMs: HOUR_MS,
  undoAttempts: 1_000,
  providerPauses: { firstMs: 100, slowMs: 500 },
  parkedReminderMs: 500,
  customerWaitMs: HOUR_MS,
  paymentRetryMs: 0,
  review: { escalateMs: 500, limitMs: HOUR_MS, onExpiry: 'reject' },
  shipping: {
    packingLimitMs: HOUR_MS,
    dispatchLimitMs: HOUR_MS,
    deliveryLimitMs: HOUR_MS,
    firstLookMs: HOUR_MS,
    slowLookMs: HOUR_MS,
  },
  backorderLimitMs: HOUR_MS,
};

/** How an order stands, by its rows. */
export type Seen = {
  id: string;
  status: string;
  waitsFor: string | null;
  parkedAt: string | null;
  isEnding: boolean;
  isClosed: boolean;
  isLabelled: boolean;
  isReminded: boolean;
  isEscalated: boolean;
  paymentId: string | null;
};
type Watch = { orderId: string; isSeen: (seen: Seen) => boolean; resolve: (seen: Seen) => void };

export type SweepWorld = Awaited<ReturnType<typeof startSweepWorld>>;

export async function startSweepWorld(hooks: Hooks) {
  const { temporalAddress: address, bundlePath } = await sharedServers();
  const database = await testDatabase();
  const namespace = await testNamespace();
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-sweep-'));
  const here = { host: '127.0.0.1', port: 0 };
  const simulator = await createPaymentSimulator({ dataDir: join(directory, 'payment'), ...here });
  const carrier = await createCarrierSimulator({
    dataDir: join(directory, 'carrier'),
    webhookEndpoints: [],
    ...here,
  });
  const connecting = { connectionString: database.url, applicationName: 'sweep', logger: silent };
  const db = openDatabase({ ...connecting, poolSize: 20, patience: STEP_PATIENCE });
  const rows = new pg.Pool({ connectionString: database.url, max: 4, types: { getTypeParser: parserOf } });
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const insides = await createInsides({
    ...{ db, client, connection: native, hooks, bounds, clock: { sync: () => Promise.resolve() } },
    ...{ paymentUrl: simulator.url, carrierUrl: carrier.url, code: await readFile(bundlePath, 'utf8') },
  });

  const watches = new Set<Watch>();
  let isOpen = true;
  const turning = turn(() => insides.turnLoops());
  const looking = turn(async () => {
    if (watches.size === 0) return;
    const ids = [...new Set([...watches].map(({ orderId }) => orderId))];
    for (const seen of (await rows.query<Seen>(seenQuery, [ids])).rows)
      for (const watch of watches)
        if (watch.orderId === seen.id && (seen.isClosed || watch.isSeen(seen))) {
          watches.delete(watch);
          watch.resolve(seen);
        }
  });

  async function turn(work: () => Promise<void>): Promise<void> {
    for (; isOpen; await sleep(TURN_MS)) await work();
  }

  return {
    ...{ url: insides.url, simulatorUrl: simulator.url, carrierUrl: carrier.url, rows, db: rows },
    /** Until the order stands so, or is closed. */
    sees: (orderId: string, isSeen: (seen: Seen) => boolean): Promise<Seen> =>
      new Promise((resolve) => watches.add({ orderId, isSeen, resolve })),
    /** A minute passes for what is asked for of the order: what may still be on its way to a partner is not any more. */
    passMinute: async (orderId: string): Promise<void> => {
      await rows.query(
        `update shipments set label_asked_at = label_asked_at - interval '1 minute' where order_id = $1`,
        [orderId],
      );
    },
    /** What goes on, or is still to be begun. */
    findOpen: async (): Promise<string[]> => {
      const { rows: due } = await rows.query<{ what: string }>(dueQuery);
      const open = due.map(({ what }) => what);
      for await (const { workflowId } of client.workflow.list({ query: "ExecutionStatus = 'Running'" }))
        open.push(workflowId);
      return open;
    },
    journal: async () => {
      const answer = await fetch(`${simulator.url}/_simulator/journal`);
      return ((await answer.json()) as { items: JournalItem[] }).items;
    },
    close: async (): Promise<void> => {
      isOpen = false;
      await Promise.all([turning, looking]);
      await insides.close();
      await Promise.all([simulator.close(), carrier.close(), rows.end(), db.destroy(), connection.close()]);
      await native.close();
      await database.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const seenQuery = `
  select o.id, o.status, o.waiting ->> 'for' as "waitsFor", o.attention ->> 'step' as "parkedAt",
         o.ending is not null as "isEnding", o.closed_at is not null as "isClosed",
         exists (select 1 from shipments s where s.order_id = o.id and s.tracking_number is not null) as "isLabelled",
         exists (select 1 from events e where e.order_id = o.id and e.event_type = 'order.parked.reminder') as "isReminded",
         exists (select 1 from reviews r where r.order_id = o.id and r.escalated_at is not null) as "isEscalated",
         (select provider_id from payments p where p.order_id = o.id order by ordinal limit 1) as "paymentId"
  from orders o where o.id = any($1)`;

const dueQuery = `
  select 'launch ' || id as what from orders where launch_after is not null
  union all select 'capture ' || order_id from payments where capture_after < now() + interval '1 minute'
  union all select 'notice ' || event_id from payment_notices where due_at is not null
  union all select 'shipment notice ' || event_id from shipment_notices where due_at is not null`;
