// Lives that last for weeks: when a run's history has become long, the same story goes on in a new run. What must stay true: nobody
// who asked is left without an answer, no word of an operator is dropped, and what is under way may be tried again: every step
// answers with what it has recorded, as after a restart.
import { allHandlersFinished, CancellationScope, condition, patched, workflowInfo } from '@temporalio/workflow';

/**
 * Events after which a run goes on as another: far more than a life without trouble has. A run takes at most 2,000 updates, each of
 * them at least two events; and a burst may arrive before it can go on, because somebody waits for an answer, or because the server
 * puts off a run's end while there is news that it has not seen.
 */
const LONG_RUN_EVENTS = 1_000;

/**
 * Runs the story to its end; or until its history is long, nobody waits for an answer and it `mayHandOn`: null, and the caller continues
 * as new in the same breath.
 */
export async function runWhileShort<T>(story: () => Promise<T>, mayHandOn: () => boolean): Promise<{ done: T } | null> {
  let ended: { done: T } | null = null;
  const told = story().then((done) => {
    ended = { done };
  });
  const handsOn = (): boolean =>
    isLong() && allHandlersFinished() && mayHandOn() && patched('goes-on-as-a-new-run-when-its-history-is-long');
  await CancellationScope.nonCancellable(() => Promise.race([told, condition(() => ended !== null || handsOn())]));
  return ended;
}

function isLong(): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return historyLength > LONG_RUN_EVENTS || continueAsNewSuggested;
}
