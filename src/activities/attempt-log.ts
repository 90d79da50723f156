import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { OrderStep } from '../domain/order.ts';
import type { AttemptLog } from '../ports/attempts.ts';

// Rows and cards show it; an error that quotes a whole answer must not fill them.
const MAX_MESSAGE_LENGTH = 500;
// The log must not hold up a failure that Temporal is to hear of.
const MAX_WRITE_MS = 1_500;

type Activities = Record<string, (request: never) => Promise<unknown>>;

/**
 * The same activities, each failed try of which leaves a row. Never fails the activity in another way than it failed, and
 * never holds it up for long: without PostgreSQL there is just no row. A business no is no failed try.
 */
export function withAttemptLog<T extends Activities>(
  activities: T,
  { attempts, stepOf }: { attempts: AttemptLog; stepOf: Record<keyof T, OrderStep> },
): T {
  const entries = Object.entries(activities).map(([name, run]) => [
    name,
    async (request: { orderId: string }) => {
      try {
        return await run(request as never);
      } catch (error) {
        if (!isBusinessNo(error)) await note(attempts, { orderId: request.orderId, step: stepOf[name], error });
        throw error;
      }
    },
  ]);
  return Object.fromEntries(entries) as T;
}

async function note(
  attempts: AttemptLog,
  { orderId, step, error }: { orderId: string; step: OrderStep | undefined; error: unknown },
): Promise<void> {
  if (step === undefined) return;
  const { attempt, workflowExecution } = Context.current().info;
  const workflowId = workflowExecution?.workflowId ?? orderId;
  const row = { orderId, workflowId, step, attempt, message: messageOf(error), nextTryInMs: nextTryInMs(error) };
  await Promise.race([attempts.add(row).catch(() => undefined), sleep(MAX_WRITE_MS, undefined, { ref: false })]);
}

const isBusinessNo = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.category === ApplicationFailureCategory.BENIGN;

/** What Temporal will do with this failure, by the policy that the activity runs under. */
function nextTryInMs(error: unknown): number | null {
  const { attempt, retryPolicy } = Context.current().info;
  if (error instanceof ApplicationFailure) {
    if (error.nonRetryable) return null;
    if (error.nextRetryDelay !== undefined && error.nextRetryDelay !== null) return msToNumber(error.nextRetryDelay);
  }
  if (!retryPolicy || (retryPolicy.maximumAttempts && attempt >= retryPolicy.maximumAttempts)) return null;
  const { initialInterval = 1_000, backoffCoefficient = 2, maximumInterval } = retryPolicy;
  const pause = msToNumber(initialInterval) * backoffCoefficient ** (attempt - 1);
  return Math.min(pause, maximumInterval === undefined ? Infinity : msToNumber(maximumInterval));
}

/** The message with those of its causes, without what the provider means for the customer's eyes only. */
function messageOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!messages.includes(cause.message)) messages.push(cause.message);
  }
  const text = messages.join(': ') || String(error);
  return text.replace(/_secret_\w+/g, '_secret_…').slice(0, MAX_MESSAGE_LENGTH);
}
