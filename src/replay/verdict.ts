// Whether a build of the workflows can go on with what an older one began, and at which event of its history it can not. What must
// stay true: one history is held at a time, however many there are.
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type Event = NonNullable<History['events']>[number];

export type Open = { workflowId: string; type: string; history: History };
/** `breaks` is null for one that replays; `event` is where it breaks, as far as that is known. */
export type Verdict = { workflowId: string; type: string; breaks: { what: string; event: string } | null };

/** Replays one history after the other against a bundle. */
export async function* judge(code: string, open: AsyncIterable<Open>): AsyncGenerator<Verdict> {
  const current: { open: Open | null } = { open: null };
  const remembered = async function* (): AsyncGenerator<Open> {
    for await (const next of open) {
      current.open = next;
      yield next;
    }
  };
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { code } }, remembered())) {
    const type = current.open?.type ?? '';
    yield { workflowId, type, breaks: error ? breakIn(error.message, current.open?.history.events ?? []) : null };
  }
}

/** The core quotes the failure of a task as it prints it for itself; what a person needs is its message. */
export function breakIn(message: string, events: readonly Event[]): { what: string; event: string } {
  const quoted = /message: "((?:[^"\\]|\\.)*)"/.exec(message)?.[1] ?? message;
  const what = quoted.replace(/^\[TMPRL\d+\] Nondeterminism error: /, '').replaceAll('\\"', '"');
  return { what: what.split(/\\n|\n/)[0] ?? what, event: eventOf(what, events) };
}

function eventOf(what: string, events: readonly Event[]): string {
  const [, id, type] = /HistoryEvent\(id: (\d+), (\w+)/.exec(what) ?? [];
  if (id !== undefined) return `${id} ${type ?? ''}`;
  const [, ordinal] = /LocalActivity\((\d+)\)/.exec(what) ?? [];
  if (ordinal !== undefined) return nameOf(markersIn(events, 'core_local_activity')[Number(ordinal) - 1]);
  const [, patch] = /marker encountered for change ([^\s,]+)/.exec(what) ?? [];
  if (patch !== undefined) return nameOf(markersIn(events, 'core_patch').find((marker) => mentions(marker, patch)));
  return 'not told';
}

const markersIn = (events: readonly Event[], name: string): Event[] =>
  events.filter(({ markerRecordedEventAttributes: marker }) => marker?.markerName === name);

const nameOf = (event: Event | undefined): string => (event ? `${String(event.eventId)} MarkerRecorded` : 'not told');

/** Fetched histories hold bytes, recorded ones base64. */
function mentions({ markerRecordedEventAttributes: marker }: Event, patch: string): boolean {
  const payloads = Object.values(marker?.details ?? {}).flatMap((detail) => detail.payloads ?? []);
  return payloads.some(({ data }) => {
    const given: unknown = data;
    const bytes = typeof given === 'string' ? Buffer.from(given, 'base64') : Buffer.from(data ?? []);
    return bytes.toString('utf8').includes(`"${patch}"`);
  });
}
