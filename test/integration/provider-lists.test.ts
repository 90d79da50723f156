// All that was made at the provider, page by page: what reconciliation and the recovery after a restore read.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import type { ListRequest, Page, PaymentProvider, ProviderAnswer, ProviderPayment } from '../../src/ports/payment.ts';
import { createPaymentSimulator, type PaymentSimulator } from '../../src/simulator/payment/server.ts';

let dataDir: string;
let simulator: PaymentSimulator;
let provider: PaymentProvider;
const made: ProviderPayment[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'lists-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
  provider = createStripeProvider({ apiKey: 'sk_test_simulated', apiBase: simulator.url, timeoutMs: 10_000 });
  for (const ordinal of [1, 2, 3, 4, 5]) {
    const orderId = `ord_${ordinal}`;
    const key = `${orderId}:create:1`;
    const request = { key, orderId, amountMinor: 1_000, currency: 'EUR', paymentMethod: 'pm_card_visa' };
    made.unshift(done(await provider.create(request)));
  }
});
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

function done<T>(answer: ProviderAnswer<T>): T {
  if ('done' in answer) return answer.done;
  throw new Error('Expected the call to be done', { cause: answer });
}

async function allOf<T>(list: (request: ListRequest) => Promise<ProviderAnswer<Page<T>>>, span: Partial<ListRequest>) {
  const everything = { createdFrom: '2020-01-01T00:00:00.000Z', createdBefore: '2100-01-01T00:00:00.000Z', limit: 2 };
  const pages: (readonly T[])[] = [];
  for (let cursor: string | null = null; ;) {
    const page: Page<T> = done(await list({ ...everything, ...span, cursor }));
    pages.push(page.items);
    cursor = page.next;
    if (cursor === null) return pages;
  }
}

test('all payments, newest first, each with its order, its key and when it was made', async () => {
  const pages = await allOf(provider.list, {});
  expect(pages.map(({ length }) => length)).toEqual([2, 2, 1]);
  expect(pages.flat().map(({ providerId }) => providerId)).toEqual(made.map(({ providerId }) => providerId));
  expect(pages.flat()[0]).toMatchObject({ orderId: 'ord_5', key: 'ord_5:create:1', state: { kind: 'unconfirmed' } });
  expect(Math.abs(Date.now() - Date.parse(pages.flat()[0]?.createdAt ?? ''))).toBeLessThan(60_000);
});

test('spans that touch neither overlap nor leave a gap', async () => {
  const middle = made[2]?.createdAt ?? '';
  const before = await allOf(provider.list, { createdBefore: middle });
  const from = await allOf(provider.list, { createdFrom: middle });
  expect([...from.flat(), ...before.flat()].map(({ providerId }) => providerId)).toEqual(
    made.map(({ providerId }) => providerId),
  );
});

test('all refunds, whoever made them, each with its payment', async () => {
  const refunds: { refundId: string; paymentId: string; key: string | null }[] = [];
  for (const { providerId, orderId } of made.slice(0, 3)) {
    await provider.confirm({ key: `${orderId}:confirm:1`, providerId });
    const key = `${orderId}:refund:1`;
    const { refundId } = done(await provider.refund({ key, providerId, amountMinor: 400 }));
    refunds.unshift({ refundId, paymentId: providerId, key });
  }
  const pages = await allOf(provider.listAllRefunds, {});
  expect(pages.map(({ length }) => length)).toEqual([2, 1]);
  expect(pages.flat()).toMatchObject(refunds);
  expect(await allOf(provider.listAllRefunds, { createdBefore: '2021-01-01T00:00:00.000Z' })).toEqual([[]]);
});

test('all disputes, newest first, each with its payment and what it has moved; decided, it keeps its place', async () => {
  const disputes: { disputeId: string; paymentId: string }[] = [];
  for (const ordinal of [1, 2, 3]) {
    const key = `ord_${ordinal}:create:2`;
    const order = { key, orderId: `ord_${ordinal}`, amountMinor: 700, currency: 'EUR', paymentMethod: 'pm_card_visa' };
    const { providerId } = done(await provider.create(order));
    await provider.confirm({ key: `ord_${ordinal}:confirm:2`, providerId });
    disputes.unshift({ disputeId: await control(`payment_intents/${providerId}/dispute`, {}), paymentId: providerId });
  }
  await control(`disputes/${disputes[2]?.disputeId ?? ''}/decide`, { outcome: 'won' });
  const pages = await allOf(provider.listAllDisputes, {});
  expect(pages.map(({ length }) => length)).toEqual([2, 1]);
  expect(pages.flat()).toMatchObject(disputes);
  expect(pages.flat().map(({ dispute }) => 'state' in dispute && [dispute.state, dispute.movements.length])).toEqual([
    ['open', 1],
    ['open', 1],
    ['won', 2],
  ]);
  const [newest] = pages.flat();
  expect(Math.abs(Date.now() - Date.parse(newest?.createdAt ?? ''))).toBeLessThan(60_000);
  expect(done(await provider.findDispute({ disputeId: newest?.disputeId ?? '' }))).toEqual(newest);
  expect(await provider.findDispute({ disputeId: 'du_unknown' })).toEqual({
    refused: expect.stringContaining('du_unknown'),
  });
  expect(await allOf(provider.listAllDisputes, { createdBefore: '2021-01-01T00:00:00.000Z' })).toEqual([[]]);
});

async function control(path: string, body: object): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(`${simulator.url}/_simulator/${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  return ((await answer.json()) as { id: string }).id;
}
