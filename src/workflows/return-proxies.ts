// The timeouts and retry bounds of returns, with their reasons. All of it touches only our own tables.
import { proxyLocalActivities } from '@temporalio/workflow';
import type { StepActivities } from '../activities/index.ts';
import type { Bounds } from '../contracts/process-order.ts';

export function createReturnActivities(bounds: Bounds) {
  const local = {
    // Above the database's statement_timeout (5 s), so that the database's clearer error comes first.
    startToCloseTimeout: '8s',
    scheduleToCloseTimeout: bounds.stepOutageLimitMs,
    localRetryThreshold: '2s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5m' },
  } as const;
  const { findReturn } = proxyLocalActivities<StepActivities>({ ...local, summary: 'How the return stands' });
  const { awaitReturn, noteReturnDelay } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Show until when it is waited for',
  });
  const { expireReturn } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'The goods did not come in time',
  });
  const { settleReturn } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Complete it once it is given back for',
  });
  const { askReturnRefund } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Ask once more for the refund of what came',
  });
  const { acceptReturn } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'A person takes it as it is that nothing was given back',
  });
  const { scheduleToCloseTimeout: _, ...unbounded } = local;
  // What an operator has decided is followed however long our database is away.
  const { rejectReturn } = proxyLocalActivities<StepActivities>({ ...unbounded, summary: 'An operator says no' });
  return {
    ...{ findReturn, awaitReturn, noteReturnDelay, expireReturn, settleReturn },
    ...{ askReturnRefund, acceptReturn, rejectReturn },
  };
}
