// What leaves this process in spans. What must stay true: only what is named here does, because instrumentations collect whatever they
// find (addresses with tokens in them, search attributes with the customer, messages of errors), and more with every version of them.
import { SpanKind, type Attributes, type AttributeValue } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter, TimedEvent } from '@opentelemetry/sdk-trace-node';

/** Of these none says anything about a person, or opens a door. */
const allowed = new Set([
  ...['order.id', 'order.correlation_id', 'event.type', 'event.sequence', 'webhook.subscription_id', 'webhook.attempt'],
  ...['temporalWorkflowId', 'temporalActivityId', 'temporalUpdateId', 'run_id', 'workflow.outcome'],
  ...['http.request.method', 'http.response.status_code', 'http.route', 'url.scheme', 'url.template'],
  ...['server.address', 'server.port', 'network.protocol.version', 'error.type'],
  ...['db.system.name', 'db.namespace', 'db.operation.name'],
  ...['messaging.system', 'messaging.destination.name'],
]);

/** Which host a client asked for is what it says. */
const ofClients = new Set(['server.address', 'server.port']);

/** Statements: how they are written (their values travel beside them, and are never in here), cut where nobody reads on. */
const statements = new Set(['db.query.text', 'db.statement']);
const MAX_STATEMENT = 500;

/** Starts of workflows that ran already: nothing has begun, and the launcher looks again every hour. */
const MOOT = 'WorkflowExecutionAlreadyStartedError';
const EXCEPTION_TYPE = 'exception.type';

/** Hands on what may leave; `onResult` hears how it went. */
export function exportScrubbed(exporter: SpanExporter, onResult: (error: Error | null) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans.filter((span) => !isMoot(span)).map(scrub), (result) => {
        onResult(isTaken(result) ? null : (result.error ?? new Error('the collector did not take spans')));
        done(result);
      }),
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

// ExportResultCode.SUCCESS, of a package that is loaded only where there are traces.
const isTaken = ({ code }: { code: number }): boolean => code === 0;

const isMoot = ({ events }: ReadableSpan): boolean =>
  events.some(({ attributes }) => attributes?.[EXCEPTION_TYPE] === MOOT);

/** The span as it may be seen elsewhere: the rest of it as it is. */
export function scrub(span: ReadableSpan): ReadableSpan {
  const own = (value: unknown): PropertyDescriptor => ({ value, enumerable: true });
  return Object.create(span, {
    attributes: own(allowedOf(span)),
    events: own(span.events.map(scrubEvent)),
    links: own(span.links.map(({ context }) => ({ context }))),
    // Messages of errors quote what they are about.
    status: own({ code: span.status.code }),
  }) as ReadableSpan;
}

function scrubEvent({ name, time, attributes }: TimedEvent): TimedEvent {
  const type = attributes?.[EXCEPTION_TYPE];
  return { name, time, ...(type === undefined ? {} : { attributes: { [EXCEPTION_TYPE]: type } }) };
}

function allowedOf({ attributes, kind }: ReadableSpan): Attributes {
  const isServer = kind === SpanKind.SERVER;
  const left: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (statements.has(name)) left[name] = String(value).replace(/\s+/g, ' ').trim().slice(0, MAX_STATEMENT);
    else if (value !== undefined && allowed.has(name) && !(isServer && ofClients.has(name))) left[name] = value;
  }
  return left;
}
