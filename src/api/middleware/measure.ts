import type { RequestHandler, Response } from 'express';
import type { Metrics } from '../../runtime/metrics.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Of the answer to this request nobody may say that it is slow from now on: it waits for something on purpose. */
export function holdBack(res: Response): void {
  res.locals[HELD_BACK] = true;
}

const HELD_BACK = 'isHeldBack';

/**
 * Counts requests, and how long their answers took, by route (as it is written in the table of routes: never the path, which has ids)
 * and by method. What is held back on purpose (`Prefer: wait`, streams) is counted, and says nothing about speed. A client that goes
 * away before that has waited for too long, as a rule: how long says the least that its answer would have taken.
 */
export function measureRequests(metrics: Pick<Metrics, 'counter' | 'histogram'>): RequestHandler {
  const count = metrics.counter({
    name: 'http_requests_total',
    help: 'Requests by their answers; gone: the client did not wait for it; 0: it ended a stream, or a wait that it had asked for',
    labelNames: ['method', 'route', 'status'],
    known: ['202', '500', '503', 'gone'].map((status) => ({ method: 'POST', route: '/orders', status })),
  });
  const observe = metrics.histogram({
    name: 'http_request_duration_seconds',
    help: 'How long answers took that were not held back on purpose',
    labelNames: ['method', 'route'],
    buckets: BUCKETS,
  });
  return (req, res, next) => {
    const begun = performance.now();
    res.once('close', () => {
      const method = METHODS.includes(req.method) ? req.method : 'other';
      const route = (req as { route?: { path?: unknown } }).route?.path;
      const labels = { method, route: typeof route === 'string' ? route : 'none' };
      const isHeldBack = res.locals[HELD_BACK] === true || isStream(res.getHeader('Content-Type'));
      const status = res.writableFinished ? String(res.statusCode) : isHeldBack ? '0' : 'gone';
      count({ ...labels, status });
      if (!isHeldBack) observe(labels, (performance.now() - begun) / 1_000);
    });
    next();
  };
}

const isStream = (type: unknown): boolean => typeof type === 'string' && type.startsWith('text/event-stream');
