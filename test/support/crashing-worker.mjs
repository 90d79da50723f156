// A worker that kills itself (SIGKILL: no clean-up, like a power cut) at a named point, once. It is the compiled worker
// with other dependencies: the product's own code has no crash points in it.
import { existsSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { NativeConnection } from '@temporalio/worker';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { createProviderActivities, createStepActivities } from '../../dist/activities/index.js';
import { createStripeProvider } from '../../dist/adapters/payment/stripe.js';
import { createAttemptLog } from '../../dist/adapters/postgres/attempts.js';
import { createInventory } from '../../dist/adapters/postgres/inventory.js';
import { createOrderSteps } from '../../dist/adapters/postgres/order.js';
import { createPaymentRecords } from '../../dist/adapters/postgres/payment.js';
import { createOrderWorkers } from '../../dist/workers/order-worker.js';

const { CRASH_AT, CRASH_MARK, DATABASE_URL, TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, WORKFLOW_BUNDLE_PATH } = process.env;

function crash() {
  if (existsSync(CRASH_MARK)) return;
  writeFileSync(CRASH_MARK, CRASH_AT);
  process.kill(process.pid, 'SIGKILL');
}

// Inside a transaction: this statement has been executed, the commit has not.
const insideSql = {
  'inside reserve': /insert into reservations/,
  'inside keeping the provider id': /set provider_id = /,
  'inside recording the capture': /insert into ledger/,
  'inside confirm': /update reservations set state/,
};

const db = new Kysely({
  dialect: new PostgresDialect({
    pool: new pg.Pool({
      connectionString: DATABASE_URL,
      max: 5,
      types: {
        getTypeParser: (oid, format) =>
          oid === 20 ? Number : oid === 1184 ? String : pg.types.getTypeParser(oid, format),
      },
    }),
  }),
  log: ({ query }) => {
    if (insideSql[CRASH_AT]?.test(query.sql)) crash();
  },
});

// Behind a call: it has done everything, and nobody has heard of it.
const afterCall = (role, port) =>
  Object.fromEntries(
    Object.entries(port).map(([name, call]) => [
      name,
      async (request) => {
        const result = await call(request);
        if (CRASH_AT === `after ${role}.${name}`) crash();
        return result;
      },
    ]),
  );

const workers = await createOrderWorkers({
  connection: await NativeConnection.connect({ address: TEMPORAL_ADDRESS }),
  namespace: TEMPORAL_NAMESPACE,
  bundle: { code: await readFile(WORKFLOW_BUNDLE_PATH, 'utf8') },
  steps: createStepActivities({
    inventory: afterCall('inventory', createInventory({ db })),
    orders: afterCall('orders', createOrderSteps({ db })),
    payments: createPaymentRecords({ db }),
  }),
  bulk: {},
  provider: createProviderActivities({
    provider: afterCall(
      'provider',
      createStripeProvider({ apiKey: 'sk_test_local', apiBase: process.env.STRIPE_API_BASE, timeoutMs: 3_000 }),
    ),
    payments: afterCall('payments', createPaymentRecords({ db })),
    attempts: createAttemptLog({ db }),
    inventory: createInventory({ db }),
  }),
  providerRequestsPerSecond: 10_000,
  maxCachedWorkflows: 50,
});
await workers.run();
