// Traces of whoever calls the api.
import { randomBytes } from 'node:crypto';

export type Trace = { traceId: string; spanId: string };
export const newTrace = (): Trace => ({
  traceId: randomBytes(16).toString('hex'),
  spanId: randomBytes(8).toString('hex'),
});
export const headerOf = ({ traceId, spanId }: Trace, flags = '01') => ({
  traceparent: `00-${traceId}-${spanId}-${flags}`,
});
