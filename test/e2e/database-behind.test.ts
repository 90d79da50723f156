// While a database is behind (restored from a backup, not recovered), nothing is accepted or worked on; when that is over, all
// goes on by itself. How it is noticed and recovered: chaos/restored-backup.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let workerUrl: string;

beforeAll(async () => {
  stack = await startTestStack();
  workerUrl = stack.worker?.healthUrl ?? '';
  await putProduct(stack.url, 'book');
});
afterAll(() => stack.close());

const raiseAlarm = () =>
  stack.db.query(`update database_epoch set behind_since = clock_timestamp(), evidence = 'for the test. order_1'`);
const recover = () =>
  stack.db.query('update database_epoch set epoch = epoch + 1, behind_since = null, evidence = null');
const isWorking = async (): Promise<boolean> => (await fetch(`${workerUrl}/readyz`)).ok;
const countOrders = async (): Promise<unknown> => (await stack.db.query('select count(*) from orders')).rows[0];

test('no order is accepted while the database is behind, reads work, and a worker that was at work goes on afterwards', async () => {
  const { id } = await placeOrder(stack.url);
  expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
  const before = await countOrders();
  await raiseAlarm();
  await until(async () => !(await isWorking()), 'the worker stops');
  await until(async () => !(await fetch(`${stack.url}/readyz`)).ok, 'the api closes its door');

  const refused = await postOrder(stack.url);
  expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '60']);
  expect(await refused.json()).toMatchObject({ type: '/problems/database-behind' });
  expect(await countOrders()).toEqual(before);
  expect((await fetch(`${stack.url}/orders/${id}`)).status).toBe(200);

  await recover();
  await until(isWorking, 'the worker goes on');
  await until(async () => (await fetch(`${stack.url}/readyz`)).ok, 'the api accepts again');
  const next = await placeOrder(stack.url);
  expect((await settledOrder(stack.url, next.id)).status).toBe('confirmed');
}, 60_000);
