import type { RequestHandler } from 'express';
import { rateLimit } from 'express-rate-limit';
import { callerOf } from './authenticate.ts';
import { Problem } from './problems.ts';

const WINDOW_MS = 1_000;
// The window is a second: whoever waits for one finds a new one.
const RETRY_NEXT_WINDOW = { 'Retry-After': String(WINDOW_MS / 1_000) };

/**
 * At most `perSecond` requests of one key to this process; 0 lets everything through. By key and never by address: behind
 * a proxy all of the world is one address, and an address says nothing about who is to be slowed down.
 */
export function limitRate({ perSecond }: { perSecond: number }): RequestHandler[] {
  if (perSecond === 0) return [];
  return [
    rateLimit({
      windowMs: WINDOW_MS,
      limit: perSecond,
      keyGenerator: (req) => callerOf(req).actor,
      standardHeaders: false,
      legacyHeaders: false,
      handler: (_req, _res, next) =>
        next(
          new Problem('too-many-requests', `This key may send ${perSecond} requests a second`, {
            headers: RETRY_NEXT_WINDOW,
          }),
        ),
    }),
  ];
}
