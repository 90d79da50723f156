// Asks the workflow of an order for a definite answer, within the time in which the contract promises one. What must stay true: a
// workflow that does not run yet is started first; when nobody answers, nothing is known, and the client is told to ask again.
import type { LaunchMarks, OrderStarter } from '../ports/launch.ts';
import { within } from '../runtime/deadline.ts';
import { Problem, RETRY_SOON } from './middleware/problems.ts';

// With the queries around them below the 2 s in which the contract promises a 503: one call to Temporal, and all of them.
const CALL_WITHIN_MS = 1_000;
const ANSWER_WITHIN_MS = 1_400;

export type AskDependencies = { launches: Pick<LaunchMarks, 'findOpen'>; workflows: OrderStarter };
/** Sends the question; `gone`: no workflow runs for the order. */
type Send<T> = (request: { withinMs: number }) => Promise<{ answer: T } | { gone: true }>;

/** What the workflow answers; null when the order is over, as its row will say. Throws a Problem when there is no answer in time. */
export async function askWorkflow<T>(dependencies: AskDependencies, orderId: string, send: Send<T>): Promise<T | null> {
  try {
    return await within(ANSWER_WITHIN_MS, ask(dependencies, orderId, send));
  } catch (error) {
    throw Object.assign(unknownYet(), { cause: error });
  }
}

async function ask<T>({ launches, workflows }: AskDependencies, orderId: string, send: Send<T>): Promise<T | null> {
  const first = await send({ withinMs: CALL_WITHIN_MS });
  if ('answer' in first) return first.answer;
  const open = await launches.findOpen({ orderId });
  if (!open) return null;
  await workflows.start(open);
  const second = await send({ withinMs: CALL_WITHIN_MS });
  return 'answer' in second ? second.answer : null;
}

/** Whoever asked comes back. */
export const unknownYet = (): Problem =>
  new Problem('service-unavailable', 'The order’s workflow did not answer in time; repeat the request', {
    headers: RETRY_SOON,
  });
