// The trace that is under way, for code that knows nothing of how traces are made. Only OpenTelemetry's small API is loaded here: without
// tracing every function does nothing, and costs next to nothing.
import {
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Attributes,
  type Context,
} from '@opentelemetry/api';

const TRACER = 'durable-orders';
const orderKey = createContextKey('the order that this is about');

/** Attributes of ours, beside those that OpenTelemetry's own conventions name. */
export const OrderAttribute = { id: 'order.id', correlationId: 'order.correlation_id' } as const;

export type OrderRef = { orderId: string | null; correlationId?: string | null };

/** What whoever is told of this now may go on under (W3C Trace Context), or null where no trace is under way. */
export function currentTraceparent(): string | null {
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier['traceparent'] ?? null;
}

/**
 * Does `work` in the trace that was kept as `traceparent`, or in none: never in the one that happens to be under way, because loops and
 * queues do one order's work after another's.
 */
export function inTrace<T>(
  { traceparent, orderId }: { traceparent?: string | null | undefined; orderId: string },
  work: () => T,
): T {
  const kept = traceparent ? propagation.extract(ROOT_CONTEXT, { traceparent }) : ROOT_CONTEXT;
  return context.with(kept.setValue(orderKey, orderId), work);
}

/** Begins what goes on for everybody, by whomever it happens to be begun: it belongs to nobody's trace. */
export const outsideTraces = <T>(work: () => T): T => context.with(ROOT_CONTEXT, work);

/** Whether a trace is under way, be it one that nobody keeps. */
export const isInTrace = (): boolean => trace.getSpan(context.active()) !== undefined;

/** Whether a span of this process is under way that somebody will see. */
export const hasSpan = (): boolean => trace.getActiveSpan()?.isRecording() ?? false;

/** Says on the span that is under way which order it is about. */
export function noteOrder(order: OrderRef): void {
  trace.getActiveSpan()?.setAttributes(orderAttributes(order));
}

/** The same for all that `work` does, which also says so in its lines of the log. */
export function aboutOrder<T>(order: OrderRef, work: () => T): T {
  noteOrder(order);
  if (order.orderId === null) return work();
  return context.with(context.active().setValue(orderKey, order.orderId), work);
}

/** A span of our own around `work`, where no instrumentation makes one. A trace that is not under way is not begun for it. */
export async function inSpan<T>(
  { name, order, attributes = {} }: { name: string; order: OrderRef; attributes?: Attributes },
  work: () => Promise<T>,
  failureOf: (result: T) => string | null = () => null,
): Promise<T> {
  if (!isInTrace()) return work();
  const options = { kind: SpanKind.PRODUCER, attributes: { ...attributes, ...orderAttributes(order) } };
  return trace.getTracer(TRACER).startActiveSpan(name, options, async (span) => {
    const fail = (type: string): void =>
      void span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', type);
    try {
      const result = await work();
      const failure = failureOf(result);
      if (failure !== null) fail(failure);
      return result;
    } catch (error) {
      fail(error instanceof Error ? error.name : 'unknown');
      throw error;
    } finally {
      span.end();
    }
  });
}

/** What each line of the log says about the trace that it was written in. */
export function traceFields(): Record<string, string> {
  const active: Context = context.active();
  const span = trace.getSpanContext(active);
  const orderId = active.getValue(orderKey);
  return {
    ...(span ? { trace_id: span.traceId, span_id: span.spanId } : {}),
    ...(typeof orderId === 'string' ? { orderId } : {}),
  };
}

export const orderAttributes = ({ orderId, correlationId }: OrderRef): Attributes => ({
  ...(orderId === null ? {} : { [OrderAttribute.id]: orderId }),
  ...(correlationId ? { [OrderAttribute.correlationId]: correlationId } : {}),
});
