// Wires the product as its own main.ts do, but for what a process needs alone: settings, probes, crash points, shutdown.
import type { Client } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import {
  createBulkActivities,
  createCarrierQueueActivities,
  createComparingActivities,
  createCopyingActivities,
  createProviderActivities,
  createStepActivities,
} from '../../src/activities/index.ts';
import { createStripeNoticeReader } from '../../src/adapters/payment/stripe-notice.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createAmendmentMarks } from '../../src/adapters/postgres/amendment-marks.ts';
import { createAmendmentRecords } from '../../src/adapters/postgres/amendment-work.ts';
import { createAmendments } from '../../src/adapters/postgres/amendment.ts';
import { createAnswerBook } from '../../src/adapters/postgres/answers.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import { createBackorderSteps } from '../../src/adapters/postgres/backorder-wait.ts';
import { createBackorderReading, createBackorders } from '../../src/adapters/postgres/backorder.ts';
import { createCaptureMarks } from '../../src/adapters/postgres/capture-marks.ts';
import { createCaptureRecords } from '../../src/adapters/postgres/capture.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { crashBeforeCommit } from '../../src/adapters/postgres/crash-before-commit.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createOrderRecords } from '../../src/adapters/postgres/explanation.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createLaunchMarks } from '../../src/adapters/postgres/launch.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createParkedSteps } from '../../src/adapters/postgres/parked-steps.ts';
import { createNoticeDesk } from '../../src/adapters/postgres/notice-desk.ts';
import { createPaymentMethods, createPaymentNotices } from '../../src/adapters/postgres/payment-notices.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import { createProviderStates } from '../../src/adapters/postgres/provider-states.ts';
import { createReconciliationBooks } from '../../src/adapters/postgres/reconciliation-books.ts';
import { createErasures } from '../../src/adapters/postgres/erasure.ts';
import { createReconciliationReports } from '../../src/adapters/postgres/reconciliation-reports.ts';
import { createReconciliationWork } from '../../src/adapters/postgres/reconciliation.ts';
import { createRefundMarks } from '../../src/adapters/postgres/refund-marks.ts';
import { createRefundRecords } from '../../src/adapters/postgres/refund-work.ts';
import { createRefunds } from '../../src/adapters/postgres/refund.ts';
import { createResolutionAudit } from '../../src/adapters/postgres/resolution-audit.ts';
import { createManyResolutionWork } from '../../src/adapters/postgres/resolve-many-work.ts';
import { createManyResolutions } from '../../src/adapters/postgres/resolve-many.ts';
import { createReturnMarks } from '../../src/adapters/postgres/return-marks.ts';
import { createReturnRecords } from '../../src/adapters/postgres/return-work.ts';
import { createReturns } from '../../src/adapters/postgres/return.ts';
import { createShipmentNotices } from '../../src/adapters/postgres/shipment-notices.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { createWebhookSender } from '../../src/adapters/webhook/http.ts';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { createCarrierNoticeReader } from '../../src/adapters/shipping/carrier-notice.ts';
import { createHttpCarrier } from '../../src/adapters/shipping/http.ts';
import { createAmendmentStarter } from '../../src/adapters/temporal/amendment-starter.ts';
import { createCaptureStarter } from '../../src/adapters/temporal/capture-starter.ts';
import { createOrderCanceller } from '../../src/adapters/temporal/order-canceller.ts';
import { createOrderResolver } from '../../src/adapters/temporal/order-resolver.ts';
import { createOrderReviewer } from '../../src/adapters/temporal/order-reviewer.ts';
import { createRefundStarter } from '../../src/adapters/temporal/refund-starter.ts';
import { createReturnStarter } from '../../src/adapters/temporal/return-starter.ts';
import { createWorkflowList } from '../../src/adapters/temporal/workflow-list.ts';
import { createApp } from '../../src/api/app.ts';
import { createEventTail } from '../../src/api/event-tail.ts';
import { authenticateLocally } from '../../src/api/middleware/authenticate.ts';
import { createOrderClient } from '../../src/api/order-client.ts';
import { createOrderView } from '../../src/api/order-view.ts';
import { createRoutes } from '../../src/api/routes/index.ts';
import { listen } from '../../src/api/server.ts';
import { createWaiters } from '../../src/api/waiters.ts';
import { createInboxLoops } from '../../src/background/inboxes.ts';
import { createLauncher } from '../../src/background/launcher.ts';
import type { Loop } from '../../src/background/loop.ts';
import { createMarkLaunchers } from '../../src/background/mark-launcher.ts';
import { createSequencer } from '../../src/background/sequencer.ts';
import type { Bounds } from '../../src/contracts/process-order.ts';
import { noTerms } from '../../src/domain/totals.ts';
import type { CrashPoints } from '../../src/runtime/crash-points.ts';
import { createHealthMonitor } from '../../src/runtime/health.ts';
import { workerTraces } from '../../src/adapters/temporal/traces.ts';
import { createOrderWorkers } from '../../src/workers/order-worker.ts';
import { looking } from '../support/operating.ts';
import { silent as logger } from '../support/database.ts';
import { bounds as modelBounds, limits, REVIEW_ABOVE_MINOR } from './terms.ts';

/** What pages of the Web UI link to. */
const linksOf = (): string => 'http://api';

export const PAYMENT_SECRET = 'whsec_model';
export const CARRIER_SECRET = 'carrier-model';
const TIMEOUT_MS = 8_000;
const REQUESTS_PER_SECOND = 10_000;

type Options = {
  db: Database;
  clock: { sync: () => Promise<void> };
  connection: NativeConnection;
  client: Client;
  code: string;
  paymentUrl: string;
  carrierUrl: string;
  hooks?: Hooks;
  bounds?: Bounds;
};

/** Where a test steps in, as crash points do: around every call of the worker's ports, and before the commits of its transactions. */
export type Hooks = Pick<CrashPoints, 'around' | 'beforeCommit'> & {
  /** Runs an attempt at an activity. */
  attempt: (request: unknown, work: () => Promise<unknown>) => Promise<unknown>;
};
const noHooks: Hooks = {
  around: (_role, port) => port,
  beforeCommit: null,
  attempt: (_request, work) => work(),
};

export async function createInsides(options: Options) {
  const { db, client, bounds = modelBounds } = options;
  const clock = { ...options.clock, activities: 0 };
  const workers = await createWorkers({ ...options, clock });
  const running = workers.run();
  const orderClient = createOrderClient({ client, bounds, witness: () => witness, linksOf });
  const marks = marksOf(db);
  const launching = { marks: marks.launches, starter: orderClient, backlogLimit: 1_000, logger };
  const { launchSoon } = createLauncher(launching);
  const server = await listen(createApi({ ...options, orderClient, marks, launchSoon, bounds }), {
    host: '127.0.0.1',
    port: 0,
  });

  /** All that any process may run, once each; made anew, because a loop that is told to stop ends after the turn it is in. */
  async function turnLoops(): Promise<void> {
    const loops = [createLauncher(launching), createSequencer({ events: createEventLog({ db }), logger })];
    const all = [...loops, ...loopsOf({ db, client, orderClient, marks, bounds })];
    for (const loop of all) loop.start();
    await Promise.all(all.map((loop) => loop.stop()));
  }

  return {
    url: server.url,
    turnLoops,
    /** How many attempts at an activity were begun, and ended. */
    activitiesSoFar: () => clock.activities,
    close: async (): Promise<void> => {
      await server.close();
      workers.stop();
      await running;
    },
  };
}

// No backup was restored here.
const witness = { epoch: 1, position: 0 };

type Marks = ReturnType<typeof marksOf>;
const marksOf = (db: Database) => ({
  launches: createLaunchMarks({ db }),
  refunds: createRefundMarks({ db }),
  amendments: createAmendmentMarks({ db }),
  returns: createReturnMarks({ db }),
  captures: createCaptureMarks({ db }),
});

type Wiring = {
  db: Database;
  client: Client;
  orderClient: ReturnType<typeof createOrderClient>;
  marks: Marks;
  bounds: Bounds;
};

function loopsOf({ db, client, orderClient, marks, bounds }: Wiring): Pick<Loop, 'start' | 'stop'>[] {
  const { refunds, amendments, returns, captures } = marks;
  const { startRefund } = createRefundStarter({ client, bounds, linksOf });
  const { startAmendment } = createAmendmentStarter({ client, bounds, linksOf });
  const { startReturn } = createReturnStarter({ client, bounds, limits, linksOf });
  const { startCapture } = createCaptureStarter({ client, bounds, linksOf });
  const launch = createMarkLaunchers({ logger });
  return [
    launch('refunds', { ...refunds, start: startRefund, done: refunds.noteRunning }),
    launch('amendments', { ...amendments, start: startAmendment, done: amendments.noteRunning }),
    launch('returns', { ...returns, start: startReturn, done: returns.noteRunning }),
    launch('captures', { ...captures, start: startCapture, done: () => Promise.resolve() }),
    createInboxLoops({
      ...{ notices: createPaymentNotices({ db }), receivers: orderClient },
      ...{ shipmentNotices: createShipmentNotices({ db }), shipmentReceivers: orderClient },
      ...{ backorders: createBackorders({ db }), stockTeller: orderClient, logger, mayWork: () => true },
    }),
  ];
}

function createWorkers(options: Options & { clock: Clock }) {
  const { clock, connection, client, code, paymentUrl, carrierUrl, hooks = noHooks } = options;
  const { around } = hooks;
  const db = crashBeforeCommit(options.db, hooks.beforeCommit);
  const stripe = createStripeProvider({ apiKey: 'sk_test_model', apiBase: paymentUrl, timeoutMs: TIMEOUT_MS });
  const provider = around('provider', stripe);
  const http = createHttpCarrier({ apiKey: 'test_model', apiBase: carrierUrl, timeoutMs: TIMEOUT_MS });
  const carrier = around('carrier', http);
  // What a process keeps of its attempts is no step of the story.
  const attempts = createAttemptLog({ db: options.db });
  const ports = {
    inventory: around('inventory', createInventory({ db, reviewRules })),
    payments: around('payments', createPaymentRecords({ db })),
    orders: around('orders', createOrderSteps({ db })),
    refunds: around('refunds', createRefundRecords({ db })),
    returns: around('returns', createReturnRecords({ db })),
    captures: around('captures', createCaptureRecords({ db })),
    shipments: around('shipments', createShipmentRecords({ db })),
    backorders: around('backorderSteps', createBackorderSteps({ db })),
    amendments: around('amendments', createAmendmentRecords({ db })),
  };
  const work = createReconciliationWork({ db });
  const books = createReconciliationBooks({ db });
  const comparing = { work, books, workflows: createWorkflowList({ client }), graceMs: 1_000 };
  const many = { work: createManyResolutionWork({ db }), resolver: createOrderResolver({ client }) };
  return createOrderWorkers({
    traces: workerTraces(null),
    ...{ connection, namespace: client.options.namespace, bundle: { code }, version: null, maxCachedWorkflows: 300 },
    ...{ dataConverter: {}, identity: 'model' },
    steps: inTime({ clock, hooks }, createStepActivities(ports)),
    carrier: inTime({ clock, hooks }, createCarrierQueueActivities({ ...ports, carrier, attempts })),
    provider: {
      ...inTime({ clock, hooks }, createProviderActivities({ ...ports, provider, attempts })),
      ...createCopyingActivities({ provider, work, books }),
    },
    bulk: { ...createBulkActivities(many), ...createComparingActivities(comparing) },
    ...{ providerRequestsPerSecond: REQUESTS_PER_SECOND, carrierRequestsPerSecond: REQUESTS_PER_SECOND },
  });
}

const reviewRules = {
  ...{ aboveMinor: { EUR: REVIEW_ABOVE_MINOR }, firstOrder: null, unitsAbove: null, velocity: null },
};

type Clock = Options['clock'] & { activities: number };

/** The same activities, each with the database's clock where the workflow's is. */
const inTime = <T extends object>({ clock, hooks }: { clock: Clock; hooks: Hooks }, activities: T): T =>
  Object.fromEntries(
    Object.entries(activities as Record<string, (request: unknown) => Promise<unknown>>).map(([name, activity]) => [
      name,
      async (request: unknown): Promise<unknown> => {
        clock.activities += 1;
        await clock.sync();
        return hooks.attempt(request, () => activity(request)).finally(() => void (clock.activities += 1));
      },
    ]),
  ) as T;

type ApiWiring = Options & Wiring & { launchSoon: ReturnType<typeof createLauncher>['launchSoon'] };

function createApi({ db, client, orderClient, marks, launchSoon, paymentUrl }: ApiWiring) {
  const pricing = createConfiguredPricing(noTerms);
  const reading = createOrderReading({ db });
  const events = createEventLog({ db });
  const inMemory = { isBacklogFull: () => false, isOverloaded: () => false, canAccept: () => Promise.resolve() };
  const capturePolicy = 'at-confirm';
  const routes = createRoutes({
    ...{ acceptance: createAcceptance({ db, pricing }), reading, events, tail: createEventTail({ events, logger }) },
    ...{ catalogue: createCatalogue({ db }), warehouses: createWarehouses({ db }) },
    ...{
      backorders: createBackorderReading({ db }),
      view: createOrderView({ workflowUrl: (id) => `http://ui/${id}` }),
    },
    ...{ waiters: createWaiters({ reading, logger }), launchSoon, ...inMemory, capturePolicy },
    ...{ publicUrl: 'http://api', streams: { perCaller: 100, inAll: 100 } },
    ...looking(db),
    ...{ records: createOrderRecords({ db }), workflows: orderClient },
    ...{ resolver: createOrderResolver({ client }), canceller: createOrderCanceller({ client }) },
    ...{ reviewer: createOrderReviewer({ client }), parkedSteps: createParkedSteps({ db }) },
    ...{ audit: createResolutionAudit({ db }), answers: createAnswerBook({ db }), launches: marks.launches },
    ...{ refunds: createRefunds({ db }), refundMarks: marks.refunds, returns: createReturns({ db }) },
    ...{ returnMarks: marks.returns, amendments: createAmendments({ db, pricing }), amendmentMarks: marks.amendments },
    ...{ resolutions: createManyResolutions({ db }), reconciliations: createReconciliationReports({ db }) },
    erasures: createErasures({ db }),
    ...{ notices: createPaymentNotices({ db }), packing: createPacking({ db }) },
    ...{ shipmentNotices: createShipmentNotices({ db }), methods: createPaymentMethods({ db }) },
    ...{ webhooks: createWebhookSubscriptions({ db }), webhookLoopback: false },
    customerNotices: createNoticeDesk({ db }),
    ...{ payloadDesk: null, temporalUiUrl: 'http://127.0.0.1:8233' },
    webhookSender: createWebhookSender({ timeoutMs: TIMEOUT_MS, loopback: false }),
    readCarrierNotice: createCarrierNoticeReader({ secret: CARRIER_SECRET }),
    readNotice: createStripeNoticeReader({ secret: PAYMENT_SECRET }),
    provider: createStripeProvider({ apiKey: 'sk_test_model', apiBase: paymentUrl, timeoutMs: TIMEOUT_MS }),
    ...{ monitor: createHealthMonitor({}), providerStates: createProviderStates({ db }) },
  });
  return createApp({ logger, routes, authenticate: authenticateLocally, ratePerSecond: 0, refusal: () => null });
}
