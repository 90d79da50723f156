// Places orders over HTTP at a rate. What must stay true: what was sent is sent again under its key until the answer is certain, whatever
// dies meanwhile, so that the list of what was accepted is a witness.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadState } from './contract.ts';
import { createLoadPlan, provideLoadProducts, type PlannedOrder } from './load-plan.ts';
import { createPace, MOST_IN_FLIGHT } from './pace.ts';

const TICK_MS = 50;
const REQUEST_TIMEOUT_MS = 10_000;
const MIN_PAUSE_MS = 200;
const MAX_PAUSE_MS = 2_000;
/** Nobody forgets it running. */
const ENDS_AFTER_MS = 10 * 60_000;
/** As many are remembered, the newest. */
const WITNESSED = 50_000;
/** So many of those that were answered are asked for once more: the answer must be the same order. */
const ASKED_AGAIN = 0.05;

export type Load = {
  set: (ordersPerSecond: number) => void;
  /** How many orders are in flight, whoever placed them. */
  noteInFlight: (orders: number) => void;
  state: () => LoadState;
  /** What was answered with 2xx, the oldest first. */
  accepted: () => readonly string[];
  /** Keys under which two orders were answered. */
  twice: () => readonly string[];
  stop: () => Promise<void>;
};

export function createLoad({ apiUrl }: { apiUrl: string }): Load {
  const run = randomUUID().slice(0, 8);
  const nextOrder = createLoadPlan(Date.now() % 1_000_000);
  const pace = createPace();
  const stopping = new AbortController();
  const { signal } = stopping;
  // Everybody who waits hears of the end.
  setMaxListeners(0, signal);
  const open = new Set<Promise<void>>();
  const accepted: string[] = [];
  const twice: string[] = [];
  const counts = { placed: 0, accepted: 0, refused: 0 };
  let [perSecond, inFlight] = [0, 0];
  let endsAt: number | null = null;
  const stock = createStock(apiUrl, signal);

  async function go(): Promise<void> {
    for (; !signal.aborted; await sleep(TICK_MS)) {
      if (endsAt !== null && Date.now() >= endsAt) set(0);
      if (perSecond === 0 || !(await stock())) continue;
      for (let left = pace.take(Date.now(), { unanswered: open.size, inFlight }); left > 0; left -= 1) placeNext();
    }
  }
  function placeNext(): void {
    counts.placed += 1;
    const placed = { key: `load-${run}-${counts.placed}`, order: nextOrder() };
    const placing = place(placed).finally(() => open.delete(placing));
    open.add(placing);
  }
  async function place(placed: { key: string; order: PlannedOrder }): Promise<void> {
    const id = await askUntilCertain(apiUrl, placed, signal);
    if (id === null) return void (counts.refused += signal.aborted ? 0 : 1);
    counts.accepted += 1;
    accepted.push(id);
    if (accepted.length > WITNESSED) accepted.splice(0, accepted.length - WITNESSED);
    if (Math.random() >= ASKED_AGAIN) return;
    const again = await askUntilCertain(apiUrl, placed, signal);
    if (again !== id && !signal.aborted) twice.push(placed.key);
  }
  function set(wanted: number): void {
    perSecond = wanted;
    pace.set(wanted, Date.now());
    endsAt = wanted === 0 ? null : Date.now() + ENDS_AFTER_MS;
  }

  const going = go();
  return {
    set,
    noteInFlight: (orders) => void (inFlight = orders),
    state: () => ({
      ...{ ordersPerSecond: perSecond, endsAt: endsAt === null ? null : new Date(endsAt).toISOString() },
      ...{ accepted: counts.accepted, refused: counts.refused, unanswered: open.size },
      isHeldBack: perSecond > 0 && inFlight >= MOST_IN_FLIGHT,
    }),
    accepted: () => accepted,
    twice: () => twice,
    stop: async () => {
      stopping.abort();
      await going;
      await Promise.all(open);
    },
  };
}

/** Sees to it that there is something to order; answers whether there is. */
function createStock(apiUrl: string, signal: AbortSignal): () => Promise<boolean> {
  let isStocked = false;
  return async () => {
    if (isStocked) return true;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
    isStocked = await provideLoadProducts(apiUrl, limit).then(
      () => true,
      () => false,
    );
    if (!isStocked) await sleep(MIN_PAUSE_MS);
    return isStocked;
  };
}

type Heard = { orderId: string | null } | 'unknown';

/** The id of the order, or null when it was refused for good, or nobody waits for it any more. */
async function askUntilCertain(
  apiUrl: string,
  { key, order }: { key: string; order: PlannedOrder },
  signal: AbortSignal,
): Promise<string | null> {
  while (!signal.aborted) {
    const heard = await ask(apiUrl, { key, order }, signal).catch(() => 'unknown' as const);
    if (heard !== 'unknown') return heard.orderId;
    const pause = MIN_PAUSE_MS + Math.random() * (MAX_PAUSE_MS - MIN_PAUSE_MS);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }
  return null;
}

async function ask(
  apiUrl: string,
  { key, order }: { key: string; order: PlannedOrder },
  signal: AbortSignal,
): Promise<Heard> {
  const answer = await fetch(`${apiUrl}/orders`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(order),
    signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
  });
  const text = await answer.text();
  if (answer.ok) return { orderId: (JSON.parse(text) as { id: string }).id };
  const isUnknown = answer.status >= 500 || answer.status === 429 || answer.status === 408;
  return isUnknown ? 'unknown' : { orderId: null };
}
