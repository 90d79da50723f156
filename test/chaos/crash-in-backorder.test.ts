// Whoever serves those who wait for stock, and whoever takes what came into account, loses its power at the worst moments, one after the
// other. Every unit is given once, the rest is refunded once, and the order ends as it should.
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
  stack = await startTestStack({ webhooks: true });
});
afterAll(() => closeChecked(stack, { accepted }));

const isServed = async (): Promise<boolean> => (await stack.db.query('select 1 from stock_marks')).rows.length === 0;

test('an api and a worker that are killed again and again serve an order once', async () => {
  const { id, sku } = await placeToWait(stack, { quantity: 4 });
  accepted.push(id);
  await planned(stack, id, 1);
  let api = stack.api;
  for (const [index, point] of ['inside backorders.fillNext', 'before stockTeller.tellOfStock'].entries()) {
    await until(isServed, 'no mark is left');
    await api?.stop(0);
    const crashing = await stack.startApi({ CRASH_POINTS: `${point}@1` });
    await bringStock(stack, sku, 1);
    expect([point, await crashing.ended]).toEqual([point, 'signal SIGKILL']);
    api = await stack.startApi();
    await planned(stack, id, index + 2);
  }

  await stack.worker?.stop(0);
  const crashing = await stack.startCrashingWorker('inside backorderSteps.awaitStock');
  await runOut(stack, id);
  expect(await crashing.ended).toBe('signal SIGKILL');
  await stack.startWorker();
  await deliver(stack, id, 1);
  await deliver(stack, id, 2);
  await deliver(stack, id, 3);
  await becomes(stack, id, 'delivered');
  const isPaid = async () => (await getOrder(stack.url, id)).payment.refundedMinor === 1_000;
  await until(isPaid, 'the rest is given back', 80_000);

  const types = await eventTypesOf(stack.url, id);
  const counted = ['inventory.backorder_filled', 'inventory.backorder_expired', 'refund.requested'].map(
    (type) => types.filter((other) => other === type).length,
  );
  expect(counted).toEqual([2, 1, 1]);
}, 150_000);
