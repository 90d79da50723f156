import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { choosePort } from '../../src/local/ports.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

describe('an answer of the provider that gets lost', () => {
  test.each([
    ['create', 'drop_after_effect'],
    ['create', 'drop_before_effect'],
    ['create', 'error_500_after_effect'],
    ['confirm', 'drop_after_effect'],
    ['confirm', 'drop_before_effect'],
    ['confirm', 'error_500'],
    ['confirm', 'error_500_after_effect'],
    ['confirm', 'half_body'],
    ['confirm', 'error_429'],
  ])('at %s (%s) is asked for again, and the order is charged once', async (operation, mode) => {
    await stack.fault({ operation, mode, times: 1 });
    const { id } = await placeOrder(stack.url);
    accepted.push(id);

    expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed', payment: { capturedMinor: 1_000 } });
    const journal = await stack.journal(id);
    expect(journal.filter(({ effect }) => effect === 'captured')).toHaveLength(1);
    // A confirm is never sent again blindly: the provider is asked first what became of the last one.
    const confirms = journal
      .map(({ operation: done }, index) => (done === 'confirm' ? index : -1))
      .filter((index) => index >= 0);
    for (const again of confirms.slice(1)) expect(journal[again - 1]?.operation).toBe('retrieve');
  });

  test.each(['create', 'confirm'])(
    'as a stored 500 at %s goes on under the next revision of the key',
    async (operation) => {
      await stack.fault({ operation, mode: 'error_500', cached: true, times: 1 });
      const { id } = await placeOrder(stack.url);
      accepted.push(id);

      expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
      const keys = (await stack.journal(id)).map(({ idempotencyKey }) => idempotencyKey);
      expect(keys).toContain(`${id}:${operation}:1:r2`);
    },
  );
});

describe('Temporal away', () => {
  test('orders are accepted and answered at once, and run when it is back', async () => {
    const api = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
    const before = Date.now();
    const { id } = await placeOrder(api.url);
    accepted.push(id);
    expect(Date.now() - before).toBeLessThan(2_000);
    expect((await getOrder(api.url, id)).status).toBe('placed');
    await api.stop(12_000);

    // The other api can reach Temporal: its launcher finds the mark.
    expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
    const { rows } = await stack.db.query('select launch_after from orders where id = $1', [id]);
    // Closed: nobody looks for its workflow any more.
    expect(rows).toEqual([{ launch_after: null }]);
  });
});

describe('PostgreSQL away', () => {
  test('is a 503 with Retry-After within 2 s, and nothing hangs', async () => {
    const api = await stack.startApi({}, await choosePort(0));
    await stack.database.setReachable(false);
    try {
      // The first may meet a connection that was cut, the others are refused a new one: it is the same to a client.
      for (let request = 1; request <= 3; request += 1) {
        const before = Date.now();
        const answer = await postOrder(api.url);
        expect(Date.now() - before).toBeLessThan(2_000);
        expect(answer.status).toBe(503);
        expect(answer.headers.get('Retry-After')).not.toBeNull();
      }
      expect((await fetch(`${api.url}/readyz`)).status).toBe(503);
      expect((await fetch(`${api.url}/healthz`)).status).toBe(200);
    } finally {
      await stack.database.setReachable(true);
    }
    await until(async () => (await fetch(`${api.url}/readyz`)).ok, 'the api is ready again');
    await api.stop(12_000);
  });
});

describe('a workflow that an operator terminated', () => {
  test('is started again without anything happening twice', async () => {
    await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 2_000 });
    const { id } = await placeOrder(stack.url);
    accepted.push(id);
    await until(async () => (await getOrder(stack.url, id)).status === 'reserved', 'the order is reserved');
    await stack.temporal.workflow.getHandle(id).terminate('by hand');
    // The launcher looks after every open order, in a quarter of an hour; here that has passed.
    const { rows } = await stack.db.query(
      'update orders set launch_after = now() where launch_after > now() returning id',
    );
    expect(rows).toEqual([{ id }]);

    expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
    expect((await stack.journal(id)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
    expect(await eventTypesOf(stack.url, id)).toEqual([
      'order.placed',
      'inventory.reserved',
      'payment.captured',
      'order.confirmed',
    ]);
  });
});

describe('two workers', () => {
  test('share the orders, and one that is killed is not missed', async () => {
    const second = await stack.startWorker();
    await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 300, times: 20 });
    const placed = await Promise.all(Array.from({ length: 20 }, () => placeOrder(stack.url)));
    accepted.push(...placed.map(({ id }) => id));
    process.kill(second.pid, 'SIGKILL');

    const ends = await Promise.all(placed.map(({ id }) => settledOrder(stack.url, id, 80_000)));
    expect(ends.map(({ status }) => status)).toEqual(placed.map(() => 'confirmed'));
  }, 100_000);
});
