// The load of the chaos page: how much of what, and what it does with an answer that is not certain.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from '@jest/globals';
import { createLoad } from '../../../src/chaos/load.ts';
import { createLoadPlan } from '../../../src/chaos/load-plan.ts';
import { createPace, MOST_IN_FLIGHT, MOST_UNANSWERED } from '../../../src/chaos/pace.ts';
import { until } from '../../support/until.ts';

const nothing = { unanswered: 0, inFlight: 0 };

describe('the pace', () => {
  test('adds up to the rate, however often it is asked', () => {
    const pace = createPace();
    pace.set(7, 0);
    let placed = 0;
    for (let now = 50; now <= 10_000; now += 50) placed += pace.take(now, nothing);
    expect(placed).toBeGreaterThanOrEqual(69);
    expect(placed).toBeLessThanOrEqual(70);
  });

  test('places nothing at 0, and nothing while too many are unanswered or in flight', () => {
    const pace = createPace();
    pace.set(0, 0);
    expect(pace.take(60_000, nothing)).toBe(0);
    pace.set(50, 0);
    expect(pace.take(1_000, { ...nothing, unanswered: MOST_UNANSWERED })).toBe(0);
    expect(pace.take(2_000, { ...nothing, inFlight: MOST_IN_FLIGHT })).toBe(0);
    // What was missed meanwhile is not made up for.
    expect(pace.take(2_100, nothing)).toBe(5);
  });

  test('sends no herd when the machine has slept', () => {
    const pace = createPace();
    pace.set(10, 0);
    expect(pace.take(600_000, nothing)).toBeLessThanOrEqual(10);
    expect(pace.take(600_100, nothing)).toBeLessThanOrEqual(1);
  });
});

test('the plan is mostly good cards, and some that are declined; the same from the same seed', () => {
  const [plan, again] = [createLoadPlan(7), createLoadPlan(7)];
  const orders = Array.from({ length: 2_000 }, plan);
  expect(Array.from({ length: 2_000 }, again)).toEqual(orders);
  const declined = orders.filter(({ paymentMethod }) => paymentMethod.includes('Declined')).length;
  expect(declined).toBeGreaterThan(100);
  expect(declined).toBeLessThan(400);
  for (const { items, customerId } of orders) {
    expect(new Set(items.map(({ sku }) => sku)).size).toBe(items.length);
    expect(customerId).toMatch(/^load-\d+$/);
  }
});

test('what got no certain answer is sent again as it was, under its key, until it is; what is refused is not', async () => {
  const heard: { key: string; body: string }[] = [];
  const times = new Map<string, number>();
  const server = createServer((req, res) => {
    if (req.method !== 'POST') return void res.end('{}');
    let body = '';
    req.on('data', (part: Buffer) => (body += part.toString()));
    req.on('end', () => {
      const key = String(req.headers['idempotency-key']);
      heard.push({ key, body });
      const time = (times.get(key) ?? 0) + 1;
      times.set(key, time);
      const number = Number(key.split('-').at(-1));
      if (number === 1 && time === 1) return void res.writeHead(202).write('{"id":', () => res.destroy());
      if (number === 1 && time === 2) return void res.writeHead(503).end();
      if (number === 2) return void res.writeHead(422).end('{}');
      res.writeHead(202).end(JSON.stringify({ id: `order_${number}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const load = createLoad({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  try {
    load.set(20);
    await until(() => load.accepted().length >= 3, 'three are accepted', 10_000);
    load.set(0);
    const isDone = (): boolean => load.state().unanswered === 0 && load.accepted().includes('order_1');
    await until(isDone, 'all are answered', 10_000);
  } finally {
    await load.stop();
    server.close();
  }
  const [first] = [...times.keys()].filter((key) => key.endsWith('-1'));
  const sent = heard.filter(({ key }) => key === first);
  expect(sent.length).toBeGreaterThanOrEqual(3);
  expect(new Set(sent.map(({ body }) => body)).size).toBe(1);
  expect(load.state().refused).toBe(1);
  expect(load.twice()).toEqual([]);
});
