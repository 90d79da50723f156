// The timeouts and retry bounds of an amendment, with their reasons; the rest stands in activity-proxies.ts.
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ProviderActivities, StepActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import type { Bounds } from '../contracts/process-order.ts';
import { PROVIDER_PAUSES, retryWith, triesWithin } from './provider-retries.ts';

export function createAmendmentActivities(bounds: Bounds) {
  const local = {
    // Above the database's statement_timeout (5 s), so that the database's clearer error comes first.
    startToCloseTimeout: '8s',
    localRetryThreshold: '2s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5m' },
  } as const;
  const bounded = { ...local, scheduleToCloseTimeout: bounds.stepOutageLimitMs } as const;
  const { holdAmendment } = proxyLocalActivities<StepActivities>({
    ...bounded,
    summary: 'Hold the units that are added',
  });
  const { applyAmendment } = proxyLocalActivities<StepActivities>({
    ...bounded,
    summary: 'The order becomes what was asked for, unless it has moved on',
  });
  const { findFurtherPayments } = proxyLocalActivities<StepActivities>({
    ...bounded,
    summary: 'Which payments amendments have added to the order',
  });
  const { closeAmendment } = proxyLocalActivities<StepActivities>({
    ...local,
    // Counted, not timed, as every undo: giving up by the clock would leave stock held.
    retry: { ...local.retry, maximumAttempts: bounds.undoAttempts },
    summary: 'Undo: free what is held; the order stays as it was',
  });

  const pauses = bounds.providerPauses ?? PROVIDER_PAUSES;
  const atProvider = {
    taskQueue: TaskQueue.payments,
    // Three provider requests of at most 8 s each (ask, confirm, ask again) and two transactions.
    startToCloseTimeout: '40s',
    // Three heartbeats: how long a killed worker goes unnoticed.
    heartbeatTimeout: '10s',
    retry: retryWith(pauses),
  } as const;
  const counted = {
    ...atProvider,
    // As many as fit into the outage that a charge outlasts.
    retry: { ...atProvider.retry, maximumAttempts: triesWithin(bounds.providerOutageLimitMs, pauses) },
  } as const;
  const { chargeAmendment } = proxyActivities<ProviderActivities>({
    ...atProvider,
    scheduleToCloseTimeout: bounds.providerOutageLimitMs,
    // The undo asks the provider what became of an attempt, so nobody needs to wait for one that was cancelled.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: 'Take the difference at the payment provider',
  });
  const { undoAmendment } = proxyActivities<ProviderActivities>({
    ...counted,
    summary: 'Undo: void the further charge, or refund it when it was captured',
  });
  const { adoptAmendmentRefund } = proxyActivities<ProviderActivities>({
    ...counted,
    summary: 'Verify a refund of the further charge that an operator made by hand',
  });
  return {
    ...{ holdAmendment, applyAmendment, closeAmendment, findFurtherPayments },
    ...{ chargeAmendment, undoAmendment, adoptAmendmentRefund },
  };
}
