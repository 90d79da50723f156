// What the workflow of an order tells of it when its row does not: what it was placed as, and how it ended or was about to end.
// What must stay true: the newest run speaks; what can not be read is absent, never guessed.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { CancelAnswer } from '../../contracts/messages.ts';
import type { ReviewAnswer } from '../../contracts/review.ts';
import type { OrderInput, OrderOutcome, UndoChargeRequest } from '../../contracts/process-order.ts';
import type { OrderHistories, OrderHistory } from '../../ports/recovery.ts';
import { readable } from './readable.ts';
import { witnessIn } from './order-witnesses.ts';

const DEADLINE_MS = 10_000;

type Event = NonNullable<
  Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>['events']
>[number];
type Payloads = NonNullable<Event['workflowExecutionStartedEventAttributes']>['input'];

export const createOrderHistories = ({ client }: { client: Client }): OrderHistories => {
  const within = <T>(call: () => Promise<T>): Promise<T> =>
    client.connection.withDeadline(Date.now() + DEADLINE_MS, call);

  return {
    find: async ({ orderId }) => {
      try {
        const { runId, closeTime } = await within(() => client.workflow.getHandle(orderId).describe());
        const { events } = await within(() => client.workflow.getHandle(orderId, runId).fetchHistory());
        return toHistory(runId, closeTime === undefined, await readable(client, events ?? []));
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return null;
        throw error;
      }
    },

    terminate: async ({ workflowId, runId, reason }) => {
      try {
        await within(() => client.workflow.getHandle(workflowId, runId).terminate(reason));
      } catch (error) {
        // It has ended meanwhile.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
};

function toHistory(runId: string, isRunning: boolean, events: readonly Event[]): OrderHistory {
  const started = events[0]?.workflowExecutionStartedEventAttributes;
  const input = firstOf<OrderInput>(started?.input);
  if (!input) throw new Error(`Expected the input of an order in the history of run ${runId}; found none`);
  const completed = events.at(-1)?.workflowExecutionCompletedEventAttributes;
  return {
    runId,
    isRunning,
    totalMinor: input.totalMinor,
    currency: input.currency,
    record: input.record ?? null,
    database: witnessIn(started?.memo),
    outcome: firstOf<OrderOutcome>(completed?.result) ?? endingBegun(events),
  };
}

/**
 * How the order was about to end: what whoever cancelled or reviewed it was told, for that stands; else what the undo of a charge
 * was told. All are activities of which the history keeps what went in and what came out.
 */
export function endingBegun(events: readonly Event[]): OrderOutcome | null {
  const [answer] = answersOf<CancelAnswer>('cancelOrder', events);
  if (answer) return 'ending' in answer ? answer.ending : { status: 'confirmed' };
  const reviewed = answersOf<ReviewAnswer>('decideReview', events).find((told) => 'ending' in told && told.ending);
  if (reviewed && 'ending' in reviewed && reviewed.ending) return reviewed.ending;
  const [undo] = scheduledAs('refundPayment', events);
  return firstOf<UndoChargeRequest>(undo?.activityTaskScheduledEventAttributes?.input)?.ending ?? null;
}

/** What every such activity answered, the first first. */
function answersOf<T>(name: string, events: readonly Event[]): T[] {
  const asked = new Set(scheduledAs(name, events).map(({ eventId }) => String(eventId)));
  return events.flatMap(({ activityTaskCompletedEventAttributes: done }) => {
    const answer = done && asked.has(String(done.scheduledEventId)) ? firstOf<T>(done.result) : null;
    return answer === null ? [] : [answer];
  });
}

const scheduledAs = (name: string, events: readonly Event[]): Event[] =>
  events.filter(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType?.name === name);

function firstOf<T>(payloads: Payloads): T | null {
  const payload = payloads?.payloads?.[0];
  return payload ? defaultPayloadConverter.fromPayload<T>(payload) : null;
}
