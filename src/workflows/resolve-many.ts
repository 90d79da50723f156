// One decision about many parked orders. What must stay true: it can be interrupted anywhere and goes on (who had their turn is
// in the rows), it can be cancelled between two orders, and its history stays short however many orders there are.
import {
  CancellationScope,
  continueAsNew,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  workflowInfo,
} from '@temporalio/workflow';
import type { ResolveManyActivities } from '../activities/index.ts';
import type { ResolveManyInput } from '../contracts/resolve-many.ts';

// Every piece of work is safe to repeat, so it is tried without bound: who cancels it does so in the row.
const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

const { resolveNextOrders } = proxyActivities<ResolveManyActivities>({
  summary: 'Tell the next orders',
  // 25 rounds of 4 orders, each of which answers within milliseconds or is given up on after 5 s.
  startToCloseTimeout: '3m',
  heartbeatTimeout: '10s',
  retry,
});
const { finishResolution } = proxyActivities<ResolveManyActivities>({
  summary: 'Write down that it is over',
  startToCloseTimeout: '8s',
  retry,
});

export async function resolveMany(input: ResolveManyInput): Promise<void> {
  setCurrentDetails(`Each order’s outcome: \`GET /resolutions/${input.resolutionId}\``);
  try {
    while (await resolveNextOrders(input)) {
      if (workflowInfo().continueAsNewSuggested) return await continueAsNew<typeof resolveMany>(input);
    }
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(() => finishResolution({ ...input, cancelledBy: 'temporal' }));
    throw error;
  }
  await CancellationScope.nonCancellable(() => finishResolution({ ...input, cancelledBy: null }));
}
