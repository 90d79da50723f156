// Every timeout and retry bound of an order's steps, with its reason. Bounds that decide when an order parks come from
// the workflow's input, so that a replay uses those the order was accepted with.
import type { RetryPolicy } from '@temporalio/common';
import { proxyActivities, proxyLocalActivities, ActivityCancellationType } from '@temporalio/workflow';
import { TaskQueue } from '../contracts/ids.ts';
import type { Bounds } from '../contracts/process-order.ts';
import type { ProviderActivities, StepActivities } from '../activities/index.ts';
import { createAmendmentActivities } from './amendment-proxies.ts';
import { createCaptureActivities } from './capture-proxies.ts';
import { createShippingActivities } from './shipping-proxies.ts';
import { PROVIDER_PAUSES, retryWith, triesWithin } from './provider-retries.ts';

/** How long a killed worker goes unnoticed in the middle of a provider call; three of its heartbeats. */
const HEARTBEAT_TIMEOUT = '10s';

/**
 * A longer pause before the next try of a local activity becomes a timer. Without it the pause would be spent inside the
 * workflow task, which then has to be kept alive in the history every few seconds, for as long as PostgreSQL is away.
 */
const LOCAL_RETRY_THRESHOLD = '2s';

/** Half a day of tries at this pace stays below a thousand history events. */
const LOCAL_MAX_INTERVAL = '5m';

/** The activities of one order, with its own bounds. Summaries are what a person reads in the Web UI. */
export function createActivities(bounds: Bounds) {
  return {
    ...stepActivities(bounds),
    ...undoActivities(bounds),
    ...refundActivities(bounds),
    ...skipActivities(bounds),
    ...decisionActivities(),
    ...createShippingActivities(bounds),
    ...createAmendmentActivities(bounds),
    ...createCaptureActivities(bounds),
  };
}

export type OrderActivities = ReturnType<typeof createActivities>;

function stepActivities(bounds: Bounds) {
  const local = {
    // Above the database's statement_timeout (5 s), so that the database's clearer error comes first.
    startToCloseTimeout: '8s',
    scheduleToCloseTimeout: bounds.stepOutageLimitMs,
    localRetryThreshold: LOCAL_RETRY_THRESHOLD,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: LOCAL_MAX_INTERVAL },
  } as const;
  const { reserveInventory } = proxyLocalActivities<StepActivities>({ ...local, summary: 'Hold stock for every line' });
  const { confirmOrder } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Holds become sales: the order is sold',
  });
  const { requestPaymentMethod, findPaymentTry } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Ask the customer for another payment method',
  });

  const charging = {
    taskQueue: TaskQueue.payments,
    // Three provider requests of at most 8 s each (ask, confirm, ask again) and two transactions.
    startToCloseTimeout: '40s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    scheduleToCloseTimeout: bounds.providerOutageLimitMs,
    // The undo asks the provider what became of an attempt, so nobody needs to wait for one that was cancelled.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: retryWith(bounds.providerPauses ?? PROVIDER_PAUSES),
  } as const;
  const { chargePayment } = proxyActivities<ProviderActivities>({
    ...charging,
    summary: 'Take the money at the payment provider',
  });
  const { abandonPayment } = proxyActivities<ProviderActivities>({
    ...charging,
    summary: 'Void a declined payment before another is tried',
  });
  return { reserveInventory, chargePayment, abandonPayment, requestPaymentMethod, findPaymentTry, confirmOrder };
}

function undoActivities(bounds: Bounds) {
  // Counted, not timed: an undo that the clock may end would leave stock or money behind. Then it parks.
  const maximumAttempts = bounds.undoAttempts;
  const local = {
    startToCloseTimeout: '8s',
    localRetryThreshold: LOCAL_RETRY_THRESHOLD,
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5m', maximumAttempts },
  } as const;
  const { releaseInventory } = proxyLocalActivities<StepActivities>({ ...local, summary: 'Undo: free the held stock' });
  const { closeOrder } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Everything is undone: close the order',
  });

  const { acknowledgePayment } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'A person takes the payment’s money as it stands',
  });

  const atProvider = countedAtProvider(bounds);
  const { refundPayment } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Undo: void the payment, or refund it when it was captured',
  });
  const { followPayment } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Look what became of a payment; give back what is not the order’s',
  });
  return { releaseInventory, refundPayment, followPayment, acknowledgePayment, closeOrder };
}

function countedAtProvider(bounds: Bounds) {
  const pauses = bounds.providerPauses ?? PROVIDER_PAUSES;
  return {
    taskQueue: TaskQueue.payments,
    startToCloseTimeout: '40s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    // As many as fit into the outage that a charge outlasts: pauses are only ever longer than these (activities/patience.ts).
    retry: { ...retryWith(pauses), maximumAttempts: triesWithin(bounds.providerOutageLimitMs, pauses) },
  } as const;
}

/** Counted like an undo: what a customer is to get back is not dropped by the clock. */
function refundActivities(bounds: Bounds) {
  const atProvider = countedAtProvider(bounds);
  const { payRefund } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Give back what an operator asked for',
  });
  const { adoptPaidRefund } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Verify a refund that was made by hand, and take it for this one',
  });
  const { abandonRefund } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Give the refund up, when nothing of it has moved for certain',
  });
  return { payRefund, adoptPaidRefund, abandonRefund };
}

/** What an operator did by hand at the provider. Counted like an undo: what can not be verified parks again. */
function skipActivities(bounds: Bounds) {
  const options = {
    taskQueue: TaskQueue.payments,
    startToCloseTimeout: '40s',
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: {
      initialInterval: '1s',
      backoffCoefficient: 2,
      maximumInterval: '5m',
      maximumAttempts: bounds.undoAttempts,
    },
  } as const;
  const { adoptPayment } = proxyActivities<ProviderActivities>({
    ...options,
    summary: 'Verify a payment that an operator made by hand, and take it for the order’s own',
  });
  const { adoptRefund } = proxyActivities<ProviderActivities>({
    ...options,
    summary: 'Verify a refund that an operator made by hand, and take it for the order’s own',
  });
  return { adoptPayment, adoptRefund };
}

function decisionActivities() {
  const local = {
    startToCloseTimeout: '8s',
    // Without bound: parking is where everything else ends up when it fails.
    localRetryThreshold: LOCAL_RETRY_THRESHOLD,
    retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumInterval: LOCAL_MAX_INTERVAL },
  } as const;
  const { parkOrder } = proxyLocalActivities<StepActivities>({ ...local, summary: 'Park: an operator has to look' });
  const summary = 'An operator decided: go on';
  // A regular activity: it begins only when the task that took the operator's word is complete, hence never forgotten. What
  // a local one does, it does before that: a server that lost the task left an order that neither waited visibly nor moved.
  const { resumeOrder } = proxyActivities<StepActivities>({
    summary,
    startToCloseTimeout: local.startToCloseTimeout,
    retry: local.retry,
  });
  // For orders that were parked before that was known.
  const { resumeOrder: resumeOrderInTask } = proxyLocalActivities<StepActivities>({ ...local, summary });
  const { remindOfParked } = proxyLocalActivities<StepActivities>({
    ...local,
    // Bounded: the next reminder comes anyway, and an operator's word must not wait for this one.
    retry: { ...local.retry, maximumAttempts: 3 },
    summary: 'Remind: the order is still parked',
  });
  // A regular activity for the same reason. Without bound: whoever asked waits for what it says, or asks again.
  const { cancelOrder } = proxyActivities<StepActivities>({
    summary: 'Somebody wants the order cancelled: fix how it ends',
    startToCloseTimeout: local.startToCloseTimeout,
    retry: local.retry,
  });
  return { parkOrder, resumeOrder, resumeOrderInTask, remindOfParked, cancelOrder, ...reviewActivities(local) };
}

/** Without bound as well: while our database is away nobody can decide anything, and nothing is taken meanwhile. */
function reviewActivities(local: { startToCloseTimeout: '8s'; localRetryThreshold: '2s'; retry: RetryPolicy }) {
  // A regular activity, as everything that follows somebody's word.
  const { decideReview } = proxyActivities<StepActivities>({
    summary: 'Somebody decides about the order before it is charged',
    startToCloseTimeout: local.startToCloseTimeout,
    retry: local.retry,
  });
  const { advanceReview } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Nobody has decided so far: escalate the review, or end it',
  });
  return { decideReview, advanceReview };
}
