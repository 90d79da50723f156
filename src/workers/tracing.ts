import { startTracing } from '../runtime/tracing/sdk.ts';

/** The traces of this process, begun as soon as this is imported; null where the settings want none. */
export const tracing = startTracing({ service: 'durable-orders-worker' });
