// One answer for one key, for ever: also when requests overlap, and also after the process was killed.
import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Stripe from 'stripe';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';
import { until } from '../../support/until.ts';

let parent: string;
let dataDir: string;
let simulator: PaymentSimulator;
let stripe: Stripe;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'simulator-'));
  await open(join(parent, 'data'));
});
afterEach(async () => {
  await simulator.close();
  await rm(parent, { recursive: true });
});

async function open(directory: string, more: { settleAfterMs?: number } = {}): Promise<void> {
  dataDir = directory;
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0, ...more });
  const { port } = simulator;
  stripe = new Stripe('sk_test_simulated', { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0 });
}

async function reopen(more: { settleAfterMs?: number } = {}): Promise<void> {
  await simulator.close();
  await open(dataDir, more);
}

/** What is on disk at this moment is all that the next one has: nothing is closed or flushed in between, as in a kill. */
async function reopenAsAfterAKill(): Promise<void> {
  const copy = join(parent, 'copy');
  await cp(dataDir, copy, { recursive: true });
  await simulator.close();
  await open(copy);
}

const create = (key: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  stripe.paymentIntents.create(
    { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', ...more },
    { idempotencyKey: key },
  );
const confirm = (id: string, key: string) => stripe.paymentIntents.confirm(id, {}, { idempotencyKey: key });

async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.catch((error: unknown) => error);
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error('Expected an error of Stripe', { cause: outcome });
}

async function inject(fault: object): Promise<void> {
  const answer = await fetch(`${simulator.url}/_simulator/faults`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fault),
  });
  expect(answer.status).toBe(201);
}

async function journal(): Promise<JournalItem[]> {
  const answer = await fetch(`${simulator.url}/_simulator/journal`);
  return ((await answer.json()) as { items: JournalItem[] }).items;
}

const isReplay = (answer: Stripe.Response<unknown>) => answer.lastResponse.headers['idempotent-replayed'] === 'true';

async function pendingFaults(): Promise<number> {
  const answer = await fetch(`${simulator.url}/_simulator/faults`);
  return ((await answer.json()) as { items: unknown[] }).items.length;
}

describe('a key', () => {
  test('answers a repeat with its first answer, marked as replayed, and does nothing again', async () => {
    const first = await create('k1');
    const second = await create('k1');
    expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
    expect(second).toEqual(first);
    const [created, replayed] = await journal();
    expect(created).toMatchObject({ effect: 'created', replayed: false, idempotencyKey: 'k1' });
    expect(replayed).toMatchObject({ effect: 'none', replayed: true, idempotencyKey: 'k1' });
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
  });

  test('answers with what was then, not with what is now', async () => {
    const { id } = await create('k1');
    await confirm(id, 'k2');
    expect(await create('k1')).toMatchObject({ id, status: 'requires_confirmation' });
  });

  test('repeats a decline, too', async () => {
    const { id } = await create('k1', { payment_method: 'pm_card_chargeDeclined' });
    const first = await errorOf(confirm(id, 'k2'));
    const second = await errorOf(confirm(id, 'k2'));
    expect(first.headers?.['idempotent-replayed']).toBeUndefined();
    expect(second.headers?.['idempotent-replayed']).toBe('true');
    expect(second).toMatchObject({ statusCode: 402, decline_code: 'generic_decline', message: first.message });
  });

  test('repeats a refund, and gives back once', async () => {
    const { id } = await create('k1', { confirm: true });
    const refund = () => stripe.refunds.create({ payment_intent: id, amount: 400 }, { idempotencyKey: 'r1' });
    expect((await refund()).id).toBe((await refund()).id);
    expect((await stripe.refunds.list({ payment_intent: id })).data).toHaveLength(1);
  });

  test('is refused with other parameters, or for another payment, and keeps its answer', async () => {
    const { id } = await create('k1');
    const refusal = { statusCode: 400, type: 'StripeIdempotencyError' };
    expect(await errorOf(create('k1', { amount: 2_000 }))).toMatchObject(refusal);
    const { id: other } = await create('k2');
    await confirm(id, 'k3');
    expect(await errorOf(confirm(other, 'k3'))).toMatchObject(refusal);
    expect(await stripe.paymentIntents.retrieve(other)).toMatchObject({ status: 'requires_confirmation' });
    expect(await create('k1')).toMatchObject({ id });
  });

  test('whose request was refused as it stood is free again', async () => {
    expect(await errorOf(create('k1', { amount: 0 }))).toMatchObject({ statusCode: 400 });
    expect(isReplay(await create('k1', { amount: 500 }))).toBe(false);
  });

  test('is refused with 409 while its first request is at work', async () => {
    const { id } = await create('k1');
    await inject({ operation: 'confirm', mode: 'delay', delayMs: 1_500 });
    const first = confirm(id, 'k2');
    await until(async () => (await pendingFaults()) === 0, 'the first request is at work');
    const second = await errorOf(confirm(id, 'k2'));
    expect(second).toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    expect(await first).toMatchObject({ status: 'succeeded' });
    expect(isReplay(await confirm(id, 'k2'))).toBe(true);
  });

  test('that a hundred requests share at once takes effect once', async () => {
    const { id } = await create('k1');
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => confirm(id, 'k2')));
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') expect(outcome.value.status).toBe('succeeded');
      else expect(outcome.reason).toMatchObject({ statusCode: 409 });
    }
    expect((await journal()).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
  });

  test('that two requests of one packet share takes effect once', async () => {
    const body = 'amount=1000&currency=eur&payment_method=pm_card_visa';
    const request = [
      'POST /v1/payment_intents HTTP/1.1',
      'Host: localhost',
      'Authorization: Bearer sk_test_simulated',
      'Idempotency-Key: k1',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
    let answers = '';
    const socket = connect(simulator.port, '127.0.0.1', () => void socket.write(request + request));
    socket.on('data', (data) => (answers += data.toString()));
    await until(() => answers.split('HTTP/1.1 ').length === 3, 'both answers');
    socket.destroy();
    expect((await stripe.paymentIntents.list()).data).toHaveLength(1);
  });
});

describe('a stored 500', () => {
  test.each([
    ['error_500', 'requires_confirmation'],
    ['error_500_after_effect', 'succeeded'],
  ])('(%s) is repeated for its key for ever, also after a restart; the payment is %s', async (mode, status) => {
    const { id } = await create('k1');
    await inject({ operation: 'confirm', mode, cached: true });
    const first = await errorOf(confirm(id, 'k2'));
    expect(first).toMatchObject({ statusCode: 500 });
    expect(first.headers?.['idempotent-replayed']).toBeUndefined();
    for (const pause of [() => Promise.resolve(), () => reopen(), () => Promise.resolve()]) {
      await pause();
      const repeated = await errorOf(confirm(id, 'k2'));
      expect(repeated).toMatchObject({ statusCode: 500 });
      expect(repeated.headers?.['idempotent-replayed']).toBe('true');
    }
    expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status });
  });

  test('leaves another key free', async () => {
    const { id } = await create('k1');
    await inject({ operation: 'confirm', mode: 'error_500', cached: true });
    await errorOf(confirm(id, 'k2'));
    expect(await confirm(id, 'k2:r2')).toMatchObject({ status: 'succeeded' });
  });

  test('never takes the place of an answer that the key has already', async () => {
    const { id } = await create('k1');
    await confirm(id, 'k2');
    await inject({ operation: 'confirm', mode: 'error_500', cached: true });
    expect(await errorOf(confirm(id, 'k2'))).toMatchObject({ statusCode: 500 });
    expect(await confirm(id, 'k2')).toMatchObject({ status: 'succeeded' });
  });

  test('is not there when nobody asked for it: the key is free after a plain 500', async () => {
    const { id } = await create('k1');
    await inject({ operation: 'confirm', mode: 'error_500' });
    await errorOf(confirm(id, 'k2'));
    const second = await confirm(id, 'k2');
    expect([second.status, isReplay(second)]).toEqual(['succeeded', false]);
  });
});

describe('the directory', () => {
  test.each([
    ['closed and opened again', () => reopen()],
    ['killed', () => reopenAsAfterAKill()],
  ])('holds payments, refunds, keys and the journal when the simulator is %s', async (_how, comeBack) => {
    const { id } = await create('k1', { metadata: { orderId: 'ord_1' } });
    const confirmed = await confirm(id, 'k2');
    const refund = await stripe.refunds.create({ payment_intent: id, amount: 300 });
    const before = await journal();
    await comeBack();

    expect(await journal()).toEqual(before);
    expect(await stripe.paymentIntents.retrieve(id)).toEqual(confirmed);
    expect(await stripe.refunds.retrieve(refund.id)).toEqual(refund);
    const replayed = await confirm(id, 'k2');
    expect(isReplay(replayed)).toBe(true);
    expect(replayed).toEqual(confirmed);
    expect(await errorOf(create('k1', { amount: 2_000 }))).toMatchObject({ type: 'StripeIdempotencyError' });
    const tooMuch = stripe.refunds.create({ payment_intent: id, amount: 701 });
    expect(await errorOf(tooMuch)).toMatchObject({ code: 'amount_too_large' });
  });

  test('loses no faultless answer: a simulator comes back healthy', async () => {
    await inject({ operation: 'any', mode: 'error_500', times: 'always' });
    await reopen();
    expect(await pendingFaults()).toBe(0);
    expect(await create('k1')).toMatchObject({ status: 'requires_confirmation' });
  });

  test.each(['{', '{"intents":[{"id":"pi_torn"', '{"intents":[],"journal":[]}'])(
    'survives a last line that a kill cut short (%s), and goes on after it',
    async (torn) => {
      const { id } = await create('k1');
      await simulator.close();
      const path = join(dataDir, 'payments.jsonl');
      const whole = await readFile(path, 'utf8');
      await appendFile(path, torn);
      await open(dataDir);
      expect(await readFile(path, 'utf8')).toBe(whole);
      await confirm(id, 'k2');
      await reopen();
      expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({ status: 'succeeded' });
    },
  );

  test('that is damaged in its middle is not opened: a witness must not forget', async () => {
    await create('k1');
    await appendFile(join(dataDir, 'payments.jsonl'), 'not an entry\n');
    const other = createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
    await expect(other).rejects.toThrow(SyntaxError);
  });

  test('takes what was settling when the simulator closed, and the rest is settled by the next', async () => {
    await reopen({ settleAfterMs: 60_000 });
    const method = 'pm_sim_processing_succeeds';
    const made = await Promise.all(
      Array.from({ length: 50 }, (_, index) => create(`k${index}`, { payment_method: method, confirm: true })),
    );
    await reopen({ settleAfterMs: 0 });
    const settled = async () => (await journal()).filter(({ operation }) => operation === 'settle');
    await until(async () => (await settled()).length > 0, 'settling has begun');
    await reopen({ settleAfterMs: 0 });
    await until(async () => (await settled()).length >= made.length, 'all is settled');
    expect(new Set((await settled()).map(({ paymentIntentId }) => paymentIntentId))).toEqual(
      new Set(made.map(({ id }) => id)),
    );
    expect((await settled()).map(({ effect }) => effect)).toEqual(made.map(() => 'captured'));
  });
});
