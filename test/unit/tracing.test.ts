// What is decided about traces without any: whether there are some, what a header says, and what may leave a process.
import { readFile } from 'node:fs/promises';
import { trace, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { describe, expect, test } from '@jest/globals';
import {
  orderOfWorkflow,
  readTraceparent,
  spanIdOfRun,
  TRACE_HEADER,
  writeTraceparent,
} from '../../src/contracts/traces.ts';
import { ConfigurationError } from '../../src/runtime/config.ts';
import { templateOf } from '../../src/runtime/tracing/instrumentations.ts';
import { exportScrubbed } from '../../src/runtime/tracing/span-scrub.ts';
import { loadTracingConfig } from '../../src/runtime/tracing/settings.ts';
import { currentTraceparent, inSpan, inTrace, traceFields } from '../../src/runtime/tracing/trace.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const ENDPOINT = 'http://collector:4318';

describe('the standard variables', () => {
  test.each([
    [false, {}],
    [true, { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    [true, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ENDPOINT}/v1/traces` }],
    [true, { OTEL_TRACES_EXPORTER: 'otlp' }],
    [false, { OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    [false, { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    [false, { OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'zipkin' }],
    [true, { OTEL_SDK_DISABLED: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }],
    // As `docker compose` passes what is not set.
    [false, { OTEL_TRACES_EXPORTER: '', OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
  ])('say %s of %j', (isOn, env) => expect(loadTracingConfig(env)).toEqual({ isOn }));

  test.each([
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector 4318'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', '7'],
  ])('are refused where %s is %s', (name, value) => {
    const load = () => loadTracingConfig({ OTEL_TRACES_EXPORTER: 'otlp', [name]: value });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(name);
  });
});

describe('a traceparent', () => {
  test.each([
    [`00-${TRACE}-${SPAN}-01`, true],
    [`00-${TRACE}-${SPAN}-00`, false],
    [`00-${TRACE}-${SPAN}-03`, true],
    [`cc-${TRACE}-${SPAN}-01-what-comes-later`, true],
  ])('is read: %s', (text, isSampled) =>
    expect(readTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled }),
  );

  test.each([
    null,
    undefined,
    '',
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE}-${SPAN}-01-more`,
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    ` 00-${TRACE}-${SPAN}-01`,
  ])('is none: %s', (text) => expect(readTraceparent(text)).toBeNull());

  test('is written as it is read', () => {
    const point = { traceId: TRACE, spanId: SPAN, isSampled: true };
    expect(readTraceparent(writeTraceparent(point))).toEqual(point);
  });
});

test('a run has a span of its own, and a workflow the order that it is named by', () => {
  expect(spanIdOfRun('01a21c53-dc97-7b8e-9776-bc09c7a3542c')).toBe('9776bc09c7a3542c');
  const orderId = 'order_01m8e57pz8fvqsm2szvqekmb20';
  for (const workflowId of [orderId, `${orderId}:refund:1`, `${orderId}:shipment:2`])
    expect(orderOfWorkflow(workflowId)).toBe(orderId);
  for (const workflowId of ['reconcile', 'resolution_01m8e57pz8fvqsm2szvqekmb20', ''])
    expect(orderOfWorkflow(workflowId)).toBeNull();
});

type Fields = {
  header?: { fields?: Record<string, { data: string }> };
  parentWorkflowExecution?: { runId: string };
  originalExecutionRunId?: string;
};

/** What the events of a history (of this kind) carry of a trace, and what it says of its run and its parent's. */
async function carriedIn(name: string, kind: string): Promise<{ parents: (string | undefined)[]; first: Fields }> {
  const file = new URL(`../replay/histories/${name}.json`, import.meta.url);
  const { events } = JSON.parse(await readFile(file, 'utf8')) as { events: Record<string, Fields>[] };
  const carried = events.flatMap((event) => {
    const data = event[kind]?.header?.fields?.[TRACE_HEADER]?.data;
    return data === undefined ? [] : [JSON.parse(Buffer.from(data, 'base64').toString()) as { traceparent: string }];
  });
  const parents = carried.map(({ traceparent }) => readTraceparent(traceparent)?.spanId);
  return { parents, first: events[0]?.['workflowExecutionStartedEventAttributes'] ?? {} };
}

test('what a run does is under it, and what it starts too', async () => {
  const happy = await carriedIn('traced-happy', 'activityTaskScheduledEventAttributes');
  expect(happy.parents).toEqual([spanIdOfRun(happy.first.originalExecutionRunId ?? '')]);
  const shipment = await carriedIn(
    'traced-ships-and-is-delivered-shipment-1',
    'workflowExecutionStartedEventAttributes',
  );
  expect(shipment.parents).toEqual([spanIdOfRun(shipment.first.parentWorkflowExecution?.runId ?? '')]);
});

test.each([
  ['/v1/payment_intents', '/v1/payment_intents'],
  ['/v1/payment_intents/pi_123?expand[]=latest_charge', '/v1/payment_intents/{id}'],
  ['/v1/payment_intents/pi_123/confirm', '/v1/payment_intents/{id}/confirm'],
  ['/v1/refunds?payment_intent=pi_123', '/v1/refunds'],
  ['/v1/parcels/order_1:shipment:1/cancel', '/v1/parcels/{id}/cancel'],
  ['/v1/payment_intents/pi_123/secret-of-somebody', null],
  ['/hooks/T0P-SECRET', null],
  ['/v1/secrets/T0P', null],
])('of the address %s a span says %s', (path, template) => expect(templateOf(path)).toBe(template));

/** What is exported of a span that `work` has made. */
function exported(work: (provider: BasicTracerProvider) => void) {
  const memory = new InMemorySpanExporter();
  const exporter = exportScrubbed(memory, () => undefined);
  work(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  return { spans: memory.getFinishedSpans() };
}

describe('what leaves a process', () => {
  test('is what is named, and of errors only their kind', () => {
    const { spans } = exported((provider) => {
      const span = provider.getTracer('test').startSpan('GET /orders', { kind: SpanKind.CLIENT });
      span.setAttributes({
        ...{ 'http.route': '/orders', 'http.response.status_code': 500, 'server.address': 'api.example.com' },
        ...{
          'url.full': 'https://x/?token=1',
          'url.path': '/a@b',
          'url.query': 'customerId=1',
          'user_agent.original': 'me',
        },
        ...{
          'db.query.text': `select\n  1 ${'x'.repeat(1_000)}`,
          'db.postgresql.values': ['customer-1'],
          'db.user': 'orders',
        },
        ...{ 'http.request.header.authorization': 'Bearer x', 'client.address': '10.0.0.1', memo: 'm' },
      });
      span.recordException(new TypeError('ada@example.com is not a function'));
      span.setStatus({ code: SpanStatusCode.ERROR, message: 'ada@example.com is not a function' });
      span.end();
    });
    expect(spans).toHaveLength(1);
    const [span] = spans;
    expect(span?.attributes).toEqual({
      ...{ 'http.route': '/orders', 'http.response.status_code': 500, 'server.address': 'api.example.com' },
      'db.query.text': `select 1 ${'x'.repeat(491)}`,
    });
    expect(span?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      ['exception', { 'exception.type': 'TypeError' }],
    ]);
    expect(span?.status).toEqual({ code: 2 });
    expect(span?.name).toBe('GET /orders');
    expect(span?.spanContext().traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  test('says nothing of the host that a client asked for', () => {
    const { spans } = exported((provider) => {
      const attributes = { 'server.address': 'ada@example.com', 'server.port': 1 };
      provider.getTracer('test').startSpan('POST /orders', { kind: SpanKind.SERVER, attributes }).end();
    });
    expect(spans.map(({ attributes }) => attributes)).toEqual([{}]);
  });

  test('is not a start of a workflow that ran already', () => {
    const { spans } = exported((provider) => {
      const span = provider.getTracer('test').startSpan('StartWorkflow:processOrder');
      span.recordException(Object.assign(new Error('it runs'), { name: 'WorkflowExecutionAlreadyStartedError' }));
      span.end();
      provider.getTracer('test').startSpan('StartWorkflow:processOrder').end();
    });
    expect(spans).toHaveLength(1);
  });
});

test('it is told how the collector took what was sent', () => {
  const results: (string | null)[] = [];
  const answers = [
    { code: ExportResultCode.SUCCESS },
    { code: ExportResultCode.FAILED, error: new Error('refused') },
    { code: ExportResultCode.FAILED },
  ];
  const exporter = exportScrubbed(
    {
      export: (_spans, done) => done(answers.shift() ?? { code: ExportResultCode.SUCCESS }),
      shutdown: () => Promise.resolve(),
    },
    (error) => results.push(error?.message ?? null),
  );
  for (let time = 0; time < 3; time += 1) exporter.export([], () => undefined);
  expect(results).toEqual([null, 'refused', 'the collector did not take spans']);
});

test('without tracing nothing is begun, and nothing is said', async () => {
  expect(currentTraceparent()).toBeNull();
  expect(traceFields()).toEqual({});
  const order = { orderId: 'order_1' };
  const within = await inTrace({ ...order, traceparent: `00-${TRACE}-${SPAN}-01` }, () =>
    inSpan({ name: 'webhook', order }, () =>
      Promise.resolve([traceFields(), currentTraceparent(), trace.getActiveSpan()]),
    ),
  );
  expect(within).toEqual([{}, null, undefined]);
});
