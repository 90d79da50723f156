// Returns and exchanges: over HTTP in, in rows, in the stock, at the provider and in the explanation out, after the order has closed.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker } from '../support/operators.ts';
import { ended, eventTypesOf, getOrder, placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import {
  decideReturn,
  endedReturn,
  findReturn,
  postDecision,
  postReceipt,
  postReturn,
  receiveReturn,
  requestReturn,
  returnPaths,
  shortReturns,
  type ReturnBody,
} from '../support/return-paths.ts';
import { onHand } from '../support/shipping.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let walked: Map<string, Promise<{ orderId: string }>>;
beforeAll(async () => {
  stack = await startTestStack({ webhooks: true, env: { ...shortReturns, ...closedBreaker } });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  // All at once: most of them wait.
  walked = new Map(returnPaths.map(({ name, walk }) => [name, walk(stack)]));
  await Promise.all(walked.values());
}, 180_000);
afterAll(() => closeChecked(stack));

const problemOf = async (answer: Response) => {
  const { type, detail, errors } = (await answer.json()) as { type: string; detail: string; errors?: unknown };
  return { status: answer.status, type, detail, ...(errors ? { errors } : {}) };
};
const cardOf = async (id: string) =>
  (await (await fetch(`${stack.url}/orders/${id}/explanation`)).json()) as { mustAct: { who: string } };
async function soldBooks(quantity: number): Promise<string> {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity }] });
  await settledOrder(stack.url, id);
  return id;
}

describe.each(returnPaths)('$name', ({ name, ends }) => {
  test('ends as it should, on the order and in its books', async () => {
    const { orderId } = (await walked.get(name)) ?? { orderId: '' };
    const order = (await getOrder(stack.url, orderId)) as unknown as { returns: ReturnBody[] };
    expect(order).toMatchObject({
      ...{ status: 'confirmed', attention: null },
      payment: { capturedMinor: 1_000, refundedMinor: ends.refundedMinor },
    });
    expect(order.returns).toMatchObject([{ number: 1, status: ends.status, closedAt: expect.any(String) }]);
    const refunded = (await stack.journal(orderId)).filter(({ effect }) => effect === 'refunded');
    expect(refunded.map(({ amountMinor }) => amountMinor)).toEqual(
      ends.refundedMinor === 0 ? [] : [ends.refundedMinor],
    );
    expect(await cardOf(orderId)).toMatchObject({ waitingFor: null, mustAct: { who: 'nobody' } });
  });
});

test('is asked for once for each key, and each step says who must act, until what came is given back for', async () => {
  const id = await soldBooks(3);
  const before = await onHand(stack);
  const key = randomUUID();
  const first = await postReturn(stack.url, id, { quantity: 2, key, wish: 'exchange' });
  expect([first.status, first.headers.get('location')]).toEqual([202, `/orders/${id}/returns/1`]);
  const said = await first.text();
  const repeat = await postReturn(stack.url, id, { quantity: 2, key, wish: 'exchange' });
  expect([repeat.status, await repeat.text()]).toEqual([202, said]);
  expect(repeat.headers.get('idempotency-replayed')).toBe('true');
  expect((await postReturn(stack.url, id, { quantity: 1, key })).status).toBe(422);
  expect(await cardOf(id)).toMatchObject({ mustAct: { who: 'operator' } });
  expect(await problemOf(await postReceipt(stack.url, id, [{ quantity: 1, disposition: 'restock' }]))).toEqual({
    ...{ status: 409, type: '/problems/return-decided', detail: 'The return is requested' },
  });

  const { decision } = await decideReturn(stack.url, id, 'approve');
  expect(await decideReturn(stack.url, id, 'approve')).toMatchObject({ status: 'approved', decision });
  expect((await postDecision(stack.url, id, 'reject')).status).toBe(409);
  const received = await receiveReturn(stack.url, id, [
    ...([{ quantity: 1, disposition: 'restock' }] as const),
    ...([{ quantity: 1, disposition: 'write_off' }] as const),
  ]);
  expect(received).toMatchObject({ status: 'received', refund: { number: 1, amountMinor: 2_000 }, noRefund: null });
  expect(await endedReturn(stack.url, id)).toMatchObject({ status: 'completed', refund: { state: 'completed' } });
  expect(await onHand(stack)).toBe(before + 1);
  const types = (await eventTypesOf(stack.url, id)).filter((type) =>
    /^(return|refund|inventory\.restocked)/.test(type),
  );
  expect(types).toEqual([
    ...['return.requested', 'return.approved', 'return.received', 'inventory.restocked', 'refund.requested'],
    ...['refund.completed', 'return.completed'],
  ]);
  const { items } = (await (await fetch(`${stack.url}/orders/${id}/returns`)).json()) as { items: ReturnBody[] };
  expect(items).toEqual([await findReturn(stack.url, id)]);
  expect((await fetch(`${stack.url}/orders/${id}/returns/2`)).status).toBe(404);
});

test('is refused for what can not come back, and for a request that says too much', async () => {
  const id = await soldBooks(2);
  expect(await problemOf(await postReturn(stack.url, id, { quantity: 3 }))).toEqual({
    ...{ status: 422, type: '/problems/return-too-large' },
    detail: '3 units of one line are named, 2 can come back',
    errors: [{ pointer: '/items/0/sku', message: '2 units can come back' }],
  });
  const pen = { items: [{ sku: 'pen', quantity: 1 }] };
  expect(await problemOf(await postReturn(stack.url, id, pen))).toMatchObject({
    ...{ status: 422, type: '/problems/unknown-line' },
  });
  for (const wrong of [{ items: [] }, { wish: 'money' }, { more: 1 }, { reason: '' }])
    expect((await postReturn(stack.url, id, wrong)).status).toBe(422);
  const { id: declined } = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  await settledOrder(stack.url, declined);
  expect(await problemOf(await postReturn(stack.url, declined))).toMatchObject({
    ...{ status: 409, type: '/problems/order-not-returnable' },
  });
  await requestReturn(stack.url, id);
  await decideReturn(stack.url, id, 'approve');
  const tooMany = await postReceipt(stack.url, id, [{ quantity: 2, disposition: 'restock' }]);
  expect(await problemOf(tooMany)).toMatchObject({ status: 422, type: '/problems/return-too-large' });
  const elsewhere = await postReceipt(stack.url, id, [{ quantity: 1, disposition: 'restock' }], { warehouse: 'moon' });
  expect(await problemOf(elsewhere)).toMatchObject({ status: 422, type: '/problems/unknown-warehouse' });
  await receiveReturn(stack.url, id, [{ quantity: 1, disposition: 'restock' }]);
  await endedReturn(stack.url, id);
});

test('is exchanged for another order, once, and both say so', async () => {
  const id = await soldBooks(1);
  await requestReturn(stack.url, id, { wish: 'exchange' });
  const exchangeOf = { orderId: id, return: 1 };
  const early = await postOrder(stack.url, { extra: { exchangeOf } });
  expect(await problemOf(early)).toMatchObject({ status: 409, type: '/problems/return-not-exchangeable' });
  await decideReturn(stack.url, id, 'approve');
  const strange = await postOrder(stack.url, { customerId: 'customer-2', extra: { exchangeOf } });
  expect(await problemOf(strange)).toMatchObject({ status: 422, type: '/problems/unknown-return' });

  const wanted = { key: randomUUID(), extra: { exchangeOf } };
  const answer = await postOrder(stack.url, wanted);
  const said = await answer.text();
  const exchange = JSON.parse(said) as { id: string; exchangeOf: object };
  expect(exchange).toMatchObject({ status: 'placed', exchangeOf });
  expect(await (await postOrder(stack.url, wanted)).text()).toBe(said);
  const again = await problemOf(await postOrder(stack.url, { extra: { exchangeOf } }));
  expect(again).toMatchObject({ status: 409, type: '/problems/return-exchanged' });
  expect(again.detail).toContain(exchange.id);
  await ended(stack.url, exchange.id, 'confirmed');
  expect(await findReturn(stack.url, id)).toMatchObject({ exchange: { orderId: exchange.id } });
  await receiveReturn(stack.url, id, [{ quantity: 1, disposition: 'restock' }]);
  expect(await endedReturn(stack.url, id)).toMatchObject({ status: 'completed', exchange: { orderId: exchange.id } });
  // What is no exchange says nothing of it.
  expect(Object.keys(await getOrder(stack.url, id))).not.toContain('exchangeOf');
});

test('whose workflow somebody has ended in Temporal goes on all the same', async () => {
  const id = await soldBooks(1);
  await requestReturn(stack.url, id);
  const handle = stack.temporal.workflow.getHandle(`${id}:return:1`);
  const isRunning = (): Promise<boolean> =>
    handle.describe().then(
      ({ status }) => status.name === 'RUNNING',
      () => false,
    );
  await until(isRunning, 'its workflow runs');
  await handle.terminate('a mistake');
  await decideReturn(stack.url, id, 'approve');
  await until(isRunning, 'its workflow is started again');
  await receiveReturn(stack.url, id, [{ quantity: 1, disposition: 'restock' }]);
  expect(await endedReturn(stack.url, id)).toMatchObject({ status: 'completed' });
});
