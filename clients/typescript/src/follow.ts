// Events as they happen, over server-sent events. What must stay true: each event exactly once and in order however often the connection
// breaks, a connection that says nothing any more is noticed, and nobody comes back without a pause.
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { authorization, type ConnectOptions } from './client.ts';
import { ProblemError, toError, UnexpectedAnswerError, UnreachableError } from './problem.ts';
import { pauseBefore, pauseFor, reasonOf, within } from './repeat.ts';
import type { EventType, OrderEvent } from './shapes.ts';

export type FollowOptions = Omit<ConnectOptions, 'repeat'> & {
  /** Only the events of this order; it ends behind its last. Without: the feed over all orders, which has no end. */
  orderId?: string | undefined;
  /** Of the feed: events behind this position. Of an order: behind this sequence. */
  after?: number | undefined;
  /** Only these, of the feed. */
  types?: readonly EventType[] | undefined;
  signal?: AbortSignal | undefined;
  /** Without a byte for so long the connection counts as dead; the api says something every 15 s. */
  silenceMs?: number;
  /** It is given up when nothing could be had for so long. */
  giveUpAfterMs?: number;
  /** The connection stands; events come when there are any. */
  onOpen?: () => void;
  /** The connection broke, and is made again after the pause. */
  onReconnect?: (why: string, pauseMs: number) => void;
};

const PAUSES = { firstPauseMs: 250, maxPauseMs: 10_000 };
const SILENCE_MS = 45_000;
const GIVE_UP_MS = 5 * 60_000;
const passing: readonly number[] = [408, 429, 500, 502, 503, 504];

type State = { last: string | null; heardAt: number; failures: number };

/**
 * Event after event. Goes on by itself behind the last one when the connection breaks; throws ProblemError where the api refuses,
 * UnreachableError when it was away for too long, and the signal's reason when it is aborted.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<OrderEvent> {
  const { after, giveUpAfterMs = GIVE_UP_MS, signal } = options;
  const state: State = { last: after ? String(after) : null, heardAt: Date.now(), failures: 0 };
  for (;;) {
    let failure: unknown = null;
    try {
      if ((yield* listen(options, state)) === 'over') return;
    } catch (error) {
      signal?.throwIfAborted();
      if (!isPassing(error)) throw error;
      failure = error;
    }
    state.failures += 1;
    const asked = failure instanceof ProblemError ? failure.retryAfterMs : null;
    const pause = pauseBefore(state.failures, asked, PAUSES);
    if (Date.now() - state.heardAt + pause > giveUpAfterMs) throw givenUp(failure, state.failures);
    // A stream that was ended is usually over, which the next answer says.
    if (failure !== null) options.onReconnect?.(reasonOf(failure), pause);
    await pauseFor(pause, signal);
  }
}

/** One connection: `over` when nothing more comes of it, `broken` when it has to be made again. */
async function* listen(options: FollowOptions, state: State): AsyncGenerator<OrderEvent, 'over' | 'broken'> {
  const { fetch: send = fetch, silenceMs = SILENCE_MS, signal } = options;
  const patience = { timeoutMs: silenceMs, why: `nothing was heard for ${silenceMs / 1_000} s`, signal };
  const closing = new AbortController();
  try {
    const response = await within(patience, () => send(requestOf(options, state, closing.signal)));
    // An order that has ended says so to whoever comes back.
    if (response.status === 204) return 'over';
    if (!response.ok) throw toError(response, await within(patience, () => response.json()).catch(() => null));
    if (!response.body || !(response.headers.get('Content-Type') ?? '').startsWith('text/event-stream'))
      throw new UnexpectedAnswerError(`${response.url} sends no events`, { status: response.status });
    options.onOpen?.();
    yield* read(response.body.getReader(), patience, state);
    return 'broken';
  } finally {
    closing.abort();
  }
}

async function* read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  patience: Parameters<typeof within>[0],
  state: State,
): AsyncGenerator<OrderEvent> {
  const decoder = new TextDecoder();
  const messages: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => void messages.push(message) });
  try {
    for (;;) {
      // Not timed while its reader is busy with what was read.
      const { done, value } = await within(patience, () => reader.read());
      if (done) return;
      Object.assign(state, { heardAt: Date.now(), failures: 0 });
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { id, data } of messages.splice(0)) {
        yield JSON.parse(data) as OrderEvent;
        // While its reader worked nobody listened: a connection that was cut meanwhile is made again, and not given up.
        state.heardAt = Date.now();
        // Behind the yield: one that its reader has not got on from is told again.
        state.last = id ?? state.last;
      }
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}

function requestOf({ baseUrl, apiKey, orderId, types }: FollowOptions, { last }: State, signal: AbortSignal): Request {
  const path = orderId === undefined ? '/events' : `/orders/${encodeURIComponent(orderId)}/events`;
  const url = new URL(`${baseUrl.replace(/\/+$/, '')}${path}`);
  if (orderId === undefined && types) url.searchParams.set('type', types.join(','));
  const resume: Record<string, string> = last === null ? {} : { 'Last-Event-ID': last };
  return new Request(url, { headers: { Accept: 'text/event-stream', ...authorization(apiKey), ...resume }, signal });
}

function isPassing(error: unknown): boolean {
  if (error instanceof ProblemError) return passing.includes(error.status);
  if (error instanceof UnexpectedAnswerError) return passing.includes(error.status ?? 0);
  return true;
}

function givenUp(failure: unknown, attempts: number): Error {
  if (failure instanceof ProblemError) return failure;
  const why = failure === null ? 'the connection is closed each time' : reasonOf(failure);
  return new UnreachableError(`The events can not be had: ${why}`, { attempts, cause: failure });
}
