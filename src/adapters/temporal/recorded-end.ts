// Whether the history of an order's workflow shows that the order's end was committed to our rows. What must stay true: only an
// answer of our rows counts, never that the workflow is complete, because somebody else can complete it as well.
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { FailureName } from '../../contracts/failures.ts';
import type { OrderInput } from '../../contracts/process-order.ts';

type Handle = ReturnType<Client['workflow']['getHandle']>;
type Event = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>[number];

/** The local activities whose success is the end of an order. Histories of closed orders carry their names. */
const closingSteps: readonly unknown[] = ['confirmOrder', 'closeOrder'];
/** Where something was to be shipped, the sale was not the end yet. */
const closingStepsOfShipping: readonly unknown[] = ['finishShipping', 'closeOrder'];
// What Temporal's SDK calls the marker that it records for a local activity that is over.
const LOCAL_ACTIVITY = 'core_local_activity';

export function showsRecordedEnd(events: readonly Event[]): boolean {
  const closing = ships(events) ? closingStepsOfShipping : closingSteps;
  return events.some((event) => isRecordedEnd(event, closing));
}

/** What can not be read counts as an order that ends with its sale: the safe mistake, see below. */
function ships(events: readonly Event[]): boolean {
  const input = events[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  try {
    return input ? defaultPayloadConverter.fromPayload<OrderInput>(input).ships === true : false;
  } catch {
    return false;
  }
}

function isRecordedEnd(
  { markerRecordedEventAttributes: marker, activityTaskFailedEventAttributes: failed }: Event,
  closing: readonly unknown[],
): boolean {
  // An undo that was told that the order is sold: the sale was there, whoever heard of it first.
  const failure = marker?.failure ?? failed?.failure;
  if (failure) return failure.applicationFailureInfo?.type === FailureName.sold;
  if (marker?.markerName !== LOCAL_ACTIVITY) return false;
  const told = marker.details?.['data']?.payloads?.[0];
  return told ? isOfClosingStep(told, closing) : false;
}

/**
 * A marker that can not be read (somebody's codec encrypts it) may be the one of the end: like a history that is gone it counts as
 * recorded. The database then stands still for a person who reads which order it is, which is the safe mistake: going on in one
 * that is behind charges twice. Nor may it fail: then nobody would ever have looked, and no worker would poll, without a word
 * of why.
 */
function isOfClosingStep(
  told: Parameters<typeof defaultPayloadConverter.fromPayload>[0],
  closing: readonly unknown[],
): boolean {
  try {
    const { activity_type: name } = defaultPayloadConverter.fromPayload<{ activity_type?: string }>(told);
    return closing.includes(name);
  } catch {
    return true;
  }
}
