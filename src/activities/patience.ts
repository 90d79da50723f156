import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureName, notNowFailure } from '../contracts/failures.ts';

type Activities = Record<string, (argument: never) => Promise<unknown>>;

/**
 * The same activities, with one rule: "not now" may lengthen the pause before the next try, never shorten it. A shorter one
 * would burn the counted tries of an undo (and park it) during an outage that is shorter than its bound, and would have a
 * provider that asks for patience called more often than one that does not answer at all.
 */
export function withPatience<T extends Activities>(activities: T): T {
  const entries = Object.entries(activities).map(([name, run]) => [
    name,
    (argument: never) => patiently(run, argument),
  ]);
  return Object.fromEntries(entries) as T;
}

async function patiently(run: Activities[string], argument: never): Promise<unknown> {
  try {
    return await run(argument);
  } catch (error) {
    throw notSooner(error);
  }
}

function notSooner(error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || error.type !== FailureName.notNow) return error;
  const pauseMs = policyPauseMs();
  const delayMs = Number(error.nextRetryDelay ?? 0);
  return delayMs >= pauseMs ? error : notNowFailure({ message: error.message, delayMs: pauseMs, cause: error.cause });
}

/** What the retry policy itself would wait after this attempt; 0 when a server does not tell the policy (all that we run on do). */
function policyPauseMs(): number {
  const { attempt, retryPolicy } = Context.current().info;
  if (!retryPolicy) return 0;
  const { initialInterval = 1_000, backoffCoefficient = 2, maximumInterval = Number.POSITIVE_INFINITY } = retryPolicy;
  return Math.min(Number(initialInterval) * backoffCoefficient ** (attempt - 1), Number(maximumInterval));
}
