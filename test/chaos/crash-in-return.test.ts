// Workers that lose their power while something comes back: another takes over, and what came is restocked and given back for once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, putProduct } from '../support/orders.ts';
import { sold } from '../support/refund-paths.ts';
import { decideReturn, endedReturn, receiveReturn, requestReturn, shortReturns } from '../support/return-paths.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

let stack: Stack;
let orderIds: string[] = [];
const points = [
  ...['inside returns.await', 'inside returns.settle', 'after returns.settle', 'inside returns.expire'],
] as const;
/** Reached where the goods do not come. */
const late = /expire/;

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true, env: { ...shortReturns, RETURN_GOODS_LIMIT_MS: '1500' } });
  await putProduct(stack.url, 'book');
  orderIds = await Promise.all(points.map(() => sold(stack)));
  await stack.worker?.stop(12_000);
});
afterAll(() => closeChecked(stack, { accepted: orderIds }));

test.each(points.map((point, index) => [point, index] as const))('a worker is killed %s', async (point, index) => {
  const orderId = orderIds[index] ?? '';
  await requestReturn(stack.url, orderId);
  await decideReturn(stack.url, orderId, 'approve');
  if (!late.test(point)) await receiveReturn(stack.url, orderId, [{ quantity: 1, disposition: 'restock' }]);
  // What the workers before it have left may strike it first: the point is reached all the same.
  const crashing = await stack.startCrashingWorker(point);
  // A point that is never reached is a test that proves nothing.
  expect(await crashing.ended).toBe('signal SIGKILL');
});

test('another takes over, and every return ends as it should, once', async () => {
  await stack.startWorker();
  for (const [index, point] of points.entries()) {
    const orderId = orderIds[index] ?? '';
    const end = late.test(point) ? 'expired' : 'completed';
    expect([point, await endedReturn(stack.url, orderId)]).toMatchObject([point, { status: end }]);
    await stack.temporal.workflow.getHandle(`${orderId}:return:1`).result();
    expect(await getOrder(stack.url, orderId)).toMatchObject({
      ...{ attention: null, payment: { refundedMinor: end === 'completed' ? 1_000 : 0 } },
    });
    const types = await eventTypesOf(stack.url, orderId);
    for (const type of [`return.${end}`, 'return.approved'])
      expect([point, type, types.filter((other) => other === type).length]).toEqual([point, type, 1]);
  }
}, 90_000);
