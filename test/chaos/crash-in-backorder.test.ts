// Whoever serves those who wait for stock, or takes what came into account, loses its power at the worst moments. Each time every unit is
// given once, and the order ends as it should.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bringStock, deliver, placeToWait, planned, runOut } from '../support/backorder-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder } from '../support/orders.ts';
import { becomes } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];
beforeAll(async () => {
  stack = await startTestStack({ api: false, worker: false, webhooks: true });
});
afterAll(() => closeChecked(stack, { accepted }));

const count = async (id: string, type: string): Promise<number> =>
  (await eventTypesOf(stack.url, id)).filter((other) => other === type).length;

test.each([
  'inside backorders.fillNext',
  'after backorders.fillNext',
  'before backorders.finish',
  'after backorders.claimNews',
  'after stockTeller.tellOfStock',
])(
  'an api killed %s leaves an order that gets its stock once, and ships it',
  async (point) => {
    const worker = await stack.startWorker();
    const api = await stack.startApi();
    const { id, sku } = await placeToWait(stack);
    accepted.push(id);
    await planned(stack, id, 1);
    await until(async () => (await marks()) === 0, 'its own mark is worked off');
    await api.stop(12_000);
    const crashing = await stack.startApi({ CRASH_POINTS: `${point}@1` });
    await bringStock(stack, sku, 3);
    expect(await crashing.ended).toBe('signal SIGKILL');

    const after = await stack.startApi();
    await planned(stack, id, 2);
    await deliver(stack, id, 1);
    await deliver(stack, id, 2);
    await becomes(stack, id, 'delivered');
    expect(await count(id, 'inventory.backorder_filled')).toBe(1);
    await worker.stop(12_000);
    await after.stop(12_000);
  },
  120_000,
);

test.each(['inside backorderSteps.awaitStock', 'after backorderSteps.awaitStock'])(
  'a worker killed %s when no stock came in time leaves one refund of the rest',
  async (point) => {
    const api = await stack.startApi();
    const before = await stack.startWorker();
    const { id } = await placeToWait(stack);
    accepted.push(id);
    await planned(stack, id, 1);
    await before.stop(12_000);
    const crashing = await stack.startCrashingWorker(point);
    await runOut(stack, id);
    expect(await crashing.ended).toBe('signal SIGKILL');

    const worker = await stack.startWorker();
    await deliver(stack, id, 1);
    await becomes(stack, id, 'delivered');
    const isPaid = async () => (await getOrder(stack.url, id)).payment.refundedMinor === 2_000;
    await until(isPaid, 'the rest is given back', 80_000);
    expect(await count(id, 'inventory.backorder_expired')).toBe(1);
    expect(await count(id, 'refund.requested')).toBe(1);
    await worker.stop(12_000);
    await api.stop(12_000);
  },
  120_000,
);

async function marks(): Promise<number> {
  return (await stack.db.query('select 1 from stock_marks')).rows.length;
}
