// A worker that loses its power while an order is cancelled. Whoever asked again is told what stands, and the order ends that way.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { ended, eventTypesOf, getOrder, placeOrder, putProduct } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ worker: false });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

const cancel = async (id: string): Promise<number> => {
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ reason: 'changed my mind' });
  return (await fetch(`${stack.url}/orders/${id}/cancel`, { method: 'POST', headers, body })).status;
};

test.each(['before orders.cancel', 'inside orders.cancel', 'after orders.cancel'])(
  'a worker killed %s leaves an order that is cancelled, once',
  async (point) => {
    const crashing = await stack.startCrashingWorker(point);
    const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_authenticationRequired' });
    accepted.push(id);
    await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'customer', 'it waits for its customer');
    // Nobody can know how it ends while whoever decides is dead.
    expect(await cancel(id)).toBe(503);
    expect(await crashing.ended).toBe('signal SIGKILL');

    const worker = await stack.startWorker();
    await until(async () => (await cancel(id)) === 202, 'whoever asks again is told');
    await ended(stack.url, id, 'cancelled');
    const types = await eventTypesOf(stack.url, id);
    expect(types.filter((type) => type === 'order.cancellation_requested')).toHaveLength(1);
    expect((await getOrder(stack.url, id)).payment).toMatchObject({ state: 'voided', capturedMinor: 0 });
    await worker.stop(12_000);
  },
  90_000,
);
