// The way of an order as a person reads it: what happened, how long it took, how often it was tried; and the time in which nothing
// happened, folded into one line.
import type { Envelope, FailedTry } from './types.ts';

/** Longer than that without anything is idle: no step of ours takes so long when nobody is waited for. */
const IDLE_MS = 60_000;

export type Entry =
  | { kind: 'event'; at: string; event: Envelope; sentence: string; tookMs: number | null; tries: readonly FailedTry[] }
  | { kind: 'idle'; from: string; lastsMs: number };

/** `sentences`: what the explanation says happened, each with its instant. */
export function buildTimeline(
  events: readonly Envelope[],
  attempts: readonly FailedTry[],
  sentences: readonly { at: string | null; sentence: string }[],
): Entry[] {
  const left = [...sentences];
  const entries: Entry[] = [];
  let before: string | null = null;
  for (const event of [...events].sort((one, other) => one.sequence - other.sequence)) {
    const { timestamp } = event;
    const gapMs = before === null ? null : Date.parse(timestamp) - Date.parse(before);
    if (before !== null && gapMs !== null && gapMs >= IDLE_MS)
      entries.push({ kind: 'idle', from: before, lastsMs: gapMs });
    entries.push({
      ...{ kind: 'event', at: timestamp, event },
      sentence: takeSentence(left, timestamp) ?? `${event.eventType}.`,
      // What was waited for was no work.
      tookMs: gapMs !== null && gapMs < IDLE_MS ? gapMs : null,
      tries: triesBetween(attempts, before, timestamp),
    });
    before = timestamp;
  }
  return entries;
}

/** Failed tries since the last event: what it is at now. The first first. */
export const triesSince = (attempts: readonly FailedTry[], events: readonly Envelope[]): FailedTry[] =>
  triesBetween(attempts, events.at(-1)?.timestamp ?? null, null);

function triesBetween(attempts: readonly FailedTry[], after: string | null, until: string | null): FailedTry[] {
  const from = after === null ? -Infinity : Date.parse(after);
  const to = until === null ? Infinity : Date.parse(until);
  return attempts
    .filter(({ at }) => Date.parse(at) > from && Date.parse(at) <= to)
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

/** Each sentence belongs to one event. */
function takeSentence(left: { at: string | null; sentence: string }[], at: string): string | null {
  const index = left.findIndex((happening) => happening.at === at);
  return index < 0 ? null : (left.splice(index, 1)[0]?.sentence ?? null);
}

/** Who did what about the order, and why: what events say of persons. */
export function activityOf(
  events: readonly Envelope[],
): { at: string; who: string; what: string; why: string | null; sequence: number }[] {
  return events
    .filter(({ data }) => typeof data['actor'] === 'string')
    .map(({ data, eventType, timestamp, sequence }) => ({
      at: timestamp,
      who: String(data['actor']),
      what: typeof data['action'] === 'string' ? `${eventType} (${data['action']})` : eventType,
      why: typeof data['reason'] === 'string' ? data['reason'] : null,
      sequence,
    }))
    .reverse();
}
