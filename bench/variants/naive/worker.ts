// One worker with the SDK's defaults.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { openDatabase, STEP_PATIENCE } from '../../../src/adapters/postgres/database.ts';
import { loadWorkerConfig } from '../../../src/runtime/config.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { loadTemporalConnection } from '../../../src/runtime/temporal.ts';
import { serveWorker } from '../worker-pages.ts';
import { createNaiveActivities } from './activities.ts';

const config = loadWorkerConfig();
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: STEP_PATIENCE,
  applicationName: 'bench-naive-worker',
  logger: createLogger({ name: 'naive-worker', level: config.LOG_LEVEL }),
});
const temporal = loadTemporalConnection();
const connection = await NativeConnection.connect(temporal.connection);
const worker = await Worker.create({
  connection,
  namespace: temporal.namespace,
  taskQueue: 'naive-orders',
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
  activities: createNaiveActivities(db, {
    apiKey: config.STRIPE_API_KEY,
    apiBase: config.STRIPE_API_BASE,
    timeoutMs: config.PROVIDER_TIMEOUT_MS,
  }),
});
await serveWorker(worker);
await connection.close();
await db.destroy();
