import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { orderAttentionKey } from '../../src/contracts/search-attributes.ts';
import { causesIn, certainCauses, knownCauses } from '../support/causes.ts';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, putProduct } from '../support/orders.ts';
import { paths, shortBounds } from '../support/paths.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ env: shortBounds });
  await putProduct(stack.url, 'book');
  await putProduct(stack.url, 'free', { priceMinor: 0 });
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

test.each(paths.map((path) => [path.name, path] as const))(
  'the path %s ends as it should',
  async (_name, { walk, ends }) => {
    const id = await walk(stack);
    accepted.push(id);
    if (ends.status !== 'reserved') {
      await until(async () => (await getOrder(stack.url, id)).status === ends.status, `order ${id} is ${ends.status}`);
    }

    expect(await getOrder(stack.url, id)).toMatchObject(ends);
    const types = (await eventTypesOf(stack.url, id)).filter((type) => type !== 'order.parked.reminder');
    expect(types.at(-1)).toBe(ends.status === 'reserved' ? 'order.parked' : `order.${ends.status}`);
    expect(types.filter((type) => type === 'order.resumed').length).toBeLessThanOrEqual(
      types.filter((type) => type === 'order.parked').length,
    );
  },
  60_000,
);

test('a parked order shows in Temporal, refuses nonsense, and keeps what an operator said', async () => {
  const [path] = paths.filter(({ name }) => name === 'refund-failed-parks');
  const id = (await path?.walk(stack)) ?? '';
  accepted.push(id);
  const handle = stack.temporal.workflow.getHandle(id);
  await until(
    async () => (await handle.describe()).typedSearchAttributes.get(orderAttentionKey) === 'refund-payment',
    'the search attribute',
  );

  const compensate = { action: 'compensate', actor: 'operator-1', reason: 'again' };
  await expect(handle.executeUpdate('resolve', { args: [compensate] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('can only be retried') },
  });
  const nameless = { action: 'retry', actor: '', reason: '' };
  await expect(handle.executeUpdate('resolve', { args: [nameless] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('actor and reason') },
  });

  const { rows } = await stack.db.query<{ data: object }>(
    "select data from events where order_id = $1 and event_type = 'order.resumed'",
    [id],
  );
  expect(rows).toEqual([
    {
      data: {
        step: 'charge-payment',
        workflowId: id,
        action: 'compensate',
        actor: 'operator-1',
        reason: 'the provider is well again',
      },
    },
  ]);
}, 60_000);

test('the events of every path are one tree below the command that placed the order', async () => {
  const pairs = new Set((await Promise.all(accepted.map((id) => causesIn(stack.url, id)))).flat());
  expect([...pairs].filter((pair) => !knownCauses.includes(pair))).toEqual([]);
  expect([...pairs]).toEqual(expect.arrayContaining([...certainCauses]));
});
