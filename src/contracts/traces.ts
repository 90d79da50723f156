// How a trace crosses into a workflow and out of it again. What must stay true: nothing here depends on chance, so that a replay comes
// to the same; and a workflow that came without a trace does nothing at all.

/** The header of Temporal's own interceptors for OpenTelemetry: what starts a workflow writes it, what runs an activity reads it. */
export const TRACE_HEADER = '_tracer-data';

/** What the header says: the span that whatever carries it belongs under, as W3C Trace Context writes it. */
export type TraceCarrier = { traceparent?: string };

/** One span of one trace. `isSampled`: whether anybody keeps it. */
export type TracePoint = { traceId: string; spanId: string; isSampled: boolean };

// Version 00 ends here; a later one may have more behind it, which is not for us.
const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const SAMPLED = 1;

/** What a `traceparent` names, or null where it is none: whoever sends us nonsense begins no trace with it. */
export function readTraceparent(text: string | null | undefined): TracePoint | null {
  const [, version, traceId = '', spanId = '', flags = '', more] = pattern.exec(text ?? '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED };
}

export const writeTraceparent = ({ traceId, spanId, isSampled }: TracePoint): string =>
  `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`;

/**
 * The span of one run of a workflow, by the run's id (a UUID): the workflow names it as the parent of what it does, and whoever
 * learns of its end gives it that id. The second half of a UUID is never zero.
 */
export const spanIdOfRun = (runId: string): string => runId.replaceAll('-', '').slice(16);

/** The order that a workflow is about: all of ours are named by it (`order_…`, `order_…:refund:1`). Null: about many. */
export const orderOfWorkflow = (workflowId: string): string | null =>
  /^order_[0-9a-z]{26}/.exec(workflowId)?.[0] ?? null;

/** How a run ended, told to the worker outside of the sandbox. */
export type EndedRun = {
  /** What it was started under. */
  traceparent: string;
  outcome: 'completed' | 'failed' | 'cancelled' | 'continued';
  correlationId: string | null;
};

/** What workflow code tells the worker about traces; it is told once, never by a replay. */
export type TraceSinks = { traces: { runEnded: (run: EndedRun) => void } };
