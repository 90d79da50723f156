// Wires the api: adapters into routes, and the loops that any process may run. Nothing here decides anything.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { createStripeProvider } from '../adapters/payment/stripe.ts';
import { createStripeNoticeReader } from '../adapters/payment/stripe-notice.ts';
import { createConfiguredPricing } from '../adapters/pricing/configured.ts';
import { createAcceptance } from '../adapters/postgres/acceptance.ts';
import { createAmendments } from '../adapters/postgres/amendment.ts';
import { createAmendmentMarks } from '../adapters/postgres/amendment-marks.ts';
import { createAnswerBook } from '../adapters/postgres/answers.ts';
import { createApiKeys } from '../adapters/postgres/api-key.ts';
import { createBackorderReading, createBackorders } from '../adapters/postgres/backorder.ts';
import { createCatalogue } from '../adapters/postgres/catalogue.ts';
import { createWarehouses } from '../adapters/postgres/warehouse.ts';
import { crashBeforeCommit } from '../adapters/postgres/crash-before-commit.ts';
import { openDatabase, pingDatabase, REQUEST_PATIENCE } from '../adapters/postgres/database.ts';
import { createEventLog } from '../adapters/postgres/events.ts';
import { createOrderRecords } from '../adapters/postgres/explanation.ts';
import { createLaunchMarks } from '../adapters/postgres/launch.ts';
import { isMigrated, newestMigration } from '../adapters/postgres/migrate.ts';
import { createPaymentMethods, createPaymentNotices } from '../adapters/postgres/payment-notices.ts';
import { createShipmentNotices } from '../adapters/postgres/shipment-notices.ts';
import { createPacking } from '../adapters/postgres/packing.ts';
import { createCarrierNoticeReader } from '../adapters/shipping/carrier-notice.ts';
import { createOrderReading } from '../adapters/postgres/order-reading.ts';
import { createParkedSteps } from '../adapters/postgres/parked-steps.ts';
import { createRestoreRecords } from '../adapters/postgres/restore.ts';
import { createRefundMarks } from '../adapters/postgres/refund-marks.ts';
import { createRefunds } from '../adapters/postgres/refund.ts';
import { createReturnMarks } from '../adapters/postgres/return-marks.ts';
import { createReturns } from '../adapters/postgres/return.ts';
import { createProviderStates } from '../adapters/postgres/provider-states.ts';
import { createReconciliationReports } from '../adapters/postgres/reconciliation-reports.ts';
import { createResolutionAudit } from '../adapters/postgres/resolution-audit.ts';
import { createManyResolutionMarks, createManyResolutions } from '../adapters/postgres/resolve-many.ts';
import { createOrderWitnesses } from '../adapters/temporal/order-witnesses.ts';
import { createOrderCanceller } from '../adapters/temporal/order-canceller.ts';
import { createOrderReviewer } from '../adapters/temporal/order-reviewer.ts';
import { createOrderResolver } from '../adapters/temporal/order-resolver.ts';
import { createAmendmentStarter } from '../adapters/temporal/amendment-starter.ts';
import { createRefundStarter } from '../adapters/temporal/refund-starter.ts';
import { createReturnStarter } from '../adapters/temporal/return-starter.ts';
import { createInboxLoops } from '../background/inboxes.ts';
import { createLauncher } from '../background/launcher.ts';
import { createMarkLaunchers } from '../background/mark-launcher.ts';
import { createRestoreGuard, onlyWhenSound } from '../background/restore-guard.ts';
import { createSequencer } from '../background/sequencer.ts';
import { loadApiConfig } from '../runtime/config.ts';
import { createCrashPoints } from '../runtime/crash-points.ts';
import { measureEventLoopLag } from '../runtime/event-loop.ts';
import { createHealthMonitor } from '../runtime/health.ts';
import { createLogger } from '../runtime/logger.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { closeOnExit } from '../runtime/shutdown.ts';
import { serveAside } from '../runtime/side-server.ts';
import { loadTemporalConnection } from '../runtime/temporal.ts';
import { createApp } from './app.ts';
import { createEventTail } from './event-tail.ts';
import { boundsOf, returnLimitsOf } from './order-bounds.ts';
import { showLoad } from './gauges.ts';
import { createOrderClient } from './order-client.ts';
import { createOrderView } from './order-view.ts';
import { describeLast } from './last-reconciliation.ts';
import { authenticateByKey, authenticateLocally } from './middleware/authenticate.ts';
import { describeProviders } from './provider-health.ts';
import { restoreProblem, type Problem } from './middleware/problems.ts';
import { createRoutes } from './routes/index.ts';
import { listen } from './server.ts';
import { createWaiters } from './waiters.ts';

/** Above the deadline of a look. */
const FIRST_LOOK_MS = 4_000;
/** A customer waits for it, and the contract promises an answer within 2 s. */
const CLIENT_SECRET_TIMEOUT_MS = 1_500;

const config = loadApiConfig();
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
const temporal = loadTemporalConnection();
const crashPoints = createCrashPoints({
  setting: config.CRASH_POINTS,
  seed: config.CRASH_SEED,
  addresses: {
    HOST: config.HOST,
    DATABASE_URL: config.DATABASE_URL,
    TEMPORAL_ADDRESS: temporal.connection.address,
  },
});
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: REQUEST_PATIENCE,
  applicationName: 'durable-orders-api',
  logger,
});

const crashingDb = crashBeforeCommit(db, crashPoints.beforeCommit);

// Lazy: an api whose Temporal is away starts and accepts orders all the same.
const connection = Connection.lazy(temporal.connection);
const temporalClient = new Client({ connection, namespace: temporal.namespace });
const guard = createRestoreGuard({
  records: createRestoreRecords({ db }),
  witnesses: createOrderWitnesses({ client: temporalClient }),
  logger,
});
const { mayWork } = guard;
const bounds = boundsOf(config);
const orderClient = createOrderClient({ client: temporalClient, witness: guard.witness, bounds });

const reading = createOrderReading({ db });
const events = createEventLog({ db });
const launchMarks = createLaunchMarks({ db });
const launcher = createLauncher({
  marks: crashPoints.around('marks', launchMarks),
  starter: crashPoints.around('starter', { start: orderClient.start }),
  backlogLimit: config.LAUNCH_BACKLOG_LIMIT,
  logger,
  mayWork,
});
const sequencer = createSequencer({ events, logger, mayWork });
const resolutionMarks = createManyResolutionMarks({ db });
const refundMarks = createRefundMarks({ db });
const amendmentMarks = createAmendmentMarks({ db });
const returnMarks = createReturnMarks({ db });
const { startRefund } = createRefundStarter({ client: temporalClient, bounds });
const { startAmendment } = createAmendmentStarter({ client: temporalClient, bounds });
const { startReturn } = createReturnStarter({ client: temporalClient, bounds, limits: returnLimitsOf(config) });
const launch = createMarkLaunchers({ logger, mayWork });
const launchersBeside = [
  launch('resolutions', { ...resolutionMarks, start: orderClient.startResolving, done: resolutionMarks.clear }),
  launch('refunds', { ...refundMarks, start: startRefund, done: refundMarks.noteRunning }),
  launch('amendments', { ...amendmentMarks, start: startAmendment, done: amendmentMarks.noteRunning }),
  launch('returns', { ...returnMarks, start: startReturn, done: returnMarks.noteRunning }),
];
const notices = crashPoints.around('notices', createPaymentNotices({ db }));
const shipmentNotices = crashPoints.around('shipmentNotices', createShipmentNotices({ db }));
const inboxLoops = createInboxLoops({
  notices,
  receivers: crashPoints.around('receivers', {
    tellOrder: orderClient.tellOrder,
    followPayment: orderClient.followPayment,
  }),
  shipmentNotices,
  shipmentReceivers: crashPoints.around('shipmentReceivers', {
    tellShipment: orderClient.tellShipment,
    tellPlan: orderClient.tellPlan,
    followShipment: orderClient.followShipment,
  }),
  backorders: crashPoints.around('backorders', createBackorders({ db: crashingDb })),
  stockTeller: crashPoints.around('stockTeller', { tellOfStock: orderClient.tellOfStock }),
  logger,
  mayWork,
});

const view = createOrderView({
  workflowUrl: (orderId) => `${config.TEMPORAL_UI_URL}/namespaces/${temporal.namespace}/workflows/${orderId}`,
});
const providerStates = createProviderStates({ db });
const reconciliations = createReconciliationReports({ db });
const migration = await newestMigration();
const refusal = (): Problem | null => restoreProblem(guard.refusal());
const isUpToDate = async (): Promise<void> => {
  if (!(await isMigrated(db, migration))) throw new Error(`The database lacks migration ${migration}`);
};
const canAccept = async (): Promise<void> => {
  await isUpToDate();
  const problem = refusal();
  if (problem) throw problem;
};
const monitor = createHealthMonitor({
  database: () => pingDatabase(db),
  migrations: isUpToDate,
  temporal: () => orderClient.ping(),
  workers: async () => {
    if ((await orderClient.countWorkers()) === 0)
      throw new Error('No worker polls for orders: orders are accepted and wait');
  },
  provider: async () => describeProviders(await providerStates.list()),
  launcher: () => launcher.check().then(() => `${launcher.waiting()} accepted orders wait for their workflow`),
  sequencer: sequencer.check,
  reconciliation: async () => describeLast(await reconciliations.findLast()),
  restore: guard.check,
});

const lag = measureEventLoopLag();
const metrics = createMetrics();
showLoad(metrics, { waiting: launcher.waiting, lagMs: lag.lagMs });
const pricing = createConfiguredPricing({
  shippingFees: config.PRICING_SHIPPING_FEES,
  taxRates: config.PRICING_TAX_RATES,
  taxIncluded: config.PRICING_TAX === 'included',
});
const app = createApp({
  logger,
  authenticate: config.AUTH === 'off' ? authenticateLocally : authenticateByKey({ keys: createApiKeys({ db }) }),
  ratePerSecond: config.RATE_LIMIT_PER_SECOND,
  refusal,
  routes: createRoutes({
    acceptance: crashPoints.around('acceptance', createAcceptance({ db: crashingDb, pricing })),
    reading,
    events,
    tail: createEventTail({ events, logger }),
    catalogue: createCatalogue({ db }),
    warehouses: createWarehouses({ db }),
    backorders: createBackorderReading({ db }),
    view,
    waiters: createWaiters({ reading, logger }),
    launchSoon: launcher.launchSoon,
    isBacklogFull: () => launcher.waiting() > config.LAUNCH_BACKLOG_LIMIT,
    isOverloaded: () => lag.lagMs() > config.EVENT_LOOP_LAG_LIMIT_MS,
    records: createOrderRecords({ db }),
    workflows: {
      ...orderClient,
      // A workflow that a request starts must not hide what a look would find.
      start: onlyWhenSound(guard, orderClient.start),
      followPayment: onlyWhenSound(guard, orderClient.followPayment),
      followShipment: onlyWhenSound(guard, orderClient.followShipment),
    },
    resolver: createOrderResolver({ client: temporalClient }),
    canceller: createOrderCanceller({ client: temporalClient }),
    reviewer: createOrderReviewer({ client: temporalClient }),
    parkedSteps: createParkedSteps({ db }),
    audit: createResolutionAudit({ db }),
    answers: createAnswerBook({ db }),
    launches: launchMarks,
    refunds: createRefunds({ db }),
    refundMarks,
    returns: createReturns({ db }),
    returnMarks,
    amendments: createAmendments({ db, pricing }),
    amendmentMarks,
    resolutions: createManyResolutions({ db }),
    reconciliations,
    notices,
    packing: crashPoints.around('packing', createPacking({ db: crashingDb })),
    shipmentNotices,
    readCarrierNotice:
      config.CARRIER_WEBHOOK_SECRET === undefined
        ? null
        : createCarrierNoticeReader({ secret: config.CARRIER_WEBHOOK_SECRET }),
    methods: crashPoints.around('methods', createPaymentMethods({ db: crashingDb })),
    readNotice:
      config.STRIPE_WEBHOOK_SECRET === undefined
        ? null
        : createStripeNoticeReader({ secret: config.STRIPE_WEBHOOK_SECRET }),
    provider:
      config.STRIPE_API_KEY === undefined
        ? null
        : createStripeProvider({
            apiKey: config.STRIPE_API_KEY,
            apiBase: config.STRIPE_API_BASE,
            timeoutMs: CLIENT_SECRET_TIMEOUT_MS,
          }),
    monitor,
    canAccept,
    providerStates,
  }),
});

guard.start();
// Usually milliseconds: nobody is refused while it is looked at. When Temporal or the database hang, nobody waits for them.
await Promise.race([guard.firstLook, sleep(FIRST_LOOK_MS, undefined, { ref: false })]);
// Before the door opens: a port that is taken ends a process that serves nobody yet.
const aside = await serveAside({
  host: config.METRICS_HOST,
  port: config.METRICS_PORT,
  pages: { '/metrics': metrics.page },
});
const server = await listen(app, { host: config.HOST, port: config.PORT });
launcher.start();
sequencer.start();
for (const loop of launchersBeside) loop.start();
inboxLoops.start();
closeOnExit({
  logger,
  parts: [
    { name: 'database', close: () => db.destroy() },
    { name: 'temporal', close: () => connection.close() },
    { name: 'restore-guard', close: guard.stop },
    { name: 'sequencer', close: sequencer.stop },
    { name: 'inboxes', close: inboxLoops.stop },
    { name: 'launcher', close: launcher.stop },
    { name: 'event-loop-lag', close: () => Promise.resolve(lag.close()) },
    ...launchersBeside.map(({ stop }) => ({ name: 'launcher beside orders', close: stop })),
    { name: 'http', close: server.close },
    { name: 'metrics', close: aside.close },
  ],
});
logger.info({ url: server.url, metricsPort: aside.port }, 'listening');
