// Wires the api: adapters into routes, and the loops that any process may run. Nothing here decides anything.
// First of all: what makes spans is patched before anybody imports it.
import { tracing } from './tracing.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { countClientSecrets, providerCalls } from '../adapters/payment/calls.ts';
import { isProviderIll } from '../adapters/payment/stripe-errors.ts';
import { createStripeProvider } from '../adapters/payment/stripe.ts';
import { createStripeNoticeReader } from '../adapters/payment/stripe-notice.ts';
import { createConfiguredPricing } from '../adapters/pricing/configured.ts';
import { createWebhookSender } from '../adapters/webhook/http.ts';
import { openDatabase, pingDatabase, readPool, REQUEST_PATIENCE } from '../adapters/postgres/database.ts';
import { migrationCheck, newestMigration } from '../adapters/postgres/migrate.ts';
import { openApiRecords } from '../adapters/postgres/records-of-api.ts';
import { createCarrierNoticeReader } from '../adapters/shipping/carrier-notice.ts';
import { openApiCallers } from '../adapters/temporal/callers-of-api.ts';
import { openDataConverter } from '../adapters/temporal/data-converter.ts';
import { createPayloadDesk } from '../adapters/temporal/payload-desk.ts';
import { createOrderLinks } from '../adapters/temporal/order-links.ts';
import { createSearchAttributeCheck } from '../adapters/temporal/search-attributes.ts';
import { createOrderWitnesses } from '../adapters/temporal/order-witnesses.ts';
import { clientInterceptors } from '../adapters/temporal/traces.ts';
import { createInboxLoops } from '../background/inboxes.ts';
import { createLauncher } from '../background/launcher.ts';
import { createMarkLaunchers } from '../background/mark-launcher.ts';
import { createRestoreGuard, onlyWhenSound } from '../background/restore-guard.ts';
import { createSequencer } from '../background/sequencer.ts';
import { createTallyLoop } from '../background/tally.ts';
import { showCalls } from '../runtime/call-metrics.ts';
import { chaosOf } from '../runtime/chaos-settings.ts';
import { loadApiConfig } from '../runtime/config.ts';
import { createCrashPoints } from '../runtime/crash-points.ts';
import { measureEventLoopLag } from '../runtime/event-loop.ts';
import { createHealthMonitor } from '../runtime/health.ts';
import { createLogger } from '../runtime/logger.ts';
import { isThisMachine } from '../runtime/loopback.ts';
import { createMetrics } from '../runtime/metrics.ts';
import { closeOnExit } from '../runtime/shutdown.ts';
import { serveAside } from '../runtime/side-server.ts';
import { loadTemporalConnection } from '../runtime/temporal.ts';
import { createApp } from './app.ts';
import { createEventTail } from './event-tail.ts';
import { boundsFor, boundsOf, returnLimitsOf } from './order-bounds.ts';
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
/** The name of the payment provider in metrics, as workers have it. */
const PROVIDER = 'stripe';

const config = loadApiConfig();
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
tracing?.logTo(logger);
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
const pricing = createConfiguredPricing({
  shippingFees: config.PRICING_SHIPPING_FEES,
  taxRates: config.PRICING_TAX_RATES,
  taxIncluded: config.PRICING_TAX === 'included',
});
const backlogLimit = config.LAUNCH_BACKLOG_LIMIT;
const { desk, aside: looks } = openApiRecords({ db, pricing, backlogLimit, crashPoints });

// Lazy: an api whose Temporal is away starts and accepts orders all the same.
const connection = Connection.lazy(temporal.connection);
const { dataConverter, codec, deskCodec } = openDataConverter(config);
const interceptors = clientInterceptors(tracing);
const temporalClient = new Client({ connection, namespace: temporal.namespace, interceptors, dataConverter });
const guard = createRestoreGuard({
  records: looks.restore,
  witnesses: createOrderWitnesses({ client: temporalClient }),
  logger,
});
const { mayWork } = guard;
const bounds = boundsOf(config);
const linksOf = createOrderLinks({
  ...{ publicUrl: config.PUBLIC_URL, uiUrl: config.TEMPORAL_UI_URL },
  namespace: temporal.namespace,
});
const orderClient = createOrderClient({
  ...{ client: temporalClient, witness: guard.witness, bounds, linksOf },
  boundsFor: boundsFor(config),
});

const { people, starters, queues } = openApiCallers({
  client: temporalClient,
  bounds,
  limits: returnLimitsOf(config),
  linksOf,
});

const launcher = createLauncher({
  marks: crashPoints.around('marks', desk.launches),
  starter: crashPoints.around('starter', { start: orderClient.start }),
  backlogLimit,
  logger,
  mayWork,
});
const sequencer = createSequencer({ events: desk.events, logger, mayWork });
const launch = createMarkLaunchers({ logger, mayWork });
const { resolutionMarks, captureMarks } = looks;
const { refundMarks, amendmentMarks, returnMarks } = desk;
const loopsBeside = [
  createTallyLoop({ tally: looks.tally, logger, mayWork }),
  launch('resolutions', { ...resolutionMarks, start: orderClient.startResolving, done: resolutionMarks.clear }),
  launch('refunds', { ...refundMarks, start: starters.startRefund, done: refundMarks.noteRunning }),
  launch('amendments', { ...amendmentMarks, start: starters.startAmendment, done: amendmentMarks.noteRunning }),
  launch('returns', { ...returnMarks, start: starters.startReturn, done: returnMarks.noteRunning }),
  // Who looks says when to look again.
  launch('captures', { ...captureMarks, start: starters.startCapture, done: () => Promise.resolve() }),
];
const inboxLoops = createInboxLoops({
  notices: desk.notices,
  receivers: crashPoints.around('receivers', {
    tellOrder: orderClient.tellOrder,
    followPayment: orderClient.followPayment,
  }),
  shipmentNotices: desk.shipmentNotices,
  shipmentReceivers: crashPoints.around('shipmentReceivers', {
    tellShipment: orderClient.tellShipment,
    tellPlan: orderClient.tellPlan,
    followShipment: orderClient.followShipment,
  }),
  backorders: looks.backordersToTell,
  stockTeller: crashPoints.around('stockTeller', { tellOfStock: orderClient.tellOfStock }),
  logger,
  mayWork,
});

const view = createOrderView({
  workflowUrl: (orderId) => `${config.TEMPORAL_UI_URL}/namespaces/${temporal.namespace}/workflows/${orderId}`,
});
const migration = await newestMigration();
const refusal = (): Problem | null => restoreProblem(guard.refusal());
const isUpToDate = migrationCheck(db, migration);
const canAccept = async (): Promise<void> => {
  await isUpToDate();
  const problem = refusal();
  if (problem) throw problem;
};
const monitor = createHealthMonitor({
  database: () => pingDatabase(db),
  migrations: isUpToDate,
  ...healthParts({
    ...{ ...desk, orderClient, launcher, sequencer },
    searchAttributes: createSearchAttributeCheck({ client: temporalClient }),
  }),
  restore: guard.check,
  payloads: codec.check,
});

const webhookLoopback = config.WEBHOOK_LOOPBACK === 'allowed';
// Whoever sends a test message waits for it.
const webhookSender = createWebhookSender({ timeoutMs: config.WEBHOOK_TIMEOUT_MS, loopback: webhookLoopback });
const lag = measureEventLoopLag();
const metrics = createMetrics();
const pools = { api: () => readPool(db) };
showProcess(metrics, { lagMs: lag.lagMs, backlogLimit, isBehind: guard.isBehind, pools });
metrics.families(createFigureFamilies({ tally: looks.tally, figures: looks.figures, queues }));
const app = createApp({
  logger,
  measure: measureRequests(metrics),
  authenticate: config.AUTH === 'off' ? authenticateLocally : authenticateByKey({ keys: looks.apiKeys }),
  ratePerSecond: config.RATE_LIMIT_PER_SECOND,
  console: {
    folder: fileURLToPath(new URL('../console', import.meta.url)),
    auth: config.AUTH,
    chaos: chaosOf(config),
    simulatorUrl: isThisMachine(new URL(config.STRIPE_API_BASE).hostname) ? config.STRIPE_API_BASE : null,
  },
  refusal,
  routes: createRoutes({
    ...desk,
    ...people,
    ...{ figures: looks.figures, queues },
    tail: createEventTail({ events: desk.events, logger }),
    publicUrl: config.PUBLIC_URL,
    streams: { perCaller: config.STREAMS_PER_KEY, inAll: config.STREAMS_LIMIT },
    view,
    waiters: createWaiters({ reading: desk.reading, logger }),
    launchSoon: launcher.launchSoon,
    capturePolicy: config.CAPTURE_POLICY,
    isBacklogFull: () => launcher.waiting() > backlogLimit,
    isOverloaded: () => lag.lagMs() > config.EVENT_LOOP_LAG_LIMIT_MS,
    workflows: {
      ...orderClient,
      // A workflow that a request starts must not hide what a look would find.
      start: onlyWhenSound(guard, orderClient.start),
      followPayment: onlyWhenSound(guard, orderClient.followPayment),
      followShipment: onlyWhenSound(guard, orderClient.followShipment),
    },
    readCarrierNotice: whenSet(config.CARRIER_WEBHOOK_SECRET, (secret) => createCarrierNoticeReader({ secret })),
    readNotice: whenSet(config.STRIPE_WEBHOOK_SECRET, (secret) => createStripeNoticeReader({ secret })),
    provider: whenSet(config.STRIPE_API_KEY, (apiKey) =>
      countClientSecrets(
        createStripeProvider({ apiKey, apiBase: config.STRIPE_API_BASE, timeoutMs: CLIENT_SECRET_TIMEOUT_MS }),
        { isIll: isProviderIll, onCall: showCalls(metrics, providerCalls(PROVIDER)) },
      ),
    ),
    payloadDesk: deskCodec && createPayloadDesk({ codec: deskCodec }),
    temporalUiUrl: config.TEMPORAL_UI_URL,
    webhookSender,
    webhookLoopback,
    monitor,
    canAccept,
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
    { name: 'traces', close: async () => tracing?.close() },
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
