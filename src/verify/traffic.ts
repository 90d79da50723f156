// A client that never gives up: places orders of every path at a steady pace, repeats what it got no answer to with the
// same key until it is answered, repeats some that were answered, and writes everything down.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSeededRandom, type SeededRandom } from '../runtime/seeded-random.ts';
import {
  DECLINING,
  NEEDS_CUSTOMER,
  UNKNOWN_METHOD,
  type ClientEntry,
  type Fate,
  type Heard,
  type Plan,
  savesMethod,
} from './client-log.ts';

type Line = { sku: string; quantity: number };
type Planned = {
  plan: Plan;
  body: {
    customerId: string;
    items: Line[];
    paymentMethod: string;
    paymentRetryMinutes?: number;
    shipping?: object;
    capture?: 'per-shipment';
    savePaymentMethod?: true;
  };
  waitSeconds: number;
  repeats: number;
};
export type Traffic = {
  log: readonly ClientEntry[];
  /** Goes on beyond the planned number until told to stop; resolves when every request has been answered. */
  stop: () => Promise<void>;
  /** How many orders were accepted so far. */
  accepted: () => number;
};

const REQUEST_TIMEOUT_MS = 12_000;
const MAX_PAUSE_MS = 2_000;
const GIVE_UP_MS = 300_000;
// A dev server of Temporal that has hundreds of orders to catch up with, on few cores, catches up with none.
const MAX_OPEN = 120;
const TICK_MS = 50;
const WATCH_MS = 500;
const ROOM = 100_000_000;

const products = [
  ...['a', 'b', 'c', 'd', 'e', 'f'].map((sku, index) => ({ sku, priceMinor: 500 + index * 250, onHand: ROOM })),
  { sku: 'free', priceMinor: 0, onHand: ROOM },
  // Many want it, few get it.
  { sku: 'scarce', priceMinor: 1_000, onHand: 40 },
];

const payments: readonly (readonly [weight: number, method: string])[] = [
  [50, 'pm_card_visa'],
  [14, DECLINING],
  [4, 'pm_card_chargeDeclinedInsufficientFunds'],
  [4, 'pm_sim_processing_succeeds'],
  [3, 'pm_sim_processing_declines'],
  [5, 'pm_card_pendingRefund'],
  [3, 'pm_card_refundFail'],
  [3, UNKNOWN_METHOD],
  [6, NEEDS_CUSTOMER],
];
const baskets: readonly (readonly [weight: number, basket: Plan['basket']])[] = [
  [78, 'usual'],
  [4, 'free'],
  [12, 'scarce'],
  [3, 'too-many'],
  [3, 'unknown'],
];

const customers: readonly (readonly [weight: number, customer: Plan['customer']])[] = [
  [60, 'finishes'],
  [20, 'fails'],
  [20, 'stays away'],
];
// After a decline, for the few that wait for another.
const secondCards: readonly (readonly [weight: number, method: string | null])[] = [
  [60, 'pm_card_visa'],
  [20, DECLINING],
  [20, null],
];
const shipped: readonly (readonly [weight: number, fate: Fate])[] = [
  [40, 'plain'],
  [5, 'cancelled early'],
  [10, 'cancelled when sold'],
  [10, 'cancelled when packed'],
  [8, 'amended to more'],
  [8, 'amended to less'],
  [6, 'lost'],
  [13, 'sent back'],
];
const unshipped: readonly (readonly [weight: number, fate: Fate])[] = [
  [80, 'plain'],
  [8, 'cancelled early'],
  [6, 'no reviewer wants it'],
  [6, 'nobody reviews it'],
];
const SHIPS = 0.15;
/** Of what ships. */
const PAID_AS_IT_SHIPS = 0.4;
const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };
const MAY_RETRY = 0.3;
const RETRY_MINUTES = 1;

// Some products are only there, so that many orders are served from two warehouses.
const SECOND_WAREHOUSE = 'east';
const elsewhere: Readonly<Record<string, number>> = { b: ROOM, d: ROOM, f: ROOM, scarce: 13 };

/** Puts the products of a run into the catalogue, and some of them into a second warehouse. */
export async function provideProducts(apiUrl: string): Promise<void> {
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
    const answer = await fetch(`${apiUrl}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
  };
  await send('PUT', `/warehouses/${SECOND_WAREHOUSE}`, { name: 'East', priority: 1 });
  for (const { sku, priceMinor, onHand } of products) {
    await send('PUT', `/products/${sku}`, { name: `Product ${sku}`, priceMinor, currency: 'EUR', onHand });
    const moved = elsewhere[sku];
    if (moved === undefined) continue;
    const reason = 'it is elsewhere';
    await send('POST', `/products/${sku}/stock-adjustments`, { delta: -moved, reason });
    await send('POST', `/products/${sku}/stock-adjustments`, { delta: moved, reason, warehouse: SECOND_WAREHOUSE });
  }
}

/**
 * Begins to place orders, `perSecond` of them while fewer than 120 are open; what is placed follows from the seed.
 * `countOpen` says how many orders are open; it may fail while the database is away.
 */
export function startTraffic(options: {
  apiUrl: string;
  seed: number;
  perSecond: number;
  countOpen: () => Promise<number>;
  /** Payment methods that nobody is to pay with. */
  leaveOut?: readonly string[];
  /** Nobody packs, reviews, cancels or changes anything: what is placed ends with its sale. */
  withoutShop?: boolean;
}): Traffic {
  const { apiUrl, seed, perSecond, countOpen, leaveOut = [], withoutShop = false } = options;
  const methods = payments.filter(([, method]) => !leaveOut.includes(method));
  const random = createSeededRandom(seed);
  const log: ClientEntry[] = [];
  const open = new Set<Promise<void>>();
  let openOrders = 0;
  let stopped = false;

  async function run(): Promise<void> {
    let due = 0;
    for (let last = Date.now(); !isStopped(); await sleep(TICK_MS)) {
      const now = Date.now();
      // What is missed while too many are open is not made up for at once: that would be the same herd later.
      if (openOrders < MAX_OPEN) due += ((now - last) / 1_000) * perSecond;
      last = now;
      while (log.length < Math.floor(due)) placeNext();
    }
  }
  async function watch(): Promise<void> {
    for (; !isStopped(); await sleep(WATCH_MS)) openOrders = await countOpen().catch(() => openOrders);
  }
  const isStopped = (): boolean => stopped;

  function placeNext(): void {
    const planned = planNext(random, log.length, { methods, withoutShop });
    const entry = { plan: planned.plan, key: `verify-${seed}-${log.length}`, orderId: null, heard: [] };
    log.push(entry);
    const placing = place(apiUrl, planned, entry).finally(() => open.delete(placing));
    open.add(placing);
  }

  const running = Promise.all([run(), watch()]);
  return {
    log,
    accepted: () => log.filter(({ orderId }) => orderId !== null).length,
    stop: async () => {
      stopped = true;
      await running;
      await Promise.all(open);
    },
  };
}

function planNext(
  random: SeededRandom,
  index: number,
  { methods, withoutShop }: { methods: typeof payments; withoutShop: boolean },
): Planned {
  const basket = weighted(random, baskets);
  const paymentMethod = weighted(random, methods);
  const usual = random.shuffled(['a', 'b', 'c', 'd', 'e', 'f']).slice(0, random.between(1, 4));
  const lines = usual.map((sku) => ({ sku, quantity: random.between(1, 3) }));
  const items = {
    usual: lines,
    free: [{ sku: 'free', quantity: 1 }],
    scarce: [...lines.slice(0, 2), { sku: 'scarce', quantity: 1 }],
    'too-many': [...lines, { sku: 'scarce', quantity: 9_999 }],
    unknown: [{ sku: 'nothing-of-the-kind', quantity: 1 }],
  }[basket];
  const customer = weighted(random, customers);
  const secondCard = weighted(random, secondCards);
  const mayRetry = random.chance(MAY_RETRY);
  const ships = random.chance(SHIPS) && !withoutShop;
  const fate = withoutShop ? 'plain' : weighted(random, ships ? shipped : unshipped);
  // Of what is scarce many ship what is there, and wait for the rest in vain.
  const shipping = basket === 'scarce' ? { ...address, onShortage: 'split' } : address;
  const capture = random.chance(PAID_AS_IT_SHIPS) ? { capture: 'per-shipment' as const } : {};
  const units = items.reduce((sum, { quantity }) => sum + quantity, 0);
  const body = {
    ...{ customerId: `customer-${index % 50}`, items, paymentMethod },
    ...(ships ? { shipping, ...capture } : {}),
    ...(savesMethod({ fate, units }) ? { savePaymentMethod: true as const } : {}),
  };
  return {
    plan: { basket, paymentMethod, customer, units, ships, fate, ...(mayRetry ? { secondCard } : {}) },
    body: mayRetry ? { ...body, paymentRetryMinutes: RETRY_MINUTES } : body,
    waitSeconds: random.chance(0.3) ? random.between(1, 8) : 0,
    repeats: random.chance(0.25) ? random.between(1, 3) : 0,
  };
}

function weighted<T>(random: SeededRandom, choices: readonly (readonly [weight: number, value: T])[]): T {
  let left = random.fraction() * choices.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, value] of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new Error('Expected the weights to cover every draw; found a gap');
}

async function place(apiUrl: string, planned: Planned, entry: ClientEntry): Promise<void> {
  await askUntilAnswered(apiUrl, planned, entry);
  // Together, as a client does that lost count, and once more with other content: that must be refused.
  await Promise.all(
    Array.from({ length: planned.repeats }, () => askUntilAnswered(apiUrl, { ...planned, waitSeconds: 0 }, entry)),
  );
  if (planned.repeats !== 1) return;
  const body = { ...planned.body, customerId: 'somebody-else' };
  await askUntilAnswered(apiUrl, { ...planned, body }, entry);
}

async function askUntilAnswered(apiUrl: string, planned: Planned, entry: ClientEntry): Promise<void> {
  for (const begun = Date.now(), random = Math.random; Date.now() - begun < GIVE_UP_MS;) {
    const heard = await ask(apiUrl, planned, entry.key);
    entry.heard.push(heard);
    if ('status' in heard && heard.status < 500 && heard.status !== 429 && heard.status !== 408) {
      if (heard.status < 300) entry.orderId ??= (JSON.parse(heard.body) as { id: string }).id;
      return;
    }
    await sleep(MAX_PAUSE_MS * (0.1 + 0.9 * random()));
  }
}

async function ask(apiUrl: string, { body, waitSeconds }: Planned, key: string): Promise<Heard> {
  try {
    const answer = await fetch(`${apiUrl}/orders`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': key,
        ...(waitSeconds > 0 ? { Prefer: `wait=${waitSeconds}` } : {}),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS + waitSeconds * 1_000),
    });
    const { status, headers } = answer;
    const replayed = headers.get('Idempotency-Replayed') === 'true';
    return { status, body: await answer.text(), location: headers.get('Location'), replayed };
  } catch (error) {
    const { name, message, cause } = error as Error;
    return { unknown: `${name}: ${cause instanceof Error ? cause.message : message}` };
  }
}
