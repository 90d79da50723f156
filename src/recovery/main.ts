// `npm run recover`: brings a database up to date that was restored from a backup (docs/operations.md).
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { createStripeProvider } from '../adapters/payment/stripe.ts';
import { openDatabase, STEP_PATIENCE } from '../adapters/postgres/database.ts';
import { createPaymentRecords } from '../adapters/postgres/payment.ts';
import { createRecoveryRecords } from '../adapters/postgres/recovery.ts';
import { createRestoreRecords } from '../adapters/postgres/restore.ts';
import { openDataConverter } from '../adapters/temporal/data-converter.ts';
import { createOrderHistories } from '../adapters/temporal/order-histories.ts';
import { createOrderWitnesses } from '../adapters/temporal/order-witnesses.ts';
import { createWorkflowList } from '../adapters/temporal/workflow-list.ts';
import { createOrderView } from '../api/order-view.ts';
import { answerWith } from '../api/recorded-answer.ts';
import { ConfigurationError, loadRecoverConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { loadTemporalConnection } from '../runtime/temporal.ts';
import { NothingToDo, recover, Refused } from './recover.ts';
import type { RecoveryOptions } from './run.ts';

const USAGE = `npm run recover -- [--dry-run] [--forget]
  with DATABASE_URL, STRIPE_API_KEY (and STRIPE_API_BASE), TEMPORAL_ADDRESS and TEMPORAL_UI_URL as api and worker have them

  --dry-run  says what would be done, and changes nothing
  --forget   a new database beside an old Temporal: gives up what Temporal has of the orders of another`;

/** It is done, and something is left that only a person can put right; the same as of `npm run reconcile`. */
const NEEDS_PERSON = 1;
const FAILED = 2;
const POOL_SIZE = 9;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    return await run(readOptions(args));
  } catch (error) {
    if (error instanceof NothingToDo) return (say(error.message), 0);
    const isPlain = error instanceof Refused || error instanceof ConfigurationError;
    const { message, stack } = error as Error;
    process.stderr.write(`${isPlain ? message : `It failed, and can be run again: ${stack ?? message}`}\n`);
    return FAILED;
  }
}

function readOptions(args: string[]): RecoveryOptions {
  try {
    const options = { 'dry-run': { type: 'boolean' }, forget: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    return { dryRun: values['dry-run'] ?? false, forget: values.forget ?? false };
  } catch (error) {
    throw new Refused(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

async function run(options: RecoveryOptions): Promise<number> {
  const config = loadRecoverConfig();
  const temporal = loadTemporalConnection();
  const db = openDatabase({
    connectionString: config.DATABASE_URL,
    poolSize: POOL_SIZE,
    patience: STEP_PATIENCE,
    applicationName: 'durable-orders-recover',
    logger: createLogger({ name: 'recover', level: 'warn' }),
  });
  const connection = Connection.lazy(temporal.connection);
  const { dataConverter } = openDataConverter(config);
  const client = new Client({ connection, namespace: temporal.namespace, dataConverter });
  // As the api shows them: what clients were answered is written again.
  const view = createOrderView({
    workflowUrl: (orderId) => `${config.TEMPORAL_UI_URL}/namespaces/${temporal.namespace}/workflows/${orderId}`,
  });
  try {
    const report = await recover(
      {
        state: createRestoreRecords({ db }),
        witnesses: createOrderWitnesses({ client }),
        workflows: createWorkflowList({ client }),
        histories: createOrderHistories({ client }),
        provider: createStripeProvider({
          apiKey: config.STRIPE_API_KEY,
          apiBase: config.STRIPE_API_BASE,
          timeoutMs: config.PROVIDER_TIMEOUT_MS,
        }),
        payments: createPaymentRecords({ db }),
        records: createRecoveryRecords({ db }),
        render: (order) => answerWith(view, order, 202),
        wait: sleep,
      },
      options,
    );
    for (const line of report.lines()) say(line);
    return report.needsPerson() ? NEEDS_PERSON : 0;
  } finally {
    await connection.close();
    await db.destroy();
  }
}
