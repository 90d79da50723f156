// What is stored for a key and what is not, what a replay says of itself, and that no fault is lost on a refusal.
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { until } from '../../support/until.ts';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator();
});
afterAll(() => running.stop());
afterEach(async () => {
  await fetch(`${running.url()}/_simulator/faults`, { method: 'DELETE' });
});

let last = 0;
const newOrder = () => `ord_${(last += 1)}`;
const intents = () => running.stripe().paymentIntents;
const create = (orderId: string, more: Partial<Stripe.PaymentIntentCreateParams> = {}) =>
  intents().create(
    { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', metadata: { orderId }, ...more },
    { idempotencyKey: `${orderId}:create` },
  );
const isReplay = ({ headers }: { headers?: Record<string, string> | undefined }) =>
  headers?.['idempotent-replayed'] === 'true';

describe('a refusal', () => {
  test('for the state of a payment is stored: its key repeats it, also after a restart and when the state has changed', async () => {
    const orderId = newOrder();
    const { id } = await create(orderId);
    const refund = () => running.stripe().refunds.create({ payment_intent: id }, { idempotencyKey: `${orderId}:r` });
    const first = await errorOf(refund());
    expect([first.statusCode, first.code, isReplay(first)]).toEqual([400, 'payment_intent_unexpected_state', false]);
    await intents().confirm(id);
    await running.reopen();
    const again = await errorOf(refund());
    expect([again.statusCode, again.code, isReplay(again)]).toEqual([400, 'payment_intent_unexpected_state', true]);
    expect(await running.stripe().refunds.create({ payment_intent: id })).toMatchObject({ status: 'succeeded' });
  });

  test('of an unknown payment or method is not stored', async () => {
    const orderId = newOrder();
    const unknown = await errorOf(create(orderId, { payment_method: 'pm_unknown' }));
    expect(unknown).toMatchObject({ statusCode: 400, code: 'resource_missing' });
    expect(isReplay((await create(orderId)).lastResponse)).toBe(false);
  });
});

describe('a replay', () => {
  test('names the request that it repeats, and its key', async () => {
    const orderId = newOrder();
    const first = (await create(orderId)).lastResponse;
    const second = (await create(orderId)).lastResponse;
    expect(second.requestId).not.toBe(first.requestId);
    expect(second.headers).toMatchObject({
      'original-request': first.requestId,
      'idempotency-key': `${orderId}:create`,
    });
  });

  test('is journaled with its payment, or its refund', async () => {
    const orderId = newOrder();
    const { id } = await create(orderId, { confirm: true });
    await create(orderId, { confirm: true });
    const refund = () => running.stripe().refunds.create({ payment_intent: id }, { idempotencyKey: `${orderId}:r` });
    const { id: refundId } = await refund();
    await refund();
    const replays = (await running.journal(orderId)).filter(({ replayed }) => replayed);
    expect(replays).toMatchObject([
      { operation: 'create', effect: 'none', paymentIntentId: id },
      { operation: 'refund', effect: 'none', paymentIntentId: id, refundId },
    ]);
  });

  test('answers the same parameters in another order', async () => {
    const send = (body: string) =>
      running.send('POST', '/v1/payment_intents', {
        headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Idempotency-Key': 'any-order' },
        body,
      });
    const first = await send('amount=1000&currency=eur&metadata[a]=1&metadata[b]=2');
    const second = await send('metadata[b]=2&currency=eur&amount=1000&metadata[a]=1');
    expect(second.headers.get('Idempotent-Replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
  });
});

describe('a fault', () => {
  test('is not used up by a request that is refused for its key', async () => {
    const orderId = newOrder();
    const { id } = await create(orderId);
    const confirm = () => intents().confirm(id, {}, { idempotencyKey: `${orderId}:c` });
    await running.inject({ operation: 'confirm', mode: 'delay', delayMs: 1_000 });
    await running.inject({ operation: 'any', mode: 'drop_after_effect' });
    const first = confirm();
    await until(async () => (await running.faults()).length === 1, 'the first request is at work');
    expect(await errorOf(confirm())).toMatchObject({ statusCode: 409 });
    expect(await errorOf(create(orderId, { amount: 1 }))).toMatchObject({ statusCode: 400 });
    expect(await running.faults()).toMatchObject([{ struck: 0 }]);
    expect(await first).toMatchObject({ status: 'succeeded' });
    // Not through the client: it asks again when a connection closes under it.
    const headers = { 'Idempotency-Key': `${orderId}:c` };
    await expect(running.send('POST', `/v1/payment_intents/${id}/confirm`, { headers })).rejects.toThrow();
  });

  test('strikes searches as it strikes retrieving, and a refund through the order of its payment', async () => {
    const orderId = newOrder();
    const { id } = await create(orderId, { confirm: true });
    const refund = await running.stripe().refunds.create({ payment_intent: id });
    await running.inject({ operation: 'retrieve', mode: 'error_500', match: { orderId } });
    expect(await errorOf(running.stripe().refunds.retrieve(refund.id))).toMatchObject({ statusCode: 500 });
    await running.inject({ operation: 'retrieve', mode: 'error_500' });
    const query = `metadata['orderId']:'${orderId}'`;
    expect(await errorOf(intents().search({ query }))).toMatchObject({ statusCode: 500 });
  });

  test('strikes a request that is refused, too: its answer is lost', async () => {
    const orderId = newOrder();
    const { id } = await create(orderId, { confirm: true });
    await running.inject({ operation: 'cancel', mode: 'drop_after_effect' });
    await expect(running.send('POST', `/v1/payment_intents/${id}/cancel`)).rejects.toThrow();
    expect((await running.journal(orderId)).at(-1)).toMatchObject({ operation: 'cancel', effect: 'none' });
  });

  test('waits its delay before it acts, whatever its mode', async () => {
    await running.inject({ operation: 'create', mode: 'error_500', delayMs: 300 });
    const begin = performance.now();
    expect(await errorOf(create(newOrder()))).toMatchObject({ statusCode: 500 });
    // Timers may fire a little early.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(290);
  });

  test.each(['delay', 'drop_after_effect', 'error_429'])('%s can not be cached', async (mode) => {
    const answer = await running.control('faults', { operation: 'any', mode, cached: true, delayMs: 1 });
    expect(answer.status).toBe(400);
    expect(await running.faults()).toEqual([]);
  });
});

describe('the log', () => {
  test('has a payment once in the line of a request, though it is in the answer and the event as well', async () => {
    const { client_secret: secret } = await create(newOrder());
    const lines = (await readFile(join(running.dataDir, 'payments.jsonl'), 'utf8')).split('\n');
    const [line = ''] = lines.filter((one) => one.includes(String(secret)));
    expect(line.split(String(secret))).toHaveLength(2);
  });

  test('of an earlier version is read', async () => {
    const { lastResponse: _, ...intent } = await create(newOrder());
    const old = { ...intent, id: 'pi_old', metadata: { orderId: 'ord_old' } };
    const key = { key: 'old', fingerprint: 'f', answer: { status: 200, body: old } };
    await appendFile(join(running.dataDir, 'payments.jsonl'), `${JSON.stringify({ intents: [old], keys: [key] })}\n`);
    await running.reopen();
    expect(await intents().confirm('pi_old')).toMatchObject({ status: 'succeeded', metadata: { orderId: 'ord_old' } });
  });
});
