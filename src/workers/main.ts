// Wires the worker: adapters into activities, activities into the two workers. Nothing here decides anything.
// First of all: what makes spans is patched before anybody imports it.
import { tracing } from './tracing.ts';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createNoticeActivities } from '../activities/index.ts';
import { createQueueActivities } from '../activities/queues.ts';
import { openBroker } from '../adapters/amqp/parts.ts';
import { openNotices } from '../adapters/notification/parts.ts';
import { guardProvider } from '../adapters/payment/breaker.ts';
import { providerCalls } from '../adapters/payment/calls.ts';
import { isProviderIll } from '../adapters/payment/stripe-errors.ts';
import { createStripeProvider } from '../adapters/payment/stripe.ts';
import { openDatabase, pingDatabase, readPool, STEP_PATIENCE } from '../adapters/postgres/database.ts';
import { migrationCheck, newestMigration } from '../adapters/postgres/migrate.ts';
import { openWorkerRecords } from '../adapters/postgres/records-of-worker.ts';
import { carrierCalls, countCarrierCalls } from '../adapters/shipping/calls.ts';
import { createHttpCarrier, noCarrier } from '../adapters/shipping/http.ts';
import { createSearchAttributeCheck } from '../adapters/temporal/search-attributes.ts';
import { openDataConverter } from '../adapters/temporal/data-converter.ts';
import { createOrderResolver } from '../adapters/temporal/order-resolver.ts';
import { createOrderWitnesses } from '../adapters/temporal/order-witnesses.ts';
import { clientInterceptors, workerTraces } from '../adapters/temporal/traces.ts';
import { createProviderHeartbeat } from '../background/provider-heartbeat.ts';
import { createReconciliationLauncher } from '../background/reconciliation-launcher.ts';
import { createReconciliationStarter } from '../adapters/temporal/reconciliation-starter.ts';
import { createRestoreGuard } from '../background/restore-guard.ts';
import { createWebhookSender } from '../adapters/webhook/http.ts';
import { createWorkflowList } from '../adapters/temporal/workflow-list.ts';
import { createBroker } from '../background/broker.ts';
import { createCustomerNotices } from '../background/customer-notices.ts';
import { createEraser } from '../background/erasure.ts';
import { createSequencer } from '../background/sequencer.ts';
import { createWebhooks } from '../background/webhooks.ts';
import { messageOf } from '../events/message.ts';
import { workerIdentity } from '../contracts/worker-identity.ts';
import { showCalls } from '../runtime/call-metrics.ts';
import { loadWorkerConfig } from '../runtime/config.ts';
import { createCrashPoints } from '../runtime/crash-points.ts';
import { measureEventLoopLag, showEventLoopLag } from '../runtime/event-loop.ts';
import { createHealthMonitor } from '../runtime/health.ts';
import { createLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { showPools } from '../runtime/pool-gauges.ts';
import { retentionOf } from '../runtime/retention-settings.ts';
import { toReviewRules } from '../runtime/review-settings.ts';
import { closeOnExit } from '../runtime/shutdown.ts';
import { serveAside } from '../runtime/side-server.ts';
import { loadTemporalConnection } from '../runtime/temporal.ts';
import { healthPages } from './health.ts';
import { createOrderWorkers, type OrderWorkers } from './order-worker.ts';
import { showNotices } from '../adapters/notification/metrics.ts';
import { createPolling, showPolling } from './polling.ts';
import { describeProvider, showCircuits } from './provider-metrics.ts';
import { installRuntime } from './sdk-runtime.ts';
import { bundleCode, loadWorkflowBundle } from './workflow-bundle.ts';

const CONNECT_PAUSE_MS = 1_000;
const WEBHOOK_POOL_SIZE = 3;
/** The name of the payment provider wherever its state is shown. */
const PROVIDER = 'stripe';

const config = loadWorkerConfig();
const logger = createLogger({ name: 'worker', level: config.LOG_LEVEL });
tracing?.logTo(logger);
const metrics = createMetrics();
metrics.text((await installRuntime(logger)).readMetrics);

const temporal = loadTemporalConnection();
const crashPoints = createCrashPoints({
  setting: config.CRASH_POINTS,
  seed: config.CRASH_SEED,
  addresses: {
    DATABASE_URL: config.DATABASE_URL,
    TEMPORAL_ADDRESS: temporal.connection.address,
    STRIPE_API_BASE: config.STRIPE_API_BASE,
    ...(config.CARRIER_API_BASE === undefined ? {} : { CARRIER_API_BASE: config.CARRIER_API_BASE }),
    WORKER_HEALTH_HOST: config.WORKER_HEALTH_HOST,
    ...(config.AMQP_URL ? { AMQP_URL: config.AMQP_URL.hostname } : {}),
    ...(config.SMTP_URL ? { SMTP_URL: config.SMTP_URL.host } : {}),
  },
  providerKey: config.STRIPE_API_KEY,
});
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: STEP_PATIENCE,
  applicationName: 'durable-orders-worker',
  logger,
});
// A pool of its own: subscribers that are slow or many, a broker, and mails to customers, keep no step from its connection.
const webhookDatabase = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: WEBHOOK_POOL_SIZE,
  patience: STEP_PATIENCE,
  applicationName: 'durable-orders-webhooks',
  logger,
});
const { steps, loops } = openWorkerRecords({
  ...{ db, webhookDb: webhookDatabase, crashPoints },
  reviewRules: toReviewRules(config),
  authorizationMarginMs: config.AUTHORIZATION_MARGIN_MS,
});

const guarded = guardProvider({
  provider: createStripeProvider({
    apiKey: config.STRIPE_API_KEY,
    apiBase: config.STRIPE_API_BASE,
    timeoutMs: config.PROVIDER_TIMEOUT_MS,
  }),
  isIll: isProviderIll,
  failuresToOpen: config.PROVIDER_BREAKER_FAILURES,
  onChange: () => heartbeat.changed(),
  onCall: (call) => countCall(call),
});
const heartbeat = createProviderHeartbeat({
  states: loops.providerStates,
  provider: PROVIDER,
  worker: `${hostname()}:${process.pid}`,
  read: guarded.read,
  logger,
});

const carrier = crashPoints.around(
  'carrier',
  config.CARRIER_API_BASE === undefined
    ? noCarrier
    : countCarrierCalls(
        createHttpCarrier({
          apiKey: config.CARRIER_API_KEY,
          apiBase: config.CARRIER_API_BASE,
          timeoutMs: config.CARRIER_TIMEOUT_MS,
        }),
        showCalls(metrics, carrierCalls),
      ),
);
// Served before Temporal is there: a worker that waits for it lives, and must not be taken for dead.
const polling = createPolling({
  mayWork: () => guard.mayWork(),
  start: () => startWorkers(),
  onStart: () => logger.info({ healthPort: health.port, version: config.version }, 'polling'),
});
const { dataConverter, codec } = openDataConverter(config);
const lazyConnection = Connection.lazy(temporal.connection);
const lazyClient = new Client({ connection: lazyConnection, namespace: temporal.namespace, dataConverter });
const guard = createRestoreGuard({
  records: loops.restore,
  witnesses: createOrderWitnesses({ client: lazyClient }),
  logger,
  // What is under way comes to its end; nothing more is taken from Temporal.
  onChange: () => {
    if (guard.isBehind()) polling.pause();
  },
});
const sequencer = createSequencer({ events: loops.events, logger, mayWork: guard.mayWork });
const broker = createBroker({
  parts: openBroker({ settings: config, db: webhookDatabase, crashPoints }),
  logger,
  mayWork: guard.mayWork,
});
const mailing = await openNotices({ settings: config, db: webhookDatabase, client: lazyClient, crashPoints });
const notices = createCustomerNotices({ parts: mailing?.parts ?? null, logger, mayWork: guard.mayWork });
const { erasureWork: work } = loops;
const eraser = createEraser({ work, retention: retentionOf(config), logger, mayWork: guard.mayWork });
const monitor = createHealthMonitor({
  database: () => pingDatabase(db),
  migrations: migrationCheck(db, await newestMigration()),
  provider: () => Promise.resolve(describeProvider(guarded.read())),
  polling: () => (polling.isUnderWay() ? Promise.resolve() : Promise.reject(new Error('not polling'))),
  sequencer: sequencer.check,
  restore: guard.check,
  'search-attributes': createSearchAttributeCheck({ client: lazyClient }),
  payloads: codec.check,
  ...broker.probes,
  ...notices.probes,
  ...eraser.probes,
});
const operations = guarded.circuits().map(({ operation }) => operation);
const countCall = showCalls(metrics, providerCalls(PROVIDER, operations));
showCircuits(metrics, { provider: PROVIDER, circuits: guarded.circuits });
for (const gauge of [...broker.gauges, ...notices.gauges, ...eraser.gauges]) metrics.gauge(gauge);
const health = await serveAside({
  host: config.WORKER_HEALTH_HOST,
  port: config.WORKER_HEALTH_PORT,
  pages: {
    ...healthPages({ monitor, isReady: polling.isUnderWay, version: config.version }),
    '/metrics': metrics.page,
  },
});

showPools(metrics, { worker: () => readPool(db), webhooks: () => readPool(webhookDatabase) });
showPolling(metrics, polling);
const lag = measureEventLoopLag();
showEventLoopLag(metrics, 'worker', lag);
const webhookSender = createWebhookSender({
  timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  loopback: config.WEBHOOK_LOOPBACK === 'allowed',
});
const webhooks = createWebhooks({
  work: loops.webhookWork,
  sender: crashPoints.around('webhookSender', { send: webhookSender.send }),
  messageOf: (event, format) => messageOf(event, format, { publicUrl: config.PUBLIC_URL }),
  timeoutMs: config.WEBHOOK_TIMEOUT_MS,
  pausesMs: config.WEBHOOK_RETRY_SECONDS,
  probeMs: config.WEBHOOK_PROBE_MS,
  keepMs: config.WEBHOOK_KEEP_MS,
  logger,
  mayWork: guard.mayWork,
});

const bundle = await loadWorkflowBundle(config.WORKFLOW_BUNDLE_PATH, { hasVersion: config.version !== null });
const connection = await connect();
// Over the worker's own connection: it tells orders' workflows what was decided about many of them, and looks which there are.
const interceptors = clientInterceptors(tracing);
const client = new Client({ connection, namespace: temporal.namespace, interceptors, dataConverter });
const mails = mailing && {
  activities: createNoticeActivities({ ...mailing.ports, onOver: showNotices(metrics) }),
  ...{ atOnce: mailing.atOnce, perSecond: mailing.perSecond },
};
const provider = crashPoints.around('provider', guarded.provider);
const reconciliationLauncher = createReconciliationLauncher({
  marks: loops.reconciliationMarks,
  starter: createReconciliationStarter({ client }),
  everyMs: config.RECONCILE_EVERY_MS,
  logger,
  mayWork: guard.mayWork,
});
const startWorkers = (): Promise<OrderWorkers> =>
  createOrderWorkers({
    connection,
    namespace: temporal.namespace,
    dataConverter,
    identity: workerIdentity({ pid: process.pid, host: hostname(), code: bundleCode(bundle) }),
    bundle,
    ...createQueueActivities({
      ...steps,
      ...{ provider, carrier, graceMs: config.RECONCILE_GRACE_MS },
      resolver: createOrderResolver({ client }),
      workflows: createWorkflowList({ client }),
    }),
    notices: mails,
    carrierRequestsPerSecond: config.CARRIER_REQUESTS_PER_SECOND,
    providerRequestsPerSecond: config.PAYMENTS_PER_SECOND,
    maxCachedWorkflows: config.MAX_CACHED_WORKFLOWS,
    version: config.version,
    traces: workerTraces(tracing),
  });

guard.start();
sequencer.start();
heartbeat.start();
webhooks.start();
broker.start();
notices.start();
eraser.start();
reconciliationLauncher.start();
closeOnExit({
  logger,
  parts: [
    { name: 'traces', close: async () => tracing?.close() },
    { name: 'database', close: () => db.destroy() },
    { name: 'database of webhooks', close: () => webhookDatabase.destroy() },
    { name: 'connections to subscribers', close: () => Promise.resolve(webhookSender.close()) },
    { name: 'connections to the mail server', close: () => Promise.resolve(mailing?.close()) },
    { name: 'guard connection', close: () => lazyConnection.close() },
    { name: 'temporal', close: () => connection.close() },
    { name: 'health', close: health.close },
    { name: 'restore-guard', close: guard.stop },
    { name: 'sequencer', close: sequencer.stop },
    { name: 'provider-heartbeat', close: heartbeat.stop },
    { name: 'reconciliation-launcher', close: reconciliationLauncher.stop },
    { name: 'eraser', close: eraser.stop },
    { name: 'broker', close: broker.stop },
    { name: 'customer notices', close: notices.stop },
    { name: 'webhooks', close: webhooks.stop },
    { name: 'event-loop-lag', close: () => Promise.resolve(lag.close()) },
    { name: 'workers', close: polling.close },
  ],
});
await polling.run();

/** The SDK does not try again by itself when Temporal is not there yet. */
async function connect(): Promise<NativeConnection> {
  for (let told = false; ; told = true) {
    try {
      return await NativeConnection.connect(temporal.connection);
    } catch (error) {
      if (!told) logger.warn({ err: error }, 'Temporal does not answer; this worker keeps trying');
      await sleep(CONNECT_PAUSE_MS);
    }
  }
}
