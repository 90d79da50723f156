// What of the events may be under way together on the way to a broker, how far it was, and what a broker's URL says.
import { describe, expect, test } from '@jest/globals';
import { amqpMessageOf } from '../../src/adapters/amqp/message.ts';
import { confirmedThrough, wavesOf } from '../../src/domain/broker.ts';
import type { FeedEvent } from '../../src/ports/broker.ts';
import { ConfigurationError, loadWorkerConfig } from '../../src/runtime/config.ts';

const told = (orders: string): { orderId: string; position: number }[] =>
  orders.split(',').map((orderId, index) => ({ orderId, position: 11 + index }));

describe('the waves of a batch', () => {
  test('have one event of an order each, in its sequence', () => {
    const waves = wavesOf(told('a,b,a,c,a,b'));
    expect(waves.map((wave) => wave.map(({ orderId, position }) => `${orderId}${position}`))).toEqual([
      ['a11', 'b12', 'c14'],
      ['a13', 'b16'],
      ['a15'],
    ]);
  });

  test('move the place over what is confirmed without a gap, and no further', () => {
    const events = told('a,b,a,c,a,b');
    const [first = [], second = []] = wavesOf(events);
    const through = (waves: (typeof events)[]): number =>
      confirmedThrough({ after: 10, last: 16, events, confirmed: new Set(waves.flat()) });
    expect([through([]), through([first]), through([first, second]), through(wavesOf(events))]).toEqual([
      10, 12, 14, 16,
    ]);
    // Behind a recovery there may be a gap with nothing behind it yet.
    expect(confirmedThrough({ after: 10, last: 16, events: [], confirmed: new Set() })).toBe(16);
  });
});

describe('the URL of a broker', () => {
  const load = (AMQP_URL: string) =>
    loadWorkerConfig({ DATABASE_URL: 'postgres://o:s@127.0.0.1/orders', STRIPE_API_KEY: 'sk_test_x', AMQP_URL })
      .AMQP_URL;

  test('says where, who and which vhost', () => {
    const user = { username: 'orders', password: 'p@ss' };
    const here = { protocol: 'amqp', hostname: 'mq.example.com', port: 5_672, ...user };
    expect(load('amqp://orders:p%40ss@mq.example.com')).toEqual({ ...here, vhost: '%2F' });
    expect(load('amqp://orders:p%40ss@mq.example.com/')).toEqual({ ...here, vhost: '%2F' });
    expect(load('amqp://orders:p%40ss@mq.example.com/shop')).toEqual({ ...here, vhost: 'shop' });
    expect(load('amqps://orders:p%40ss@[::1]:5700/%2Fshop')).toEqual({
      ...{ protocol: 'amqps', hostname: '::1', port: 5_700, ...user, vhost: '%2Fshop' },
    });
    expect(load('')).toBeUndefined();
  });

  test.each([
    'topsecret',
    'http://orders:topsecret@mq',
    'amqp://orders@topsecret',
    'amqp://:topsecret@mq',
    'amqp://orders:topsecret@mq/a/b',
    'amqp://orders:topsecret@mq?heartbeat=5',
    'amqp://orders:topsecret%zz@mq',
  ])('is refused, and not shown: %s', (url) => {
    const refusal = (): unknown => load(url);
    expect(refusal).toThrow(ConfigurationError);
    expect(refusal).toThrow(/AMQP_URL: expected/);
    expect(refusal).not.toThrow(/topsecret/);
  });
});

test('a correlation id that is too long for a property is in the body, whole', () => {
  const correlationId = 'ü'.repeat(200);
  const event = {
    ...{ eventId: 'evt_1', eventType: 'order.cancelled', eventVersion: 1, timestamp: '2026-11-27T05:00:00.900Z' },
    ...{ source: 'orders', orderId: 'ord_1', sequence: 3, position: 7, data: {} },
    metadata: { correlationId, causationId: null },
  } as unknown as FeedEvent['event'];
  const message = amqpMessageOf(
    { tenant: 'local', orderId: 'ord_1', position: 7, event },
    { format: 'envelope', publicUrl: 'http://127.0.0.1' },
  );
  expect(message.properties).toMatchObject({
    correlationId: 'ü'.repeat(127),
    timestamp: Date.UTC(2026, 10, 27, 5) / 1_000,
  });
  expect(JSON.parse(message.body.toString())).toEqual(event);
});
