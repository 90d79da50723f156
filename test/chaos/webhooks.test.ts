// Events told to a consumer that fails three times in ten and is killed, by workers that are killed while they tell: it has every event
// of every order once, in sequence, when it removes what came twice; and one that is not there at all holds up nobody.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startConsumer, subscribe } from '../support/consumer.ts';
import { closeChecked } from '../support/invariants.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const points = [
  'inside webhookWork.feed',
  'after webhookWork.claim',
  'after webhookSender.send',
  'inside webhookWork.settle',
] as const;
const ORDERS_EACH = 5;

let stack: Stack;
let consumer: Awaited<ReturnType<typeof startConsumer>> | null = null;
const orderIds: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({
    worker: false,
    env: {
      WEBHOOK_RETRY_SECONDS: Array.from({ length: 20 }, () => '1').join(),
      WEBHOOK_PROBE_MS: '500',
      // A lane that a killed worker has left is taken over after ten seconds and five times this.
      WEBHOOK_TIMEOUT_MS: '500',
    },
  });
  await putProduct(stack.url, 'book');
});
afterAll(async () => {
  await consumer?.stop();
  await closeChecked(stack, { accepted: orderIds });
});

async function placeSome(): Promise<void> {
  const placed = await Promise.all(Array.from({ length: ORDERS_EACH }, () => placeOrder(stack.url)));
  orderIds.push(...placed.map(({ id }) => id));
}

const ask = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(`${stack.url}/webhook-subscriptions/${path}`)).json()) as Record<string, unknown>;

test('each event is told at least once and of an order in sequence, whoever dies', async () => {
  const told = (consumer = await startConsumer(stack, { failShare: 0.3 }));
  const { id: dead } = await subscribe(stack.url, { url: 'http://127.0.0.1:1/', after: 0 });
  for (const point of points) {
    await placeSome();
    const crashing = await stack.startDoomedWorker(point);
    // The crash is what ends it: a point that is never reached is a test that proves nothing.
    expect(await crashing.ended).toBe('signal SIGKILL');
    await told.kill();
    await told.start();
  }
  await stack.startWorker();
  for (const orderId of orderIds) await settledOrder(stack.url, orderId);

  const { rows } = await stack.db.query<{ id: string; events: number }>('select id, event_count as events from orders');
  const expected = Object.fromEntries(
    rows.map(({ id, events }) => [id, Array.from({ length: events }, (_, index) => index + 1)]),
  );
  const total = rows.reduce((sum, { events }) => sum + events, 0);
  await until(async () => (await told.handled()).length >= total, 'all was told', 60_000);
  const sequences: Record<string, number[]> = {};
  for (const { orderId, sequence } of await told.handled()) (sequences[orderId] ??= []).push(sequence);
  expect(sequences).toEqual(expected);
  expect(orderIds.length).toBe(ORDERS_EACH * points.length);

  await until(async () => (await ask(told.id))['pending'] === 0, 'everything is settled');
  expect(await ask(told.id)).toMatchObject({ parked: 0, failingSince: null });
  expect(await ask(dead)).toMatchObject({ pending: total, failingSince: expect.any(String) });
}, 150_000);
