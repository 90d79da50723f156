// How the page speaks with the control server of the one-machine stack, which goes on when the api is dead.
import { createParser } from 'eventsource-parser';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../../lib/api.ts';
import { decodeProblem } from '../../lib/problem.ts';
import { pointOf, withPoint, type Point } from '../../lib/series.ts';
import type { StreamState } from '../../lib/stream.ts';

export type Chaos = { url: string; token: string };
export type Invariant = { name: string; state: 'holds' | 'broken' | 'unknown'; says: string };
export type Part = { name: string; pid: number | null; state: 'running' | 'starting' | 'stopped' };
export type Fault = { id: string; operation: string; mode: string };
export type Live = {
  at: string;
  counters: Record<'placed' | 'confirmed' | 'rejected' | 'cancelled' | 'inFlight' | 'parked', number> | null;
  rates: { placedPerSecond: number; confirmedPerSecond: number } | null;
  latency: { orders: number; p50Ms: number | null; p95Ms: number | null } | null;
  processes: Part[];
  load: {
    ordersPerSecond: number;
    endsAt: string | null;
    accepted: number;
    unanswered: number;
    refused: number;
    isHeldBack: boolean;
  };
  faults: Fault[] | null;
  invariants: Invariant[];
};

const PATIENCE_MS = 5_000;
/** It says something every second. */
const SILENCE_MS = 4_000;
const PAUSE_MS = 1_000;

const headersOf = ({ token }: Chaos): Record<string, string> => ({ Authorization: `Bearer ${token}` });

/** Asks the control server; throws an ApiError for everything that is no 2xx. */
export async function command(chaos: Chaos, method: string, path: string, body?: object): Promise<void> {
  const answer = await fetch(chaos.url + path, {
    method,
    headers: { ...headersOf(chaos), ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(() => null);
  const text = (await answer?.text().catch(() => '')) ?? '';
  if (!answer?.ok) throw new ApiError(decodeProblem(answer?.status ?? 0, text), answer === null);
}

export type Watched = { live: Live | null; points: Point[]; state: StreamState };

/** What is told each second; not in a hidden tab, which nobody sees. */
export function useLive(chaos: Chaos): Watched {
  const [watched, setWatched] = useState<Watched>({ live: null, points: [], state: 'opening' });
  useEffect(() => {
    let cancel = new AbortController();
    const hear = (live: Live): void =>
      setWatched(({ points }) => ({ live, points: withPoint(points, pointOf(live)), state: 'live' }));
    const tell = (state: StreamState): void => setWatched((was) => ({ ...was, state }));
    const begin = (): void => {
      cancel.abort();
      cancel = new AbortController();
      if (!document.hidden) void follow(chaos, { signal: cancel.signal, hear, tell });
    };
    begin();
    document.addEventListener('visibilitychange', begin);
    return () => {
      document.removeEventListener('visibilitychange', begin);
      cancel.abort();
    };
  }, [chaos.url, chaos.token]);
  return watched;
}

type Ears = { signal: AbortSignal; hear: (live: Live) => void; tell: (state: StreamState) => void };

async function follow(chaos: Chaos, { signal, hear, tell }: Ears): Promise<void> {
  for (;;) {
    const status = await listen(chaos, signal, hear).catch(() => 0);
    if (signal.aborted) return;
    // Another start of the stack has another token.
    if (status === 401) return tell('refused');
    tell('cut');
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** Hears until it is cut off, or nothing is said any more. Answers the status. */
async function listen(chaos: Chaos, signal: AbortSignal, hear: (live: Live) => void): Promise<number> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  try {
    const answer = await fetch(`${chaos.url}/live`, {
      headers: headersOf(chaos),
      cache: 'no-store',
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!answer.ok || !answer.body) return answer.status;
    const parser = createParser({ onEvent: ({ data }) => hear(JSON.parse(data) as Live) });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      alive();
      parser.feed(part.value);
    }
    return answer.status;
  } finally {
    clearTimeout(timer);
  }
}

/** What somebody did, for the charts. */
export type Strike = { at: number; what: string };
export type Act = (what: string, method: string, path: string, body?: object) => Promise<void>;
