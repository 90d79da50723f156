// Faults on demand: what each does to the caller, what the journal says of it, and which descriptions are refused.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';

let dataDir: string;
let simulator: PaymentSimulator;
let lastOrder = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  expect((await control('faults', { method: 'DELETE' })).status).toBe(204);
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

const control = (path: string, init: RequestInit = {}) => fetch(`${simulator.url}/_simulator/${path}`, init);

const inject = (fault: unknown) =>
  control('faults', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: typeof fault === 'string' ? fault : JSON.stringify(fault),
  });

async function pending(): Promise<{ struck: number; times: unknown }[]> {
  return ((await (await control('faults')).json()) as { items: { struck: number; times: unknown }[] }).items;
}

async function journalOf(orderId: string): Promise<JournalItem[]> {
  return ((await (await control(`journal?orderId=${orderId}`)).json()) as { items: JournalItem[] }).items;
}

type Answer = { status: number; headers: Headers; body: Record<string, unknown> };

/** A request as it goes over the wire: no client between the test and the connection. Rejects when that breaks. */
async function call(path: string, parameters: Record<string, string> | null, key?: string): Promise<Answer> {
  const answer = await fetch(`${simulator.url}/v1/${path}`, {
    method: parameters ? 'POST' : 'GET',
    headers: { Authorization: 'Bearer sk_test_simulated', ...(key ? { 'Idempotency-Key': key } : {}) },
    ...(parameters ? { body: new URLSearchParams(parameters) } : {}),
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as Record<string, unknown>,
  };
}

const newOrder = () => `ord_${(lastOrder += 1)}`;

const createParameters = (orderId: string, more: Record<string, string> = {}) => ({
  amount: '1000',
  currency: 'eur',
  payment_method: 'pm_card_visa',
  'metadata[orderId]': orderId,
  ...more,
});

async function intent(orderId: string, more: Record<string, string> = {}): Promise<string> {
  const { body } = await call('payment_intents', createParameters(orderId, more));
  return String(body['id']);
}

/** Everything that a fault can strike: how to come to it, and the effect that it has when nothing is in the way. */
const operations = {
  create: {
    effect: 'created',
    prepare: (orderId: string) => Promise.resolve(['payment_intents', createParameters(orderId)] as const),
  },
  confirm: {
    effect: 'captured',
    prepare: async (orderId: string) => [`payment_intents/${await intent(orderId)}/confirm`, {}] as const,
  },
  capture: {
    effect: 'captured',
    prepare: async (orderId: string) => {
      const id = await intent(orderId, { capture_method: 'manual', confirm: 'true' });
      return [`payment_intents/${id}/capture`, {}] as const;
    },
  },
  cancel: {
    effect: 'canceled',
    prepare: async (orderId: string) => [`payment_intents/${await intent(orderId)}/cancel`, {}] as const,
  },
  refund: {
    effect: 'refunded',
    prepare: async (orderId: string) =>
      ['refunds', { payment_intent: await intent(orderId, { confirm: 'true' }) }] as const,
  },
} as const;

const modes = [
  { mode: 'error_500', took: false, caller: 500 },
  { mode: 'error_500_after_effect', took: true, caller: 500 },
  { mode: 'error_429', took: false, caller: 429 },
  { mode: 'delay', took: true, caller: 200 },
  { mode: 'drop_before_effect', took: false, caller: 'a broken connection' },
  { mode: 'drop_after_effect', took: true, caller: 'a broken connection' },
  { mode: 'half_body', took: true, caller: 'a broken connection' },
] as const;

const cases = Object.entries(operations).flatMap(([operation, { effect, prepare }]) =>
  modes.map((mode) => ({ ...mode, operation, effect, prepare })),
);

async function outcomeOf(answer: Promise<Answer>): Promise<number | string> {
  return answer.then(
    ({ status }) => status,
    () => 'a broken connection',
  );
}

describe('a fault', () => {
  test.each(cases)(
    '$mode at $operation: the caller sees $caller, and the journal knows whether it took effect ($took)',
    async ({ mode, operation, took, caller, effect, prepare }) => {
      const orderId = newOrder();
      const [path, parameters] = await prepare(orderId);
      const before = (await journalOf(orderId)).length;
      expect((await inject({ operation, mode, ...(mode === 'delay' ? { delayMs: 50 } : {}) })).status).toBe(201);

      expect(await outcomeOf(call(path, parameters, orderId))).toBe(caller);
      const [item, ...others] = (await journalOf(orderId)).slice(before);
      expect(others).toEqual([]);
      expect(item).toMatchObject({
        operation,
        fault: mode,
        effect: took ? effect : 'none',
        replayed: false,
        orderId,
        idempotencyKey: orderId,
        ...(took ? { amountMinor: 1_000 } : {}),
      });

      // The same request again comes to the effect, which there is once, whatever happened to its first answer.
      const again = await call(path, parameters, orderId);
      expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([200, took ? 'true' : null]);
      const effects = (await journalOf(orderId)).slice(before).map((one) => one.effect);
      expect(effects).toEqual(took ? [effect, 'none'] : ['none', effect]);
    },
  );

  test.each(modes)('$mode at retrieve: the caller sees $caller, and nothing changes', async ({ mode, caller }) => {
    const orderId = newOrder();
    const id = await intent(orderId);
    await inject({ operation: 'retrieve', mode, ...(mode === 'delay' ? { delayMs: 50 } : {}) });
    expect(await outcomeOf(call(`payment_intents/${id}`, null))).toBe(caller);
    expect((await journalOf(orderId)).slice(1)).toMatchObject([{ operation: 'retrieve', effect: 'none', fault: mode }]);
  });

  test.each(['payment_intents', 'refunds'])('at retrieve strikes lists of %s too', async (path) => {
    await inject({ operation: 'retrieve', mode: 'error_500' });
    expect(await outcomeOf(call(path, null))).toBe(500);
    expect(await outcomeOf(call(path, null))).toBe(200);
  });

  test('error_429 says how long to wait, in the words of Stripe', async () => {
    await inject({ operation: 'create', mode: 'error_429' });
    const { headers, body } = await call('payment_intents', createParameters(newOrder()));
    expect(headers.get('Retry-After')).toBe('1');
    expect(body).toMatchObject({ error: { type: 'rate_limit_error', code: 'rate_limit' } });
  });

  test('delay holds the answer back for at least its time', async () => {
    await inject({ operation: 'create', mode: 'delay', delayMs: 300 });
    const begin = performance.now();
    await call('payment_intents', createParameters(newOrder()));
    // Timers may fire a little early.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(290);
  });

  test('half_body promises a whole answer and breaks off within it', async () => {
    await inject({ operation: 'create', mode: 'half_body' });
    const answer = await fetch(`${simulator.url}/v1/payment_intents`, {
      method: 'POST',
      headers: { Authorization: 'Bearer sk_test_simulated' },
      body: new URLSearchParams(createParameters(newOrder())),
    });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
  });

  test('without times strikes once', async () => {
    await inject({ operation: 'create', mode: 'error_500' });
    const statuses = [];
    for (let index = 0; index < 3; index += 1)
      statuses.push(await outcomeOf(call('payment_intents', createParameters(newOrder()))));
    expect(statuses).toEqual([500, 200, 200]);
  });

  test('with times strikes as often as that, and says how often it has', async () => {
    await inject({ operation: 'create', mode: 'error_500', times: 3 });
    const statuses = [];
    const struck = [];
    for (let index = 0; index < 4; index += 1) {
      statuses.push(await outcomeOf(call('payment_intents', createParameters(newOrder()))));
      struck.push((await pending()).map((fault) => fault.struck));
    }
    expect(statuses).toEqual([500, 500, 500, 200]);
    expect(struck).toEqual([[1], [2], [], []]);
  });

  test('that is there "always" strikes until it is taken away', async () => {
    await inject({ operation: 'create', mode: 'error_500', times: 'always' });
    for (let index = 0; index < 5; index += 1)
      expect(await outcomeOf(call('payment_intents', createParameters(newOrder())))).toBe(500);
    expect(await pending()).toMatchObject([{ times: 'always', struck: 5 }]);
    await control('faults', { method: 'DELETE' });
    expect(await pending()).toEqual([]);
    expect(await outcomeOf(call('payment_intents', createParameters(newOrder())))).toBe(200);
  });

  test('strikes only its own operation; "any" strikes each', async () => {
    const orderId = newOrder();
    const id = await intent(orderId);
    await inject({ operation: 'confirm', mode: 'error_500' });
    expect(await outcomeOf(call(`payment_intents/${id}`, null))).toBe(200);
    expect(await outcomeOf(call(`payment_intents/${id}/confirm`, {}))).toBe(500);
    await inject({ operation: 'any', mode: 'error_500', times: 2 });
    expect(await outcomeOf(call(`payment_intents/${id}`, null))).toBe(500);
    expect(await outcomeOf(call(`payment_intents/${id}/confirm`, {}))).toBe(500);
    expect(await outcomeOf(call(`payment_intents/${id}/confirm`, {}))).toBe(200);
  });

  test.each(Object.keys(operations) as (keyof typeof operations)[])(
    'for one order strikes %s of that order alone',
    async (operation) => {
      const mine = newOrder();
      const others = newOrder();
      const [myPath, myParameters] = await operations[operation].prepare(mine);
      const [otherPath, otherParameters] = await operations[operation].prepare(others);
      await inject({ operation, mode: 'error_500', match: { orderId: mine } });
      expect(await outcomeOf(call(otherPath, otherParameters))).toBe(200);
      expect(await outcomeOf(call(myPath, myParameters))).toBe(500);
      expect(await outcomeOf(call(myPath, myParameters))).toBe(200);
    },
  );

  test('is one of several in the order in which they came', async () => {
    await inject({ operation: 'create', mode: 'error_429' });
    await inject({ operation: 'any', mode: 'error_500' });
    const statuses = [];
    for (let index = 0; index < 3; index += 1)
      statuses.push(await outcomeOf(call('payment_intents', createParameters(newOrder()))));
    expect(statuses).toEqual([429, 500, 200]);
  });
});

describe('a description of a fault is refused with 400, and nothing is injected,', () => {
  const fault = { operation: 'confirm', mode: 'error_500' };
  test.each<[string, unknown]>([
    ['when it is empty', {}],
    ['when it is a list', []],
    ['when it is null', 'null'],
    ['when it is no JSON', '{"operation":'],
    ['when its operation is unknown', { ...fault, operation: 'conform' }],
    ['when its mode is unknown', { ...fault, mode: 'error_503' }],
    ['when its mode is missing', { operation: 'confirm' }],
    ['when a field is unknown', { ...fault, time: 2 }],
    ['when times is 0', { ...fault, times: 0 }],
    ['when times is negative', { ...fault, times: -1 }],
    ['when times is a fraction', { ...fault, times: 1.5 }],
    ['when times is text', { ...fault, times: '2' }],
    ['when times is another word', { ...fault, times: 'forever' }],
    ['when times is null', { ...fault, times: null }],
    ['when a delay has no time', { ...fault, mode: 'delay' }],
    ['when a delay is too long', { ...fault, mode: 'delay', delayMs: 120_001 }],
    ['when a delay is negative', { ...fault, mode: 'delay', delayMs: -5 }],
    ['when cached is text', { ...fault, cached: 'yes' }],
    ['when match is text', { ...fault, match: 'ord_1' }],
    ['when match is null', { ...fault, match: null }],
    ['when match is a list', { ...fault, match: [] }],
    ['when match asks for something else', { ...fault, match: { order: 'ord_1' } }],
    ['when match asks for more', { ...fault, match: { orderId: 'ord_1', key: 'k' } }],
    ['when the order is a number', { ...fault, match: { orderId: 1 } }],
  ])('%s', async (_why, description) => {
    const answer = await inject(description);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.any(String) });
    expect(await pending()).toEqual([]);
  });

  test('when it is not sent as JSON', async () => {
    const answer = await control('faults', { method: 'POST', body: JSON.stringify(fault) });
    expect(answer.status).toBe(400);
  });
});
