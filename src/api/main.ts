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
import { createCaptureMarks } from '../adapters/postgres/capture-marks.ts';
import { createCatalogue } from '../adapters/postgres/catalogue.ts';
import { createWarehouses } from '../adapters/postgres/warehouse.ts';
import { createWebhookSubscriptions } from '../adapters/postgres/webhook.ts';
import { createWebhookSender } from '../adapters/webhook/http.ts';
import { crashBeforeCommit } from '../adapters/postgres/crash-before-commit.ts';
import { openDatabase, pingDatabase, readPool, REQUEST_PATIENCE } from '../adapters/postgres/database.ts';
import { createEventLog } from '../adapters/postgres/events.ts';
import { createFigures } from '../adapters/postgres/figures.ts';
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
import { createTally } from '../adapters/postgres/tally.ts';
import { createTaskQueues } from '../adapters/temporal/task-queues.ts';
import { createOrderWitnesses } from '../adapters/temporal/order-witnesses.ts';
import { createOrderCanceller } from '../adapters/temporal/order-canceller.ts';
import { createOrderReviewer } from '../adapters/temporal/order-reviewer.ts';
import { createOrderResolver } from '../adapters/temporal/order-resolver.ts';
import { createAmendmentStarter } from '../adapters/temporal/amendment-starter.ts';
import { createCaptureStarter } from '../adapters/temporal/capture-starter.ts';
import { createRefundStarter } from '../adapters/temporal/refund-starter.ts';
import { createReturnStarter } from '../adapters/temporal/return-starter.ts';
import { createInboxLoops } from '../background/inboxes.ts';
import { createLauncher } from '../background/launcher.ts';
import { createMarkLaunchers } from '../background/mark-launcher.ts';
import { createRestoreGuard, onlyWhenSound } from '../background/restore-guard.ts';
import { createSequencer } from '../background/sequencer.ts';
import { createTallyLoop } from '../background/tally.ts';
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
import { createFigureFamilies } from './figures.ts';
import { showProcess } from './gauges.ts';
import { healthParts } from './health-parts.ts';
import { createOrderClient } from './order-client.ts';
import { createOrderView } from './order-view.ts';
import { authenticateByKey, authenticateLocally } from './middleware/authenticate.ts';
import { measureRequests } from './middleware/measure.ts';
import { restoreProblem, type Problem } from './middleware/problems.ts';
import { createRoutes } from './routes/index.ts';
import { listen } from './server.ts';
import { createWaiters } from './waiters.ts';
import { whenSet } from './when-set.ts';

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
const captureMarks = createCaptureMarks({ db });
const { startRefund } = createRefundStarter({ client: temporalClient, bounds });
const { startAmendment } = createAmendmentStarter({ client: temporalClient, bounds });
const { startReturn } = createReturnStarter({ client: temporalClient, bounds, limits: returnLimitsOf(config) });
const { startCapture } = createCaptureStarter({ client: temporalClient, bounds });
const launch = createMarkLaunchers({ logger, mayWork });
const tally = createTally({ db });
const loopsBeside = [
  createTallyLoop({ tally, logger, mayWork }),
  launch('resolutions', { ...resolutionMarks, start: orderClient.startResolving, done: resolutionMarks.clear }),
  launch('refunds', { ...refundMarks, start: startRefund, done: refundMarks.noteRunning }),
  launch('amendments', { ...amendmentMarks, start: startAmendment, done: amendmentMarks.noteRunning }),
  launch('returns', { ...returnMarks, start: startReturn, done: returnMarks.noteRunning }),
  // Who looks says when to look again.
  launch('captures', { ...captureMarks, start: startCapture, done: () => Promise.resolve() }),
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
  ...healthParts({ orderClient, providerStates, launcher, sequencer, reconciliations }),
  restore: guard.check,
});

const webhookLoopback = config.WEBHOOK_LOOPBACK === 'allowed';
// Whoever sends a test message waits for it.
const webhookSender = createWebhookSender({ timeoutMs: config.WEBHOOK_TIMEOUT_MS, loopback: webhookLoopback });
const lag = measureEventLoopLag();
const metrics = createMetrics();
const backlogLimit = config.LAUNCH_BACKLOG_LIMIT;
const pools = { api: () => readPool(db) };
showProcess(metrics, { lagMs: lag.lagMs, backlogLimit, isBehind: guard.isBehind, pools });
const queues = createTaskQueues({ client: temporalClient });
metrics.families(createFigureFamilies({ tally, figures: createFigures({ db }), queues }));
const pricing = createConfiguredPricing({
  shippingFees: config.PRICING_SHIPPING_FEES,
  taxRates: config.PRICING_TAX_RATES,
  taxIncluded: config.PRICING_TAX === 'included',
});
const app = createApp({
  logger,
  measure: measureRequests(metrics),
  authenticate: config.AUTH === 'off' ? authenticateLocally : authenticateByKey({ keys: createApiKeys({ db }) }),
  ratePerSecond: config.RATE_LIMIT_PER_SECOND,
  refusal,
  routes: createRoutes({
    acceptance: crashPoints.around('acceptance', createAcceptance({ db: crashingDb, pricing })),
    reading,
    events,
    tail: createEventTail({ events, logger }),
    ...{ publicUrl: config.PUBLIC_URL, streams: { perCaller: config.STREAMS_PER_KEY, inAll: config.STREAMS_LIMIT } },
    catalogue: createCatalogue({ db }),
    warehouses: createWarehouses({ db }),
    backorders: createBackorderReading({ db }),
    view,
    waiters: createWaiters({ reading, logger }),
    launchSoon: launcher.launchSoon,
    capturePolicy: config.CAPTURE_POLICY,
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
    readCarrierNotice: whenSet(config.CARRIER_WEBHOOK_SECRET, (secret) => createCarrierNoticeReader({ secret })),
    methods: crashPoints.around('methods', createPaymentMethods({ db: crashingDb })),
    readNotice: whenSet(config.STRIPE_WEBHOOK_SECRET, (secret) => createStripeNoticeReader({ secret })),
    provider: whenSet(config.STRIPE_API_KEY, (apiKey) =>
      createStripeProvider({ apiKey, apiBase: config.STRIPE_API_BASE, timeoutMs: CLIENT_SECRET_TIMEOUT_MS }),
    ),
    webhooks: createWebhookSubscriptions({ db }),
    webhookSender,
    webhookLoopback,
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
for (const loop of loopsBeside) loop.start();
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
    ...loopsBeside.map(({ stop }) => ({ name: 'loop beside orders', close: stop })),
    { name: 'http', close: server.close },
    { name: 'metrics', close: aside.close },
    { name: 'webhooks', close: () => Promise.resolve(webhookSender.close()) },
  ],
});
logger.info({ url: server.url, metricsPort: aside.port }, 'listening');
