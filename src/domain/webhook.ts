// Telling others of events over HTTP: when it is tried again, which addresses may be told, and what a subscription says.

/** `parked`: given up until a person decides; whatever comes after it of the same order waits behind it. */
export const deliveryStates = ['pending', 'delivered', 'parked', 'skipped'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** How an event is written in a message: our envelope, or as a CloudEvent. */
export const webhookFormats = ['envelope', 'cloudevents'] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** As a shop can have; each reads the feed for itself. */
export const MAX_SUBSCRIPTIONS = 50;

/** After so many failures in a row, over all orders, a subscriber is taken for ill: it is asked with one order at a time. */
export const ILL_AFTER_FAILURES = 5;
/** So much longer at most: those that failed together do not come back together. */
const JITTER = 0.2;

/**
 * How long to wait after the failure of try number `attempts`; null: no more, it parks. `draw` is from 0 to 1. A subscriber that asks for
 * more time (Retry-After) is given it, within the longest pause.
 */
export function retryPauseMs(request: {
  attempts: number;
  draw: number;
  pausesMs: readonly number[];
  askedMs: number | null;
}): number | null {
  const { attempts, draw, pausesMs, askedMs } = request;
  const pauseMs = pausesMs[attempts - 1];
  if (pauseMs === undefined) return null;
  const longestMs = Math.max(...pausesMs);
  return Math.round(Math.max(pauseMs * (1 + JITTER * draw), Math.min(askedMs ?? 0, longestMs)));
}

/** Why a URL can not be told, or null. `loopback`: whether plain http to this machine is allowed. */
export function urlProblem(text: string, { loopback }: { loopback: boolean }): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url) return 'expected an absolute URL';
  if (url.username || url.password) return 'a URL carries no user and password here: messages are signed';
  if (url.hash) return 'a URL ends before its fragment here';
  if (url.protocol === 'https:') return null;
  if (url.protocol !== 'http:') return 'expected https';
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (loopback && isHere) return null;
  return isHere ? 'this machine can not be told here' : 'expected https';
}
