// Starts workflows and asks about them, for the api; what decides about a running one (adapters/temporal/) is wired beside it. What must stay true: starting is the same call every time, with the
// order's id as the workflow's, so it can be repeated by anybody at any moment; no call waits without a limit.
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowStartOptions,
} from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { TaskQueue } from '../contracts/ids.ts';
import { FOLLOW_PAYMENT, followPaymentId } from '../contracts/follow-payment.ts';
import { paymentNewsSignal, stockNewsSignal } from '../contracts/messages.ts';
import {
  PROCESS_ORDER,
  providerSteps,
  WITNESS_MEMO,
  type Bounds,
  type DatabaseWitness,
} from '../contracts/process-order.ts';
import { RESOLVE_MANY } from '../contracts/resolve-many.ts';
import { customerIdKey, orderStatusKey, orderTotalMinorKey } from '../contracts/search-attributes.ts';
import type { PendingTry } from '../domain/explanation-facts.ts';
import type { OrderStep } from '../domain/order.ts';
import type { StockTeller } from '../ports/backorder.ts';
import type { LaunchableOrder, OrderStarter } from '../ports/launch.ts';
import type { PaymentNoticeReceivers } from '../ports/payment-notice.ts';
import { within as withinTime } from '../runtime/deadline.ts';
import type { ShipmentNoticeReceivers } from '../ports/shipment-notice.ts';
import { createShipmentTeller } from './shipment-client.ts';
import type { followPayment } from '../workflows/follow-payment.ts';
import type { ManyResolutionStarter } from '../ports/resolve-many.ts';
import type { processOrder } from '../workflows/process-order.ts';
import type { resolveMany } from '../workflows/resolve-many.ts';

// A start normally takes milliseconds; the launcher repeats one that does not answer.
const START_DEADLINE_MS = 5_000;
const PING_DEADLINE_MS = 1_500;
// An explanation is answered within 2 s, with or without Temporal's part of it.
const ASK_DEADLINE_MS = 1_300;
// TASK_QUEUE_TYPE_WORKFLOW of Temporal's API; the enum itself lives in a package that is not ours to depend on.
const WORKFLOW_TASKS = 1;

/** Whether a workflow runs for the order, and the try at the provider that is under way or scheduled. */
export type WorkflowState = { runs: boolean; pending: PendingTry | null };

export type OrderClient = OrderStarter &
  PaymentNoticeReceivers &
  ShipmentNoticeReceivers &
  StockTeller &
  ManyResolutionStarter & {
    /** Throws when Temporal does not answer in time. */
    ask: (request: { orderId: string }) => Promise<WorkflowState>;
    /** Throws when Temporal does not answer in time. */
    ping: () => Promise<void>;
    /** Who polls for orders: Temporal names each for some minutes after its last poll. Throws when it does not answer in time. */
    listWorkers: () => Promise<{ identity: string; polledAt: Date | undefined }[]>;
  };

type LinksOf = (request: { orderId: string }) => string;

const notRunning: WorkflowState = { runs: false, pending: null };

/** Starts order workflows with the given bounds; `witness` says what is known of the database just now. */
export function createOrderClient(options: {
  client: Client;
  bounds: Bounds;
  /** Of an order, where its customer makes a difference; `bounds` otherwise. */
  boundsFor?: (order: { customerId: string }) => Bounds;
  witness: () => DatabaseWitness;
  /** Markdown: what a workflow's page in the Web UI links to. */
  linksOf: LinksOf;
}): OrderClient {
  const { client, bounds, witness, linksOf, boundsFor = () => bounds } = options;
  const within = <T>(ms: number, call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + ms, call);

  const start = (order: LaunchableOrder, reuse: WorkflowIdReusePolicy): Promise<unknown> =>
    within(START_DEADLINE_MS, () =>
      client.workflow.start(PROCESS_ORDER, {
        ...startOptions(order, boundsFor(order), reuse),
        staticDetails: `${linksOf(order)}\n\n${storyOf(order)}`,
        memo: { [WITNESS_MEMO]: witness() },
      }),
    );

  return {
    async start(order) {
      try {
        await start(order, WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY);
        return 'started';
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
      // "Already started" covers a closed run as well; only a running one will take the order any further.
      const { status } = await within(START_DEADLINE_MS, () => client.workflow.getHandle(order.orderId).describe());
      if (status.name === 'RUNNING') return 'running';
      // An order with a mark is open, whatever its last run thought; every step answers with what it has recorded.
      await start(order, WorkflowIdReusePolicy.ALLOW_DUPLICATE);
      return 'started';
    },

    async ask({ orderId }) {
      try {
        const describing = within(ASK_DEADLINE_MS, () => client.workflow.getHandle(orderId).describe());
        const { status, raw } = await withinTime(ASK_DEADLINE_MS, describing);
        if (status.name !== 'RUNNING') return notRunning;
        return { runs: true, pending: pendingOf(raw.pendingActivities ?? []) };
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return notRunning;
        throw error;
      }
    },
    ...receiversOf({ client, within, bounds, linksOf }),
    ...createShipmentTeller({ client, within: (call) => within(START_DEADLINE_MS, call), bounds, linksOf }),
    ...stockTellerOf({ client, within }),
    ...bulkStarterOf({ client, within }),

    ...lookersOf({ client, within }),
  };
}

/** Whether Temporal answers, and who works for it. */
function lookersOf({ client, within }: { client: Client; within: Within }): Pick<OrderClient, 'ping' | 'listWorkers'> {
  const { namespace } = client.options;
  return {
    async ping() {
      await within(PING_DEADLINE_MS, () => client.workflowService.getSystemInfo({}));
    },

    async listWorkers() {
      const { pollers } = await within(PING_DEADLINE_MS, () =>
        client.workflowService.describeTaskQueue({
          namespace,
          taskQueue: { name: TaskQueue.orders },
          // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
          taskQueueType: WORKFLOW_TASKS,
        }),
      );
      return pollers.map(({ identity, lastAccessTime }) => ({
        identity: identity ?? '',
        polledAt: optionalTsToDate(lastAccessTime),
      }));
    },
  };
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

function pendingOf(activities: readonly PendingActivity[]): PendingTry | null {
  for (const { activityType, attempt, lastFailure, nextAttemptScheduleTime } of activities) {
    const step = steps.get(activityType?.name ?? '');
    if (!step) continue;
    const at = optionalTsToDate(nextAttemptScheduleTime);
    return {
      step,
      attempt: attempt ?? 1,
      // Of one whose words are encrypted the row of the try tells.
      lastFailure: lastFailure?.encodedAttributes ? null : (lastFailure?.message ?? null),
      // Of a try that is under way there is no next one yet.
      nextTryAt: at && at.getTime() > 0 ? at.toISOString() : null,
    };
  }
  return null;
}

const steps = new Map<string, OrderStep>(Object.entries(providerSteps));

type Within = <T>(ms: number, call: () => Promise<T>) => Promise<T>;

/** Starts decisions about many orders. */
function bulkStarterOf({ client, within }: { client: Client; within: Within }): ManyResolutionStarter {
  return {
    async startResolving({ resolutionId, action, count }) {
      try {
        await within(START_DEADLINE_MS, () =>
          client.workflow.start<typeof resolveMany>(RESOLVE_MANY, {
            taskQueue: TaskQueue.orders,
            workflowId: resolutionId,
            workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
            args: [{ resolutionId }],
            staticSummary: `An operator’s decision about ${count} parked steps: ${action}`,
          }),
        );
      } catch (error) {
        // Once is enough: a run that somebody ended in Temporal stays ended.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
  };
}

/** Tells orders that stock has come which they waited for. */
function stockTellerOf({ client, within }: { client: Client; within: Within }): StockTeller {
  return {
    async tellOfStock({ orderId }) {
      try {
        await within(START_DEADLINE_MS, () => client.workflow.getHandle(orderId).signal(stockNewsSignal));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
  };
}

/** Who hears of what happens to payments without our doing. */
function receiversOf(options: {
  client: Client;
  within: Within;
  bounds: Bounds;
  linksOf: LinksOf;
}): PaymentNoticeReceivers {
  const { client, within, bounds, linksOf } = options;
  return {
    async tellOrder({ orderId }) {
      try {
        await within(START_DEADLINE_MS, () => client.workflow.getHandle(orderId).signal(paymentNewsSignal));
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    async followPayment({ orderId, paymentId }) {
      // The signal makes a run that is about to end look once more, so that nothing falls between two runs.
      await within(START_DEADLINE_MS, () =>
        client.workflow.signalWithStart<typeof followPayment>(FOLLOW_PAYMENT, {
          taskQueue: TaskQueue.orders,
          workflowId: followPaymentId({ orderId, paymentId }),
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
          args: [{ orderId, paymentId, bounds }],
          signal: paymentNewsSignal,
          signalArgs: [],
          staticSummary: 'A payment that changed without its order: what is not the order’s is given back',
          staticDetails: linksOf({ orderId }),
        }),
      );
    },
  };
}

function startOptions(
  {
    orderId,
    totalMinor,
    currency,
    customerId,
    itemCount,
    paymentRetryMinutes,
    ships,
    onShortage,
    capture,
    record,
  }: LaunchableOrder,
  configured: Bounds,
  workflowIdReusePolicy: WorkflowIdReusePolicy,
): WorkflowStartOptions<typeof processOrder> {
  const bounds: Bounds =
    paymentRetryMinutes === null ? configured : { ...configured, paymentRetryMs: paymentRetryMinutes * 60_000 };
  return {
    taskQueue: TaskQueue.orders,
    workflowId: orderId,
    workflowIdReusePolicy,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    args: [
      {
        ...{ orderId, itemCount, totalMinor, currency, bounds },
        ...(ships ? { ships } : {}),
        ...(onShortage === 'reject' ? {} : { onShortage }),
        ...(capture === 'at-confirm' ? {} : { capture }),
        ...(record ? { record } : {}),
      },
    ],
    staticSummary: `Order of ${itemCount} ${itemCount === 1 ? 'unit' : 'units'} for ${totalMinor} ${currency} (minor units)`,
    typedSearchAttributes: [
      { key: orderStatusKey, value: 'placed' },
      { key: customerIdKey, value: customerId },
      { key: orderTotalMinorKey, value: totalMinor },
    ],
  };
}

const storyOf = ({ ships }: LaunchableOrder): string =>
  `Reserve inventory → charge payment → confirm. Undone in reverse when a step says no.${ships ? ' Then each shipment, a workflow of its own: packed → dispatched → delivered.' : ''}`;
