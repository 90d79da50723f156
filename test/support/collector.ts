// A collector of OpenTelemetry in this process: takes spans over OTLP/HTTP as a real one does (protobuf), and keeps them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';

// Of opentelemetry/proto/collector/trace/v1: what we look at, by the numbers of its fields.
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; repeated Event events = 11; Status status = 15;
  }
  message Event { string name = 2; repeated KeyValue attributes = 3; }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; bytes array_value = 5; bytes kvlist_value = 6; }
`);
const request = root.lookupType('Request');

type Attribute = { key: string; value?: Record<string, unknown> };
type Sent = {
  resourceSpans: {
    resource?: { attributes: Attribute[] };
    scopeSpans: {
      spans: {
        traceId: Uint8Array;
        spanId: Uint8Array;
        parentSpanId?: Uint8Array;
        name: string;
        kind: number;
        startTimeUnixNano: { toString: () => string };
        endTimeUnixNano: { toString: () => string };
        attributes: Attribute[];
        events: { name: string; attributes: Attribute[] }[];
        status?: { message?: string; code?: number };
      }[];
    }[];
  }[];
};

export type CollectedSpan = {
  traceId: string;
  spanId: string;
  /** Empty: it is the root of its trace. */
  parentSpanId: string;
  name: string;
  kind: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  service: string;
  durationMs: number;
  attributes: Record<string, unknown>;
  events: { name: string; attributes: Record<string, unknown> }[];
  hasFailed: boolean;
  message: string;
};
const kinds = ['internal', 'internal', 'server', 'client', 'producer', 'consumer'] as const;

export type Collector = Awaited<ReturnType<typeof startCollector>>;

/** Listens on a port of its own. */
export async function startCollector() {
  const spans: CollectedSpan[] = [];
  const bodies: Buffer[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const sent = Buffer.concat(chunks);
      const body = req.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      bodies.push(body);
      spans.push(...spansIn(request.decode(body) as unknown as Sent));
      res.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** All that was ever sent, as it was sent: what stands nowhere in there has not left the process. */
    sent: (): string => Buffer.concat(bodies).toString('latin1'),
    ofTrace: (traceId: string): CollectedSpan[] => spans.filter((span) => span.traceId === traceId),
    close: (): Promise<void> =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

const spansIn = ({ resourceSpans }: Sent): CollectedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((span) => ({
        traceId: hex(span.traceId),
        spanId: hex(span.spanId),
        parentSpanId: hex(span.parentSpanId),
        name: span.name,
        kind: kinds[span.kind] ?? 'internal',
        service: String(toObject(resource?.attributes ?? [])['service.name']),
        durationMs: Number(BigInt(span.endTimeUnixNano.toString()) - BigInt(span.startTimeUnixNano.toString())) / 1e6,
        attributes: toObject(span.attributes),
        events: span.events.map(({ name, attributes }) => ({ name, attributes: toObject(attributes) })),
        hasFailed: span.status?.code === 2,
        message: span.status?.message ?? '',
      })),
    ),
  );

const toObject = (attributes: readonly Attribute[]): Record<string, unknown> =>
  Object.fromEntries(
    attributes.map(({ key, value = {} }) => [
      key,
      // A message of protobufjs has the fields that were sent as its own.
      plain(Object.values({ ...value })[0]),
    ]),
  );

const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'toNumber' in value
    ? (value as { toNumber: () => number }).toNumber()
    : (value ?? null);

/** What is wrong with the spans as one tree under `root` (the id of a span that is elsewhere); empty: nothing. */
export function flawsOfTree(spans: readonly CollectedSpan[], root: string): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const tops = spans.filter(({ parentSpanId }) => !ids.has(parentSpanId));
  return [
    ...(ids.size === spans.length ? [] : ['two spans have the same id']),
    ...(tops.length === 1
      ? []
      : [`${tops.length} spans have a parent that is not there: ${tops.map(described).join(', ')}`]),
    ...tops
      .filter(({ parentSpanId }) => parentSpanId !== root)
      .map((span) => `${described(span)} is under another parent`),
  ];
}

const described = ({ name, service, parentSpanId }: CollectedSpan): string =>
  `${name} (${service}, under ${parentSpanId})`;

/** Each once. */
export const namesIn = (spans: readonly CollectedSpan[]): string[] => [...new Set(spans.map(({ name }) => name))];
