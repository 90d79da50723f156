import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

/** As a client does that is told to come again: with the same key. */
async function placePatiently(wanted: {
  items: { sku: string; quantity: number }[];
  key: string;
}): Promise<{ id: string }> {
  for (;;) {
    const answer = await postOrder(stack.url, wanted);
    if (answer.ok) return (await answer.json()) as { id: string };
    if (answer.status !== 503) throw new Error(`POST order: ${answer.status} ${await answer.text()}`);
    await sleep(500);
  }
}

const BUYERS = 300;
const UNITS = 100;

test('300 buyers of 100 units, in carts of three products in any order, buy exactly 100, without a deadlock', async () => {
  await putProduct(stack.url, 'wanted', { onHand: UNITS });
  for (const sku of ['a', 'b', 'c', 'x', 'y', 'z']) await putProduct(stack.url, sku, { onHand: 10_000 });
  const deadlocksBefore = await deadlocks();

  const placed = await Promise.all(
    Array.from({ length: BUYERS }, async (_, buyer) => {
      const others = shuffle(['a', 'b', 'c', 'x', 'y', 'z'], buyer).slice(0, 2);
      const cart = shuffle(['wanted', ...others], buyer * 7).map((sku) => ({ sku, quantity: 1 }));
      return placePatiently({ items: cart, key: randomUUID() });
    }),
  );
  accepted.push(...placed.map(({ id }) => id));
  const ends = await Promise.all(placed.map(({ id }) => settledOrder(stack.url, id, 150_000)));

  // Whoever did neither buy nor find the shelf empty is shown first: that is what went wrong.
  const others = ends.filter(({ status, rejection }) => status !== 'confirmed' && !rejection?.code.includes('stock'));
  expect(others.map(({ id, status, attention, rejection }) => ({ id, status, attention, rejection }))).toEqual([]);
  expect(ends.filter(({ status }) => status === 'confirmed').length).toBe(UNITS);
  expect(
    ends.filter(({ status, rejection }) => status === 'rejected' && rejection?.code.includes('stock')),
  ).toHaveLength(BUYERS - UNITS);
  const { rows } = await stack.db.query("select on_hand, reserved from stock where sku = 'wanted'");
  expect(rows).toEqual([{ on_hand: 0, reserved: 0 }]);
  expect(await deadlocks()).toBe(deadlocksBefore);
}, 180_000);

async function deadlocks(): Promise<number> {
  const { rows } = await stack.db.query<{ deadlocks: number }>(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  return rows[0]?.deadlocks ?? Number.NaN;
}

/** The same seed gives the same order: a failure can be run again. */
function shuffle<T>(items: readonly T[], seed: number): T[] {
  const keyed = items.map((item, index) => ({ item, key: Math.imul((seed + 1) * (index + 3), 2_654_435_761) >>> 0 }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
