// Whether the history of an order's workflow shows that the order's end was committed to our rows. What must stay true: only an
// answer of our rows counts, never that the workflow is complete, because somebody else can complete it as well.
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { FailureName } from '../../contracts/failures.ts';

type Handle = ReturnType<Client['workflow']['getHandle']>;
type Event = NonNullable<Awaited<ReturnType<Handle['fetchHistory']>>['events']>[number];

/** The local activities whose success is the end of an order. Histories of closed orders carry their names. */
const closingSteps: readonly unknown[] = ['confirmOrder', 'closeOrder'];
// What Temporal's SDK calls the marker that it records for a local activity that is over.
const LOCAL_ACTIVITY = 'core_local_activity';

export const showsRecordedEnd = (events: readonly Event[]): boolean => events.some(isRecordedEnd);

function isRecordedEnd({
  markerRecordedEventAttributes: marker,
  activityTaskFailedEventAttributes: failed,
}: Event): boolean {
  // An undo that was told that the order is sold: the sale was there, whoever heard of it first.
  const failure = marker?.failure ?? failed?.failure;
  if (failure) return failure.applicationFailureInfo?.type === FailureName.sold;
  if (marker?.markerName !== LOCAL_ACTIVITY) return false;
  const told = marker.details?.['data']?.payloads?.[0];
  if (!told) return false;
  return closingSteps.includes(defaultPayloadConverter.fromPayload<{ activity_type?: string }>(told).activity_type);
}
