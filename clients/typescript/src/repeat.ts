// Repeats what did not get through. What must stay true: a request is sent again only when that can not do it twice, always under the
// Idempotency-Key of the first time, only so often, and never once the caller has given up.
import { retryAfterMs, UnreachableError } from './problem.ts';

export type RepeatOptions = {
  /** How often it is sent again at most; 0: never. */
  retries?: number;
  firstPauseMs?: number;
  maxPauseMs?: number;
  /** After so long nothing is sent again: a longer Retry-After ends it at once. */
  withinMs?: number;
  /** For one try, its answer included. Above the 30 s for which `Prefer: wait` may hold an answer. */
  timeoutMs?: number;
};

const DEFAULTS = { retries: 4, firstPauseMs: 250, maxPauseMs: 5_000, withinMs: 60_000, timeoutMs: 40_000 };

/** Refused at the door: whatever it was, none of it was done. */
const undone = /\/problems\/(overloaded|too-many-waiting|too-many-requests|too-many-streams|database-behind)$/;
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

/** A `fetch` that repeats. */
export function createRepeatingFetch(
  send: (request: Request) => Promise<Response>,
  options: RepeatOptions = {},
): (request: Request) => Promise<Response> {
  const bounds = { ...DEFAULTS, ...options };
  return async (request) => {
    const begun = Date.now();
    let isLost = false;
    for (let attempt = 1; ; attempt += 1) {
      const tried = await tryOnce(send, request, bounds.timeoutMs);
      isLost ||= await mayHaveArrived(request, tried);
      const isLast = attempt > bounds.retries || !(await mayRepeat(request, tried));
      const pause = pauseBefore(attempt, 'response' in tried ? retryAfterMs(tried.response) : null, bounds);
      if (isLast || Date.now() - begun + pause > bounds.withinMs) {
        if (isLost && isAtTheDoor(tried)) throw lostBefore(request, attempt);
        return settle(tried, request, attempt);
      }
      await pauseFor(pause, request.signal);
    }
  };
}

/** Whether it may have been done, and only the answer is not there. */
const mayHaveArrived = async ({ method }: Request, tried: Tried): Promise<boolean> =>
  method !== 'GET' &&
  method !== 'HEAD' &&
  ('failure' in tried || (tried.response.status >= 500 && !(await wasUndone(tried.response))));

/** Who asks is not known, may not, or asks too often: that says nothing of a try before this one. */
const isAtTheDoor = (tried: Tried): boolean =>
  'response' in tried && [401, 403, 408, 429].includes(tried.response.status);

const lostBefore = (request: Request, attempts: number): UnreachableError =>
  new UnreachableError(`A try of this may have arrived at ${new URL(request.url).origin}; the next was turned away`, {
    attempts,
    cause: null,
  });

type Tried = { response: Response } | { failure: unknown };

async function tryOnce(
  send: (request: Request) => Promise<Response>,
  request: Request,
  timeoutMs: number,
): Promise<Tried> {
  try {
    const response = await within({ timeoutMs, why: 'it took too long', signal: request.signal }, async (signal) => {
      const found = await send(new Request(request.clone(), { signal }));
      // One that breaks off half-way is lost like one that never came.
      await found.clone().arrayBuffer();
      return found;
    });
    return { response };
  } catch (failure) {
    request.signal.throwIfAborted();
    return { failure };
  }
}

async function mayRepeat(request: Request, tried: Tried): Promise<boolean> {
  if ('failure' in tried) return isSafe(request);
  const { response } = tried;
  if (!passing.includes(response.status)) return false;
  return response.status === 429 || isSafe(request) || (await wasUndone(response));
}

/**
 * Reading; what the api knows again by its key; and cancelling, which is answered the same however often. Not `PUT`: sent again behind
 * somebody else's change it would take that back. Not `DELETE`: the second answer would be that there is nothing.
 */
function isSafe(request: Request): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  if (request.headers.has('Idempotency-Key')) return true;
  return request.method === 'POST' && /\/orders\/[^/]+\/cancel$/.test(new URL(request.url).pathname);
}

async function wasUndone(response: Response): Promise<boolean> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => null);
  const type: unknown = typeof body === 'object' && body !== null && 'type' in body ? body.type : null;
  return typeof type === 'string' && undone.test(type);
}

/** Doubles, with full jitter: many that failed together must not come back together. Never earlier than was asked for. */
export function pauseBefore(
  attempt: number,
  askedForMs: number | null,
  { firstPauseMs, maxPauseMs }: { firstPauseMs: number; maxPauseMs: number },
  random: () => number = Math.random,
): number {
  const grown = Math.min(firstPauseMs * 2 ** (attempt - 1), maxPauseMs);
  return (askedForMs ?? 0) + grown * random();
}

function settle(tried: Tried, request: Request, attempts: number): Response {
  if ('response' in tried) return tried.response;
  const { origin } = new URL(request.url);
  const message = `${origin} does not answer: ${reasonOf(tried.failure)}`;
  throw new UnreachableError(message, { attempts, cause: tried.failure });
}

/** What is below the `fetch failed` of Node. */
export function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  const { cause } = failure;
  if (!(cause instanceof Error)) return failure.message;
  // Of several addresses that all refuse there is a code, and no message.
  return cause.message || ('code' in cause ? String(cause.code) : failure.message);
}

/**
 * Waits for the work, for so long at most, and only until the caller gives up. It is told by a signal as well; but whether that is heard
 * below `fetch` depends on what was collected as garbage there, so nobody waits for it.
 */
export async function within<T>(
  { timeoutMs, why, signal }: { timeoutMs: number; why: string; signal?: AbortSignal | undefined },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the caller has aborted with
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason));
  });
  const giveUp = (): void => stop.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', giveUp);
  const timer = setTimeout(() => stop.abort(new Error(why)), timeoutMs);
  try {
    return await Promise.race([work(stop.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Rejects with the signal's reason as soon as it is aborted. */
export function pauseFor(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      end();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever the caller has aborted with
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      end();
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop, { once: true });
  });
}
