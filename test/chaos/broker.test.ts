// Events to a real RabbitMQ, by workers that are killed while they publish, and with the broker killed, and one that takes nothing: each event
// arrives, of each order in sequence when what came twice is removed; and neither orders nor webhooks wait for it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type ConsumeMessage } from 'amqplib';
import { openBroker } from '../../src/adapters/amqp/parts.ts';
import { openDatabase, STEP_PATIENCE } from '../../src/adapters/postgres/database.ts';
import { createBroker } from '../../src/background/broker.ts';
import { createCrashPoints } from '../../src/runtime/crash-points.ts';
import { silent } from '../support/database.ts';
import { namesIn, startCollector, type CollectedSpan, type Collector } from '../support/collector.ts';
import { bodyOf, readQueue as readAllOf, sequencesOf } from '../support/broker-queues.ts';
import { startConsumer } from '../support/consumer.ts';
import { closeChecked } from '../support/invariants.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { findRabbit, prepareRabbit, type Rabbit } from '../support/rabbitmq.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { headerOf, newTrace } from '../support/traceparent.ts';
import { until } from '../support/until.ts';
import { createAmqpPublisher } from '../../src/adapters/amqp/publisher.ts';

const found = await findRabbit();
const testWithBroker = 'missing' in found ? test.skip : test;
if ('missing' in found) test.skip(found.missing, () => undefined);

let stack: Stack;
let rabbit: Rabbit;
let collector: Collector;
let consumer: Awaited<ReturnType<typeof startConsumer>> | null = null;
const orderIds: string[] = [];

beforeAll(async () => {
  if ('missing' in found) return;
  collector = await startCollector();
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '100' };
  const env: Record<string, string> = { AMQP_TIMEOUT_MS: '2000', AMQP_AFTER: '0', ...traced };
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
  await collector.close();
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

const readQueue = (queue: string, isEnough: (messages: ConsumeMessage[]) => boolean): Promise<ConsumeMessage[]> =>
  readAllOf(rabbit.url, queue, isEnough);

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
    await expect(wrong.connect({ declare: true })).rejects.toThrow(/the broker at 127.0.0.1:\d+: .*ACCESS_REFUSED|403/);
    await expect(wrong.connect({ declare: true })).rejects.not.toThrow('not-the-password');
    await expect(publisher({ exchange: 'taken' }).connect({ declare: true })).rejects.toThrow('PRECONDITION_FAILED');
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
      items: ReturnType<typeof bodyOf>[];
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

/** Publishes all of the feed to an exchange of its own, in this process. */
function startMirror(exchange: string) {
  const settings = { poolSize: 2, patience: STEP_PATIENCE, applicationName: 'test', logger: silent };
  const db = openDatabase({ ...settings, connectionString: stack.database.url });
  const parts = openBroker({
    settings: {
      ...{ AMQP_URL: rabbit.target, AMQP_EXCHANGE: exchange, AMQP_AFTER: 0, AMQP_TIMEOUT_MS: 5_000 },
      ...{ AMQP_FORMAT: 'envelope', PUBLIC_URL: 'http://127.0.0.1' },
    },
    db,
    crashPoints: createCrashPoints({ setting: undefined, seed: 1, addresses: {} }),
  });
  const broker = createBroker({ parts, logger: silent });
  broker.start();
  return {
    state: (): Promise<string> => (broker.probes.broker?.() ?? Promise.resolve('')).catch(String),
    unrouted: () => Object.fromEntries(parts?.unrouted ?? []),
    stop: async (): Promise<void> => {
      await broker.stop();
      await db.destroy();
    },
  };
}

testWithBroker(
  'a message goes on with the trace of its order, for whoever consumes it',
  async () => {
    const trace = newTrace();
    const { id } = await placeOrder(stack.url, { headers: headerOf(trace) });
    orderIds.push(id);
    const ofOrder = (all: ConsumeMessage[]): ConsumeMessage[] => all.filter((one) => bodyOf(one).orderId === id);
    const isSold = (all: ConsumeMessage[]): boolean =>
      ofOrder(all).some((one) => bodyOf(one).eventType === 'order.confirmed');
    const messages = ofOrder(await readQueue('all', isSold));
    const spans = (): CollectedSpan[] => collector.ofTrace(trace.traceId);
    const told = messages.map(({ fields }) => `publish ${fields.routingKey}`);
    await until(() => Promise.resolve(told.every((name) => namesIn(spans()).includes(name))), 'they are collected');
    const root = spans().find(({ name }) => name === 'POST /orders');
    for (const { fields, properties } of messages) {
      const span = spans().find(({ name }) => name === `publish ${fields.routingKey}`);
      expect(properties.headers?.['traceparent']).toBe(`00-${trace.traceId}-${span?.spanId}-01`);
      expect(span).toMatchObject({ parentSpanId: root?.spanId, attributes: { 'order.id': id } });
    }
  },
  60_000,
);

const placeOf = async (exchange: string): Promise<number> => {
  const { rows } = await stack.db.query<{ to: number }>(
    'select fed_to as to from event_publishers where exchange = $1',
    [exchange],
  );
  return rows[0]?.to ?? -1;
};

testWithBroker(
  'a small queue that refuses, and is read, gets all of a backlog, and others little of it twice',
  async () => {
    const { rows } = await stack.db.query<{ n: number }>('select max(position)::int as n from events');
    const total = rows[0]?.n ?? 0;
    expect(total).toBeGreaterThan(40);
    const model = await connect(rabbit.url);
    const channel = await model.createChannel();
    await channel.assertExchange('mirror', 'topic', { durable: true });
    await channel.assertQueue('small', { arguments: { 'x-max-length': 5, 'x-overflow': 'reject-publish' } });
    await channel.assertQueue('wide');
    for (const queue of ['small', 'wide']) await channel.bindQueue(queue, 'mirror', '#');
    await channel.prefetch(5);
    const heard: Record<string, string[]> = { small: [], wide: [] };
    const listen = (queue: string) =>
      channel.consume(queue, (message) => {
        if (!message) return;
        heard[queue]?.push(bodyOf(message).eventId);
        setTimeout(() => channel.ack(message), queue === 'small' ? 2 : 0);
      });
    await Promise.all([listen('small'), listen('wide')]);
    const mirror = startMirror('mirror');
    try {
      await until(async () => (await mirror.state()) === '0 events wait', 'the broker has all of it', 30_000);
      await until(() => new Set(heard['small']).size === total, 'the small queue was given all of it');
      expect(new Set(heard['wide']).size).toBe(total);
      expect(heard['wide']?.length).toBeLessThan(total * 2);
    } finally {
      await mirror.stop();
      await model.close();
    }
  },
  60_000,
);

testWithBroker(
  'an exchange that is gone is missed, not made again: nothing is published to nobody',
  async () => {
    const exchange = 'lost';
    const model = await connect(rabbit.url);
    const channel = await model.createChannel();
    const mirror = startMirror(exchange);
    try {
      await until(async () => (await mirror.state()) === '0 events wait', 'the broker has all of it');
      // No queue is bound yet.
      await placeSome(1);
      const isUnrouted = (): boolean => (mirror.unrouted()['order.placed'] ?? 0) >= orderIds.length;
      await until(async () => isUnrouted() && (await mirror.state()) === '0 events wait', 'all of it, for nobody');
      const before = await placeOf(exchange);
      const unroutedBefore = { ...mirror.unrouted() };
      await channel.deleteExchange(exchange);
      const [orderId = ''] = await placeSome(1);
      await settledOrder(stack.url, orderId);
      // Through more than one try: each would make the exchange anew.
      let since = performance.now();
      const isMissed = async (): Promise<boolean> => {
        if (!/NOT_FOUND.*[1-9]\d* events wait$/.test(await mirror.state())) since = performance.now();
        return performance.now() - since > 1_500;
      };
      await until(isMissed, 'the exchange is missed, try after try', 12_000);
      expect(await placeOf(exchange)).toBe(before);

      await channel.assertExchange(exchange, 'topic', { durable: true });
      const { queue } = await channel.assertQueue('found');
      await channel.bindQueue(queue, exchange, '#');
      await until(async () => (await mirror.state()) === '0 events wait', 'the broker has all of it');
      // A try may fall between the exchange and its queue: what it published is counted as gone to nobody, and nothing else is missing.
      const { rows } = await stack.db.query<{ id: string; type: string }>(
        'select event_id as id, event_type as type from events where order_id = $1',
        [orderId],
      );
      const toNobody = (type: string): number => (mirror.unrouted()[type] ?? 0) - (unroutedBefore[type] ?? 0);
      const wanted = rows.filter(({ type }) => toNobody(type) === 0).map(({ id }) => id);
      const isThere = (all: ConsumeMessage[], id: string): boolean => all.some((one) => bodyOf(one).eventId === id);
      await readQueue(queue, (all) => wanted.every((id) => isThere(all, id)));
    } finally {
      await mirror.stop();
      await model.close();
    }
  },
  60_000,
);
