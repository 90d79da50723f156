// The workflow alone: real Temporal semantics on a server that skips time, with activities that a test scripts.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';
import type { CarrierActivities, ProviderActivities, StepActivities } from '../../src/activities/index.ts';
import { AMEND_ORDER, amendmentId, type AmendOrderInput } from '../../src/contracts/amend-order.ts';
import { CAPTURE_ORDER, captureOrderId } from '../../src/contracts/capture-order.ts';
import { FOLLOW_PAYMENT } from '../../src/contracts/follow-payment.ts';
import { PROCESS_ORDER, type OrderInput } from '../../src/contracts/process-order.ts';
import { REFUND_ORDER, refundOrderId } from '../../src/contracts/refund-order.ts';
import { RETURN_ORDER, returnOrderId, type ReturnStanding } from '../../src/contracts/return-order.ts';
import type { ShipmentStanding } from '../../src/contracts/shipment.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import type { amendOrder } from '../../src/workflows/amend-order.ts';
import type { captureOrder } from '../../src/workflows/capture-order.ts';
import type { followPayment } from '../../src/workflows/follow-payment.ts';
import type { processOrder } from '../../src/workflows/process-order.ts';
import type { refundOrder } from '../../src/workflows/refund-order.ts';
import type { returnOrder } from '../../src/workflows/return-order.ts';
import { sharedServers } from './servers.ts';

type Activities = StepActivities & ProviderActivities & CarrierActivities;
export type Script = Partial<{ [Name in keyof Activities]: (...args: Parameters<Activities[Name]>) => unknown }>;
type Run = { handle: WorkflowHandle<typeof processOrder>; calls: string[] };

Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

/** The names of `calls` in the order of their first: a local activity runs again when its task was lost. */
export const stepsOf = (calls: readonly string[]): string[] => [...new Set(calls)];

export type WorkflowTest = Awaited<ReturnType<typeof startWorkflowTest>>;

/** A time-skipping server; every order of a test has workers, and so a script of activities, of its own. */
export async function startWorkflowTest() {
  const { testServer, bundlePath } = await sharedServers();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: testServer } },
  });
  // The test server knows none by itself, and a task that upserts an unknown one fails for ever.
  await environment.connection.operatorService.addSearchAttributes({
    namespace: environment.namespace ?? 'default',
    searchAttributes: Object.fromEntries(searchAttributes.map(({ name, type }) => [name, type === 'INT' ? 3 : 2])),
  });
  const code = await readFile(bundlePath, 'utf8');
  // One pair of workers for all orders of the file: what an activity does is looked up by its order.
  const runs = new Map<string, { scripted: Script; calls: string[] }>();
  const shared = { connection: environment.nativeConnection, activities: scriptedActivities(runs) };
  const workers = [
    await Worker.create({ ...shared, taskQueue: 'orders', workflowBundle: { code } }),
    await Worker.create({ ...shared, taskQueue: 'payments' }),
    await Worker.create({ ...shared, taskQueue: 'carrier' }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));

  /** Runs an order through `scripted` activities; those not scripted succeed. `calls` are their names, in order. */
  async function runOrder<T>(
    scripted: Script,
    work: (run: Run) => Promise<T>,
    input: Partial<OrderInput> = {},
  ): Promise<{ result: T; calls: string[]; steps: string[] }> {
    const calls: string[] = [];
    const orderId = `order-${randomUUID()}`;
    runs.set(orderId, { scripted, calls });
    const handle = await environment.client.workflow.start<typeof processOrder>(PROCESS_ORDER, {
      taskQueue: 'orders',
      workflowId: orderId,
      args: [{ orderId, totalMinor: 1_000, currency: 'EUR', bounds, ...input }],
    });
    const result = await work({ handle, calls });
    return { result, calls, steps: stepsOf(calls) };
  }

  /** Follows a payment through `scripted` activities, as `runOrder` runs an order. */
  async function runFollowUp<T>(
    scripted: Script,
    work: (run: { handle: WorkflowHandle<typeof followPayment>; calls: string[] }) => Promise<T>,
  ): Promise<{ result: T; calls: string[] }> {
    const calls: string[] = [];
    const orderId = `order-${randomUUID()}`;
    runs.set(orderId, { scripted, calls });
    const handle = await environment.client.workflow.start<typeof followPayment>(FOLLOW_PAYMENT, {
      taskQueue: 'orders',
      workflowId: `${orderId}:payment:pi_1`,
      args: [{ orderId, paymentId: 'pi_1', bounds }],
    });
    return { result: await work({ handle, calls }), calls };
  }

  /** Pays a refund through `scripted` activities, as `runOrder` runs an order. */
  async function runRefund<T>(
    scripted: Script,
    work: (run: { handle: WorkflowHandle<typeof refundOrder>; calls: string[] }) => Promise<T>,
  ): Promise<{ result: T; calls: string[] }> {
    const calls: string[] = [];
    const orderId = `order-${randomUUID()}`;
    runs.set(orderId, { scripted, calls });
    const handle = await environment.client.workflow.start<typeof refundOrder>(REFUND_ORDER, {
      taskQueue: 'orders',
      workflowId: refundOrderId({ orderId, number: 1 }),
      args: [{ orderId, number: 1, amountMinor: 300, currency: 'EUR', bounds }],
    });
    return { result: await work({ handle, calls }), calls };
  }

  /** Captures what is due of a payment through `scripted` activities, as `runOrder` runs an order. */
  async function runCapture<T>(
    scripted: Script,
    work: (run: { handle: WorkflowHandle<typeof captureOrder>; calls: string[] }) => Promise<T>,
  ): Promise<{ result: T; calls: string[] }> {
    const calls: string[] = [];
    const orderId = `order-${randomUUID()}`;
    runs.set(orderId, { scripted, calls });
    const handle = await environment.client.workflow.start<typeof captureOrder>(CAPTURE_ORDER, {
      taskQueue: 'orders',
      workflowId: captureOrderId({ orderId, ordinal: 1 }),
      args: [{ orderId, ordinal: 1, bounds }],
    });
    return { result: await work({ handle, calls }), calls };
  }

  /** Follows a return through `scripted` activities: answers within two days, goods within ten. */
  async function runReturn<T>(
    scripted: Script,
    work: (run: { handle: WorkflowHandle<typeof returnOrder>; calls: string[] }) => Promise<T>,
  ): Promise<{ result: T; calls: string[] }> {
    const calls: string[] = [];
    const orderId = `order-${randomUUID()}`;
    runs.set(orderId, { scripted, calls });
    const limits = { approvalMs: 2 * DAY_MS, goodsMs: 10 * DAY_MS };
    const handle = await environment.client.workflow.start<typeof returnOrder>(RETURN_ORDER, {
      taskQueue: 'orders',
      workflowId: returnOrderId({ orderId, number: 1 }),
      args: [{ orderId, number: 1, bounds, limits }],
    });
    return { result: await work({ handle, calls }), calls };
  }

  /** Carries out an amendment through `scripted` activities, as `runOrder` runs an order. */
  async function runAmendment<T>(
    scripted: Script,
    work: (run: { handle: WorkflowHandle<typeof amendOrder>; calls: string[] }) => Promise<T>,
    input: Partial<AmendOrderInput> = {},
  ): Promise<{ result: T; calls: string[] }> {
    const calls: string[] = [];
    const ref = { orderId: `order-${randomUUID()}`, number: 1 };
    runs.set(ref.orderId, { scripted, calls });
    const charge = { ordinal: 2, amountMinor: 300 };
    const handle = await environment.client.workflow.start<typeof amendOrder>(AMEND_ORDER, {
      taskQueue: 'orders',
      workflowId: amendmentId(ref),
      args: [{ ...ref, holds: true, charge, currency: 'EUR', bounds, ...input }],
    });
    return { result: await work({ handle, calls }), calls };
  }

  return {
    environment,
    runAmendment,
    runCapture,
    runOrder,
    runFollowUp,
    runRefund,
    runReturn,
    /** Runs an order to its end. */
    finish: (scripted: Script, input: Partial<OrderInput> = {}) =>
      runOrder(scripted, ({ handle }) => handle.result(), input),
    close: async (): Promise<void> => {
      for (const worker of workers) worker.shutdown();
      await running;
      await environment.teardown();
    },
  };
}

const DAY_MS = 24 * 3_600_000;

/** Shorter than in life, because every try is made, only the pauses between are skipped. */
export const bounds = {
  providerOutageLimitMs: 20 * 60_000,
  stepOutageLimitMs: 20 * 60_000,
  undoAttempts: 5,
  providerPauses: { firstMs: 10_000, slowMs: 200_000 },
};

/** A shipment as its activities tell of it, while nothing is wrong with it. */
export const standing: ShipmentStanding = {
  ...{ status: 'pending', ending: null, hasLeftAllTheSame: false, isAccepted: false, replacedBy: null },
};

/** A return as its activities tell of it, while nobody has answered it. */
export const returned: ReturnStanding = { status: 'requested', refund: null, problem: null };

function scriptedActivities(
  runs: ReadonlyMap<string, { scripted: Script; calls: string[] }>,
): Record<string, (request: { orderId: string; ending?: unknown }) => Promise<unknown>> {
  const defaults: Record<keyof Activities, unknown> = {
    reserveInventory: undefined,
    chargePayment: undefined,
    confirmOrder: undefined,
    cancelOrder: { ending: { status: 'cancelled', reason: 'scripted', actor: 'scripted' } },
    decideReview: { state: 'none' },
    advanceReview: { state: 'approved', ending: null },
    abandonPayment: { paid: false },
    requestPaymentMethod: undefined,
    findPaymentTry: 2,
    findFurtherPayments: [],
    holdAmendment: undefined,
    chargeAmendment: undefined,
    applyAmendment: undefined,
    undoAmendment: undefined,
    adoptAmendmentRefund: undefined,
    closeAmendment: { status: 'refused' },
    followPayment: undefined,
    acknowledgePayment: undefined,
    refundPayment: undefined,
    payRefund: { status: 'completed' },
    adoptPaidRefund: { status: 'completed' },
    abandonRefund: { status: 'abandoned' },
    capturePayment: { isDone: true },
    adoptCapture: { isDone: false },
    abandonCapture: { isDone: false },
    releaseInventory: undefined,
    resumeOrder: undefined,
    remindOfParked: undefined,
    adoptPayment: undefined,
    adoptRefund: undefined,
    planShipments: { numbers: [1] },
    awaitStock: { shipments: [{ first: 1, number: 1 }], nextInMs: null, until: null },
    findShipment: { ...standing, status: 'packed' },
    awaitShipment: { leftMs: 3_600_000 },
    noteShipmentDelay: undefined,
    createShipment: undefined,
    followShipment: { ...standing, status: 'delivered' },
    replaceShipment: { replacedBy: 2 },
    acceptShipment: undefined,
    acceptCancelledShipments: undefined,
    cancelShipment: undefined,
    cancelShipments: undefined,
    withdrawShipment: { ...standing, status: 'cancelled', withdrawn: 'open' },
    giveBackShipment: undefined,
    expireBackorder: undefined,
    findReturn: returned,
    awaitReturn: { leftMs: 3_600_000 },
    noteReturnDelay: undefined,
    rejectReturn: { ...returned, status: 'rejected' },
    expireReturn: { ...returned, status: 'expired' },
    settleReturn: { ...returned, status: 'completed' },
    askReturnRefund: { ...returned, status: 'received' },
    acceptReturn: { ...returned, status: 'completed' },
    finishShipping: { status: 'delivered' },
    parkOrder: { step: 'charge-payment', reason: 'scripted', since: '2026-01-01T00:00:00.000Z' },
    closeOrder: null,
  };
  return Object.fromEntries(
    Object.entries(defaults).map(([name, answer]) => [
      name,
      // eslint-disable-next-line @typescript-eslint/require-await -- a script may throw at once: as a promise, it rejects
      async (request: { orderId: string; ending?: unknown }) => {
        const run = runs.get(request.orderId);
        if (!run) throw new Error(`Expected a script for ${request.orderId}; found none`);
        run.calls.push(name);
        const script = run.scripted[name as keyof Activities] as ((given: unknown) => unknown) | undefined;
        if (script) return script(request);
        // Closing answers with the ending that it was asked for, as the real one does for a first ending.
        return answer === null ? request.ending : answer;
      },
    ]),
  );
}
