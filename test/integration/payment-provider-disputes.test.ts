// Stripe's disputes in our words: by the movements of money that they made, over all pages; and what stands in a refund's way.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { toDispute, toListedDispute } from '../../src/adapters/payment/stripe-dispute.ts';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import type { PaymentProvider, ProviderAnswer, ProviderDispute } from '../../src/ports/payment.ts';
import { startSimulator, type Running } from './simulator/running.ts';

let running: Running;
let provider: PaymentProvider;
beforeAll(async () => {
  running = await startSimulator();
  provider = createStripeProvider({ apiKey: 'sk_test_1', apiBase: running.url(), timeoutMs: 10_000 });
});
afterAll(() => running.stop());

async function paid(): Promise<string> {
  const wanted = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
  return (await running.stripe().paymentIntents.create(wanted)).id;
}

async function control(path: string, body: object): Promise<string> {
  return ((await (await running.control(path, body)).json()) as { id: string }).id;
}
const dispute = (paymentId: string, opening: object = {}) => control(`payment_intents/${paymentId}/dispute`, opening);
const decide = (disputeId: string, decision: object) => control(`disputes/${disputeId}/decide`, decision);

function done<T>(answer: ProviderAnswer<T>): T {
  if ('done' in answer) return answer.done;
  throw new Error('Expected the call to be done', { cause: answer });
}
const list = async (providerId: string): Promise<readonly ProviderDispute[]> =>
  done(await provider.listDisputes({ providerId }));
const amountsOf = ({ movements }: ProviderDispute): number[] => movements.map(({ amountMinor }) => amountMinor);

describe('disputes of a payment', () => {
  test('are none when nobody disputes it', async () => {
    expect(await list(await paid())).toEqual([]);
  });

  test('are told with what they took, and until when they can be answered', async () => {
    const providerId = await paid();
    const disputeId = await dispute(providerId, { amount: 400, reason: 'duplicate' });
    expect(await list(providerId)).toEqual([
      {
        ...{ disputeId, amountMinor: 400, currency: 'EUR', reason: 'duplicate', state: 'open' },
        evidenceDueAt: expect.stringMatching(/^\d{4}-.+Z$/),
        movements: [{ movementId: expect.stringMatching(/^txn_/), amountMinor: -400 }],
      },
    ]);
  });

  test.each([
    ['won', { outcome: 'won' }, [-1_000, 1_000]],
    ['lost', { outcome: 'lost' }, [-1_000]],
    ['lost', { outcome: 'lost', reinstated: 300 }, [-1_000, 300]],
  ] as const)('are %s by %j, and have moved %j', async (state, decision, moved) => {
    const providerId = await paid();
    await decide(await dispute(providerId), decision);
    const disputes = await list(providerId);
    expect(disputes.map((one) => [one.state, amountsOf(one)])).toEqual([[state, moved]]);
  });

  test('move nothing as inquiries, which are won when they are closed', async () => {
    const providerId = await paid();
    const disputeId = await dispute(providerId, { inquiry: true });
    expect(await list(providerId)).toMatchObject([{ state: 'open', movements: [] }]);
    await decide(disputeId, { outcome: 'won' });
    expect(await list(providerId)).toMatchObject([{ state: 'won', movements: [] }]);
  });
});

describe('a dispute of an account that settles in another currency', () => {
  const transaction = (amount: number) => ({ id: 'txn_1', amount, currency: 'usd' }) as Stripe.BalanceTransaction;
  const disputed = (status: string, ...amounts: number[]): Stripe.Dispute => {
    const details = { due_by: null } as Stripe.Dispute['evidence_details'];
    const amount = { amount: 1_000, currency: 'eur', balance_transactions: amounts.map(transaction) };
    return { id: 'du_1', status, reason: 'general', evidence_details: details, ...amount } as Stripe.Dispute;
  };

  test('moves the disputed amount, there and back', () => {
    expect(amountsOf(toDispute(disputed('won', -1_100, 1_090)))).toEqual([-1_000, 1_000]);
    expect(toDispute(disputed('needs_response', -1_100))).toMatchObject({ evidenceDueAt: null, state: 'open' });
  });

  test('can not say which part of a lost one came back, and says so; nor what a status means that is not known', () => {
    expect(() => toDispute(disputed('lost', -1_100, 300))).toThrow('Expected what du_1 gave back');
    expect(() => toDispute(disputed('reborn'))).toThrow('found reborn');
  });

  test('and is unclear does not hide the others of a list; nor does one of no payment of this kind', () => {
    const listed = (status: string, payment: string | null): Stripe.Dispute => ({
      ...disputed(status, -1_100),
      payment_intent: payment,
      created: 1_700_000_000,
    });
    const disputes = [listed('reborn', 'pi_1'), listed('lost', null), listed('lost', 'pi_2')].flatMap(toListedDispute);
    expect(disputes).toMatchObject([
      {
        paymentId: 'pi_1',
        createdAt: '2023-11-14T22:13:20.000Z',
        dispute: { unclear: expect.stringContaining('reborn') },
      },
      { paymentId: 'pi_2', dispute: { state: 'lost', movements: [{ amountMinor: -1_000 }] } },
    ]);
  });
});

test('a refund that is refused for a dispute is stuck under its key, and possible under another once that is won', async () => {
  const providerId = await paid();
  const disputeId = await dispute(providerId);
  const refund = (key: string) => provider.refund({ key: `${providerId}:${key}`, providerId, amountMinor: 1_000 });
  expect(await refund('first')).toEqual({ refused: expect.stringContaining('charge_disputed') });
  await decide(disputeId, { outcome: 'won' });
  expect(await refund('first')).toEqual({ stuck: expect.stringContaining('charged back') });
  expect(await refund('second')).toMatchObject({ done: { amountMinor: 1_000, state: 'succeeded' } });
});
