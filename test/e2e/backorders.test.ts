// Orders that wait for stock, over HTTP: what is there ships, what comes follows, what does not is given back.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { backorderPaths, bringStock, deliver, placeToWait, planned } from '../support/backorder-paths.ts';
import { closeChecked } from '../support/invariants.ts';
import { ended, eventTypesOf, getOrder, placeOrder, postOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

let stack: Stack;
const accepted: string[] = [];
beforeAll(async () => {
  // Nothing here is handed over late but what is meant to be; and news of it take away what parked too early on a busy machine.
  stack = await startTestStack({ webhooks: true, env: { DISPATCH_LIMIT_MS: '8000' } });
});
afterAll(() => closeChecked(stack, { accepted }));

const read = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${stack.url}${path}`)).json()) as Record<string, unknown>;

test.each(backorderPaths.map((path) => [path.name, path] as const))(
  'the path %s ends as it should',
  async (_name, { walk, ends }) => {
    const id = await walk(stack);
    accepted.push(id);
    await stack.temporal.workflow.getHandle(id).result();
    expect(await getOrder(stack.url, id)).toMatchObject({ attention: null, ...ends });
    expect((await eventTypesOf(stack.url, id)).filter((type) => type === 'inventory.backordered')).toHaveLength(1);
  },
  90_000,
);

test('who waits is seen by whoever asks, in the order in which they are served, and others come after them', async () => {
  const { id, sku } = await placeToWait(stack);
  const { id: next } = await placeOrder(stack.url, {
    items: [{ sku, quantity: 1 }],
    extra: { shipping: { name: 'B', line1: 'b', city: 'b', postalCode: '1', country: 'DE', onShortage: 'wait' } },
  });
  accepted.push(id, next);
  await planned(stack, id, 1);
  expect(await getOrder(stack.url, id)).toMatchObject({
    items: [{ sku, quantity: 3, backorderedQuantity: 2, shippedQuantity: 0 }],
  });
  await ended(stack.url, next, 'confirmed');
  const path = `/products/${sku}/backorders`;
  expect(await read(path)).toMatchObject({
    items: [
      { orderId: id, waitingQuantity: 2, filledQuantity: 0 },
      { orderId: next, waitingQuantity: 1, filledQuantity: 0 },
    ],
    nextCursor: null,
  });
  const { nextCursor } = await read(`${path}?limit=1`);
  expect(await read(`${path}?limit=1&cursor=${String(nextCursor)}`)).toMatchObject({ items: [{ orderId: next }] });
  expect((await fetch(`${stack.url}/products/unheard-of/backorders`)).status).toBe(404);
  expect(await read(`/orders/${next}/explanation`)).toMatchObject({
    waitingFor: { what: expect.stringMatching(new RegExp(`stock: 1 of ${sku}, since 20`)) },
    stock: { sentence: expect.stringContaining('1 unit waited for') },
  });

  const { id: late } = await placeOrder(stack.url, { items: [{ sku, quantity: 1 }] });
  await ended(stack.url, late, 'rejected');
  expect((await getOrder(stack.url, late)).rejection?.code).toContain('stock');
  // An order that does not wait is told of as it always was.
  expect(JSON.stringify(await getOrder(stack.url, late))).not.toContain('backordered');

  await bringStock(stack, sku, 3);
  await planned(stack, id, 2);
  await planned(stack, next, 1);
  await deliver(stack, next, 1);
  await ended(stack.url, next, 'delivered');
  await deliver(stack, id, 1);
  await deliver(stack, id, 2);
  await ended(stack.url, id, 'delivered');
}, 90_000);

test('only what ships can wait for stock, and the wish stands in no address', async () => {
  const refused = await postOrder(stack.url, { extra: { onShortage: 'split' } });
  expect(refused.status).toBe(422);
  const shipping = { name: 'A', line1: 'a', city: 'a', postalCode: '1', country: 'DE' };
  const unknown = await postOrder(stack.url, { extra: { shipping: { ...shipping, onShortage: 'later' } } });
  expect(unknown.status).toBe(422);
  const { rows } = await stack.db.query<{ found: boolean }>(
    "select bool_or(shipping ? 'onShortage') as found from orders where on_shortage <> 'reject'",
  );
  expect(rows).toEqual([{ found: false }]);
});
