// Events to a real RabbitMQ, by workers that are killed while they publish, and with the broker killed, and one that takes nothing: each event
// arrives, of each order in sequence when what came twice is removed; and neither orders nor webhooks wait for it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type ConsumeMessage } from 'amqplib';
import { startConsumer } from '../support/consumer.ts';
import { closeChecked } from '../support/invariants.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { findRabbit, prepareRabbit, type Rabbit } from '../support/rabbitmq.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { createAmqpPublisher } from '../../src/adapters/amqp/publisher.ts';

const found = await findRabbit();
const testWithBroker = 'missing' in found ? test.skip : test;
if ('missing' in found) test.skip(found.missing, () => undefined);

let stack: Stack;
let rabbit: Rabbit;
let consumer: Awaited<ReturnType<typeof startConsumer>> | null = null;
const orderIds: string[] = [];

beforeAll(async () => {
  if ('missing' in found) return;
  const env: Record<string, string> = { AMQP_TIMEOUT_MS: '2000', AMQP_AFTER: '0' };
  stack = await startTestStack({ worker: false, env });
  rabbit = await prepareRabbit(found, stack.directory);
  Object.assign(stack.env, { AMQP_URL: rabbit.url });
  await Promise.all([rabbit.start(), putProduct(stack.url, 'book')]);
}, 90_000);
afterAll(async () => {
  if ('missing' in found) return;
  await consumer?.stop();
  await rabbit.close();
  await closeChecked(stack, { accepted: orderIds });
}, 60_000);

async function placeSome(count: number): Promise<string[]> {
  const placed = await Promise.all(Array.from({ length: count }, () => placeOrder(stack.url)));
  const ids = placed.map(({ id }) => id);
  orderIds.push(...ids);
  return ids;
}

const publisher = (change: { exchange?: string; password?: string }) =>
  createAmqpPublisher({
    target: { ...rabbit.target, password: change.password ?? rabbit.target.password },
    exchange: change.exchange ?? 'orders',
    timeoutMs: 10_000,
    messageOf: () => {
      throw new Error('nothing is published here');
    },
  });

/** Queues that keep all of it, and one type alone; and an exchange that is another one than ours. */
async function bindQueues(): Promise<void> {
  const model = await connect(rabbit.url);
  const channel = await model.createChannel();
  await channel.assertExchange('orders', 'topic', { durable: true });
  for (const [queue, pattern] of Object.entries({ all: '#', sold: 'order.confirmed' })) {
    await channel.assertQueue(queue, { durable: true });
    await channel.bindQueue(queue, 'orders', pattern);
  }
  await channel.assertExchange('taken', 'fanout', { durable: true });
  await model.close();
}

/** Everything that the queue has until `isEnough`, in its order; it is left there. */
async function readQueue(queue: string, isEnough: (messages: ConsumeMessage[]) => boolean): Promise<ConsumeMessage[]> {
  const model = await connect(rabbit.url);
  const channel = await model.createChannel();
  const messages: ConsumeMessage[] = [];
  await channel.consume(queue, (message) => {
    if (message) messages.push(message);
  });
  await until(() => isEnough(messages), `all that belongs into ${queue}`, 60_000);
  await model.close();
  return messages;
}

type Body = { eventId: string; orderId: string; sequence: number; eventType: string };
const bodyOf = ({ content }: ConsumeMessage): Body => JSON.parse(content.toString()) as Body;

/** As a consumer removes what came twice: whatever is not beyond the last of its order came before. */
function sequencesOf(messages: readonly ConsumeMessage[]): Record<string, number[]> {
  const sequences: Record<string, number[]> = {};
  for (const { orderId, sequence } of messages.map(bodyOf)) {
    const known = (sequences[orderId] ??= []);
    if (sequence > (known.at(-1) ?? 0)) known.push(sequence);
  }
  return sequences;
}

async function healthOf(worker: { healthUrl: string }): Promise<{ state: string; detail: string } | undefined> {
  const answer = await fetch(`${worker.healthUrl}/health`);
  const { parts } = (await answer.json()) as { parts: Record<string, { state: string; detail: string }> };
  return parts['broker'];
}

testWithBroker(
  'refuses a wrong password, and an exchange that is another one, and says so without the password',
  async () => {
    await bindQueues();
    const wrong = publisher({ password: 'not-the-password' });
    await expect(wrong.connect()).rejects.toThrow(/the broker at 127.0.0.1:\d+: .*ACCESS_REFUSED|403/);
    await expect(wrong.connect()).rejects.not.toThrow('not-the-password');
    await expect(publisher({ exchange: 'taken' }).connect()).rejects.toThrow('PRECONDITION_FAILED');
  },
  60_000,
);

testWithBroker(
  'each event arrives, of an order in sequence, whoever dies; and nobody waits for the broker',
  async () => {
    for (const point of ['after brokerPublisher.publish', 'inside brokerWork.settle']) {
      await placeSome(3);
      const crashing = await stack.startDoomedWorker(point);
      expect(await crashing.ended).toBe('signal SIGKILL');
    }
    const worker = await stack.startWorker();
    consumer = await startConsumer(stack, { failShare: 0 });
    await until(async () => (await healthOf(worker))?.detail === '0 events wait', 'the broker has all so far');

    await placeSome(3);
    await rabbit.kill();
    for (const orderId of await placeSome(3)) expect((await settledOrder(stack.url, orderId)).status).toBe('confirmed');
    await until(async () => (await healthOf(worker))?.state === 'failing', 'the broker is missed');

    await rabbit.start({ isBlocked: true });
    await until(async () => /takes nothing/.test((await healthOf(worker))?.detail ?? ''), 'the broker blocks');
    for (const orderId of await placeSome(3)) expect((await settledOrder(stack.url, orderId)).status).toBe('confirmed');
    const { rows } = await stack.db.query<{ id: string; n: number }>('select id, event_count as n from orders');
    const total = rows.reduce((sum, { n }) => sum + n, 0);
    await until(async () => ((await consumer?.handled()) ?? []).length >= total, 'webhooks tell all of it');
    expect(await healthOf(worker)).toMatchObject({
      state: 'failing',
      detail: expect.stringMatching(/[1-9]\d* events wait$/),
    });

    await rabbit.kill();
    await rabbit.start();
    await until(async () => (await healthOf(worker))?.detail === '0 events wait', 'the broker has all of it', 60_000);

    const distinct = (messages: ConsumeMessage[]): number => new Set(messages.map((one) => bodyOf(one).eventId)).size;
    const messages = await readQueue('all', (all) => distinct(all) >= total);
    expect(sequencesOf(messages)).toEqual(
      Object.fromEntries(rows.map(({ id, n }) => [id, Array.from({ length: n }, (_, index) => index + 1)])),
    );
    // What was confirmed and not settled has come again.
    expect(messages.length).toBeGreaterThan(total);
    const sold = await readQueue('sold', (some) => distinct(some) >= orderIds.length);
    expect([...new Set(sold.map((one) => bodyOf(one).eventType))]).toEqual(['order.confirmed']);
    expect([...new Set(sold.map((one) => bodyOf(one).orderId))].sort()).toEqual([...orderIds].sort());

    const [first] = messages;
    if (!first) throw new Error('Expected a message; found none');
    const { items } = (await (await fetch(`${stack.url}/orders/${bodyOf(first).orderId}/events`)).json()) as {
      items: Body[];
    };
    expect(bodyOf(first)).toEqual(items[0]);
    expect(first.fields.routingKey).toBe('order.placed');
    expect(first.properties).toMatchObject({
      ...{ messageId: items[0]?.eventId, type: 'order.placed', deliveryMode: 2, contentType: 'application/json' },
      headers: { tenant: 'local', orderId: items[0]?.orderId, sequence: 1 },
    });
  },
  150_000,
);
