// A worker that loses its power at the worst moments. Each time the order must end right, with every effect once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from './invariants.ts';
import { placeOrder, putProduct, settledOrder } from './orders.ts';
import { startTestStack, type Stack } from './stack.ts';

export type CrashPoint = readonly [point: string, paymentMethod: string, status: string, extra?: object];

/** Registers a test per point: a worker dies there, another takes over, and the order ends as said. */
export function testCrashPoints(points: readonly CrashPoint[]): void {
  let stack: Stack;
  const accepted: string[] = [];

  beforeAll(async () => {
    stack = await startTestStack({ worker: false });
    await putProduct(stack.url, 'book');
  });
  afterAll(async () => {
    await closeChecked(stack, { accepted });
  });

  test.each(points)(
    'a worker killed %s (%s) leaves an order that ends %s',
    async (point, paymentMethod, status, extra = {}) => {
      const crashing = await stack.startCrashingWorker(point);
      const { id } = await placeOrder(stack.url, { paymentMethod, extra });
      accepted.push(id);
      // The crash is what ends it: a point that is never reached is a test that proves nothing.
      expect(await crashing.ended).toBe('signal SIGKILL');

      const worker = await stack.startWorker();
      const order = await settledOrder(stack.url, id);
      expect(order.status).toBe(status);
      expect((await stack.journal(id)).filter(({ effect }) => effect === 'captured')).toHaveLength(
        status === 'confirmed' ? 1 : 0,
      );
      await stack.temporal.workflow.getHandle(id).result();
      await worker.stop(12_000);
    },
    90_000,
  );
}
