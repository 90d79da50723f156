// Makes traces, where the settings want any. What must stay true: without, nothing of OpenTelemetry but its small API is loaded; and a
// collector that is away, or hangs, costs spans and nothing else.
import { createRequire } from 'node:module';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, propagation, type Attributes } from '@opentelemetry/api';
import type * as core from '@opentelemetry/core';
import type * as otlp from '@opentelemetry/exporter-trace-otlp-proto';
import type * as resources from '@opentelemetry/resources';
import type * as sdk from '@opentelemetry/sdk-trace-node';
import type { IdGenerator, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '../logger.ts';
import { instrument } from './instrumentations.ts';
import { exportScrubbed } from './span-scrub.ts';
import { loadTracingConfig } from './settings.ts';

const require = createRequire(import.meta.url);
/** What is not sent by then is lost: orders and their history do not depend on it. */
const CLOSE_MS = 2_000;

/** A span whose id was given away before anybody knew when it ends. */
export type LateSpan = {
  name: string;
  spanId: string;
  /** What it is under. */
  traceparent: string;
  startTime: Date;
  attributes: Attributes;
  hasFailed: boolean;
};

export type Tracing = {
  /** Ends a span now that others are under already. */
  record: (span: LateSpan) => void;
  /** From now on it is said when the collector begins to fail, and when it is well again. */
  logTo: (logger: Logger) => void;
  /** Sends what is left, within two seconds. */
  close: () => Promise<void>;
};

/**
 * Begins traces, unless the settings want none: then null. To be called before anything is imported that makes spans. `service`: what
 * this process is called where OTEL_SERVICE_NAME says nothing.
 */
export function startTracing({ service }: { service: string }): Tracing | null {
  if (!loadTracingConfig().isOn) return null;
  const { RandomIdGenerator } = require('@opentelemetry/sdk-trace-node') as typeof sdk;
  const ids = createIds(new RandomIdGenerator());
  const collector = watchCollector();
  const provider = register(service, ids, collector.onResult);
  instrument();
  return {
    record: (span) => ids.next(span.spanId, () => record(provider, span)),
    logTo: collector.logTo,
    close: () => close(provider),
  };
}

function register(
  service: string,
  idGenerator: IdGenerator,
  onResult: (error: Error | null) => void,
): NodeTracerProvider {
  const { NodeTracerProvider: Provider, BatchSpanProcessor } = require('@opentelemetry/sdk-trace-node') as typeof sdk;
  const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-proto') as typeof otlp;
  const { defaultResource, resourceFromAttributes, detectResources, envDetector } =
    require('@opentelemetry/resources') as typeof resources;
  const { W3CTraceContextPropagator } = require('@opentelemetry/core') as typeof core;
  // Where to, with which headers, and how long one try may take: the standard variables say.
  const exporter = new OTLPTraceExporter();
  const provider = new Provider({
    idGenerator,
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': service }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(exportScrubbed(exporter, onResult))],
  });
  // Not `baggage`: whatever a client sends in it would go on to the provider and to subscribers.
  provider.register({ propagator: new W3CTraceContextPropagator() });
  return provider;
}

/** At random, but for the span that says which it has. */
function createIds(random: IdGenerator) {
  let wanted: string | null = null;
  return {
    generateTraceId: () => random.generateTraceId(),
    generateSpanId: () => wanted ?? random.generateSpanId(),
    next: (spanId: string, work: () => void): void => {
      wanted = spanId;
      try {
        work();
      } finally {
        wanted = null;
      }
    },
  };
}

function record(provider: NodeTracerProvider, span: LateSpan): void {
  const { name, traceparent, startTime, attributes, hasFailed } = span;
  const parent = propagation.extract(ROOT_CONTEXT, { traceparent });
  const made = provider
    .getTracer('durable-orders')
    .startSpan(name, { kind: SpanKind.INTERNAL, startTime, attributes }, parent);
  if (hasFailed) made.setStatus({ code: SpanStatusCode.ERROR });
  made.end(new Date());
}

/** Says when it begins to fail, not with every batch. */
function watchCollector() {
  let logger: Logger | null = null;
  let isFailing = false;
  return {
    logTo: (to: Logger): void => void (logger = to),
    onResult: (error: Error | null): void => {
      if (error && !isFailing)
        // Of an error of the exporter the rest is the spans.
        logger?.warn({ err: new Error(error.message) }, 'spans are lost: the collector does not take them');
      if (!error && isFailing) logger?.info('the collector takes spans again');
      isFailing = error !== null;
    },
  };
}

async function close(provider: NodeTracerProvider): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, CLOSE_MS);
  });
  await Promise.race([provider.shutdown().catch(() => undefined), late]);
  clearTimeout(timer);
}
