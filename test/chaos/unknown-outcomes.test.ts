// Every operation of the provider × every way to lose its answer × once and always. All orders are placed first, with the api's
// Temporal away, so that every fault waits for its order; then they run side by side. (`capture` is not called by the product.)
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Fault = { operation: string; mode: string; cached?: boolean; delayMs?: number };
type Way = Fault & { operation: Operation; times: 1 | 'always' };
type Operation = keyof typeof situations;

// A provider that is slow beyond the timeout; everything else is scaled to it.
// Above what a busy machine needs for an answer: a charge that is late would park before its undo begins.
const PROVIDER_TIMEOUT_MS = 1_800;
const bounds = {
  PROVIDER_OUTAGE_LIMIT_MS: '18000',
  PROVIDER_FIRST_PAUSE_MS: '300',
  PROVIDER_SLOW_PAUSE_MS: '1500',
  PROVIDER_TIMEOUT_MS: String(PROVIDER_TIMEOUT_MS),
  // A hundred ill orders at once must not keep the healthy ones waiting for longer than these short bounds.
  PROVIDER_BREAKER_FAILURES: '1000000',
};

/** How to bring an order to the operation; the fault strikes there. `lost`: what came of it before the fault. */
const situations = {
  create: {
    simulatorCalls: 'create',
    paymentMethod: 'pm_card_visa',
    before: [],
    ends: 'confirmed',
    step: 'charge-payment',
  },
  confirm: {
    simulatorCalls: 'confirm',
    paymentMethod: 'pm_card_visa',
    before: [],
    ends: 'confirmed',
    step: 'charge-payment',
  },
  retrieve: {
    simulatorCalls: 'retrieve',
    paymentMethod: 'pm_card_visa',
    before: [{ operation: 'confirm', mode: 'drop_after_effect' }],
    ends: 'confirmed',
    step: 'charge-payment',
  },
  'retrieve in the undo': {
    simulatorCalls: 'retrieve',
    paymentMethod: 'pm_card_chargeDeclined',
    before: [],
    ends: 'rejected',
    step: 'refund-payment',
  },
  cancel: {
    simulatorCalls: 'cancel',
    paymentMethod: 'pm_card_chargeDeclined',
    before: [],
    ends: 'rejected',
    step: 'refund-payment',
  },
  // The money has moved and nobody can find out, so the order parks; then an operator has it undone.
  refund: {
    simulatorCalls: 'refund',
    paymentMethod: 'pm_card_visa',
    before: [{ operation: 'confirm', mode: 'drop_after_effect' }],
    ends: 'cancelled',
    step: 'refund-payment',
  },
} as const;

const modes: readonly Omit<Fault, 'operation'>[] = [
  { mode: 'error_500' },
  { mode: 'error_500', cached: true },
  { mode: 'error_500_after_effect' },
  { mode: 'error_500_after_effect', cached: true },
  { mode: 'error_429' },
  { mode: 'drop_before_effect' },
  { mode: 'drop_after_effect' },
  { mode: 'half_body' },
  { mode: 'delay', delayMs: 3 * PROVIDER_TIMEOUT_MS },
];

/** What is asked without a key has none for which a 500 could be stored. */
const ways: readonly Way[] = (Object.keys(situations) as Operation[]).flatMap((operation) =>
  modes
    .filter(({ cached }) => !(cached && operation.startsWith('retrieve')))
    .flatMap((mode) => [1, 'always'].map((times) => ({ operation, ...mode, times: times as Way['times'] }))),
);

/** What an operator must read in `attention.reason`: what the provider really did. */
const truths: Record<string, RegExp> = {
  error_500: /unknown error/i,
  error_500_after_effect: /unknown error/i,
  error_429: /patience/,
  drop_before_effect: /connection/,
  drop_after_effect: /connection/,
  half_body: /connection|JSON|aborted/,
  delay: /timed? ?out|timeout|aborted/i,
};

const nameOf = ({ operation, mode, cached, times }: Way): string =>
  `${operation}, ${mode}${cached ? ' stored for the key' : ''}, ${times === 1 ? 'once' : 'always'}`;

/** An operation that only asks, or whose effect never comes, stays unknown for as long as the fault does. */
const staysUnknown = ({ operation, mode, times }: Way): boolean =>
  times === 'always' &&
  (operation === 'create' || operation.startsWith('retrieve') || !/after_effect|half_body|delay/.test(mode));

let stack: Stack;
const orders = new Map<string, string>();
const untold = new Set<string>();
const idOf = (way: Way): string => orders.get(nameOf(way)) ?? '';

beforeAll(async () => {
  stack = await startTestStack({ api: false, env: bounds });
  const api = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
  await putProduct(api.url, 'book', { onHand: 1_000 });
  for (const way of ways) {
    const { paymentMethod, before } = situations[way.operation];
    const { id } = await placeOrder(api.url, { paymentMethod });
    orders.set(nameOf(way), id);
    for (const fault of before) await stack.fault({ ...fault, times: 1, match: { orderId: id } });
    if (way.operation === 'refund') await stack.fault(unreachable(id));
    else await stack.fault(faultOf(way, id));
  }
  await api.stop(12_000);
  await stack.db.query('update orders set launch_after = now()');
  await stack.startApi();
}, 60_000);
afterAll(() => closeChecked(stack, { accepted: [...orders.values()] }));

const unreachable = (orderId: string) => ({
  operation: 'retrieve',
  mode: 'error_500',
  times: 'always',
  match: { orderId },
});
const faultOf = ({ operation, times, mode, cached, delayMs }: Way, orderId: string) => ({
  operation: situations[operation].simulatorCalls,
  mode,
  times,
  match: { orderId },
  ...(cached ? { cached } : {}),
  ...(delayMs ? { delayMs } : {}),
});

const heal = (): Promise<unknown> => fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });

async function resolve(id: string, action: Resolution['action']): Promise<void> {
  const resolution = { action, actor: 'operator-1', reason: 'looked at it' };
  await stack.temporal.workflow.getHandle(id).executeUpdate(resolveUpdate, { args: [resolution] });
  await until(async () => (await getOrder(stack.url, id)).attention === null, `order ${id} is no longer parked`);
}

/** Where the order must be once it has come to rest under its fault. */
function expectRightEnd(way: Way, order: OrderBody): void {
  const { ends, step } = situations[way.operation];
  if (!staysUnknown(way)) {
    expect(order).toMatchObject({ status: ends, attention: null });
    return;
  }
  expect(order).toMatchObject({ status: 'reserved', attention: { step } });
  const { reason = '' } = order.attention ?? {};
  // When the last attempt itself was lost on its way to the worker, Temporal keeps no word of those before it.
  if (/^Not enough time to schedule next retry[^:]*$/.test(reason)) untold.add(nameOf(way));
  else expect(reason).toMatch(truths[way.mode] ?? /never/);
}

async function takenAtProvider(id: string): Promise<number> {
  const journal = await stack.journal(id);
  const signs: Record<string, number> = { captured: 1, refunded: -1 };
  return journal.reduce((sum, { effect, amountMinor }) => sum + (signs[effect] ?? 0) * amountMinor, 0);
}

describe('a lost answer', () => {
  test.each(ways.filter(({ operation }) => operation !== 'refund').map((way) => [nameOf(way), way] as const))(
    '%s: the order ends right, or parks with the truth',
    async (_name, way) => {
      const order = await settledOrder(stack.url, idOf(way));
      expectRightEnd(way, order);
    },
  );

  test('of a refund too', async () => {
    const refunds = ways.filter(({ operation }) => operation === 'refund');
    for (const way of refunds) {
      expect(await settledOrder(stack.url, idOf(way))).toMatchObject({ attention: { step: 'charge-payment' } });
      expect(await takenAtProvider(idOf(way))).toBe(1_000);
    }
    await heal();
    await Promise.all(
      refunds.map(async (way) => {
        const id = idOf(way);
        await stack.fault(faultOf(way, id));
        await resolve(id, 'compensate');
        await until(
          async () => {
            const { status, attention } = await getOrder(stack.url, id);
            return attention?.step === 'refund-payment' || status === 'cancelled';
          },
          `${nameOf(way)} comes to rest`,
        );
      }),
    );
    for (const way of refunds) expectRightEnd(way, await getOrder(stack.url, idOf(way)));
  });

  test('that left an order parked: it ends right once the provider is well and an operator says retry', async () => {
    await heal();
    const parked = ways.filter(staysUnknown);
    expect(untold.size).toBeLessThan(parked.length / 4);
    await Promise.all(parked.map((way) => resolve(idOf(way), 'retry')));
    for (const way of ways) {
      const { ends } = situations[way.operation];
      const order = await settledOrder(stack.url, idOf(way));
      expect([nameOf(way), order.status, order.attention]).toEqual([nameOf(way), ends, null]);
      expect([nameOf(way), await takenAtProvider(idOf(way))]).toEqual([nameOf(way), ends === 'confirmed' ? 1_000 : 0]);
    }
  });
});
