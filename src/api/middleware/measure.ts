import type { RequestHandler } from 'express';
import type { Metrics } from '../../runtime/metrics.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'];
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Counts requests, and how long their answers took, by route (as it is written in the table of routes: never the path, which has ids)
 * and by method. What is held back on purpose (`Prefer: wait`, streams) is counted, and says nothing about speed.
 */
export function measureRequests(metrics: Pick<Metrics, 'counter' | 'histogram'>): RequestHandler {
  const count = metrics.counter({
    name: 'http_requests_total',
    help: 'Requests that were answered, or whose client went away (status 0)',
    labelNames: ['method', 'route', 'status'],
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
      count({ ...labels, status: res.writableFinished ? String(res.statusCode) : '0' });
      const isHeldBack = req.headers['prefer'] !== undefined || isStream(res.getHeader('Content-Type'));
      if (res.writableFinished && !isHeldBack) observe(labels, (performance.now() - begun) / 1_000);
    });
    next();
  };
}

const isStream = (type: unknown): boolean => typeof type === 'string' && type.startsWith('text/event-stream');
