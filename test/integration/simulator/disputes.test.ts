// Disputes as Stripe has them: the bank takes the money of a charge back, evidence (or giving in) decides, events tell of it, and
// the journal keeps what moved.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { until } from '../../support/until.ts';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator({ settleAfterMs: 100 });
});
afterAll(() => running.stop());

const stripe = () => running.stripe();
let lastOrder = 0;

async function paid(paymentMethod = 'pm_card_visa'): Promise<Stripe.PaymentIntent & { orderId: string }> {
  const orderId = `ord_${(lastOrder += 1)}`;
  const wanted = { amount: 1_000, currency: 'eur', payment_method: paymentMethod, confirm: true };
  return { ...(await stripe().paymentIntents.create({ ...wanted, metadata: { orderId } })), orderId };
}

async function disputed(opening: object = {}, paymentMethod?: string) {
  const intent = await paid(paymentMethod);
  const answer = await running.control(`payment_intents/${intent.id}/dispute`, opening);
  expect(answer.status).toBe(201);
  return { intent, dispute: (await answer.json()) as Stripe.Dispute };
}

const decide = (id: string, decision: object): Promise<Response> => running.control(`disputes/${id}/decide`, decision);

const moved = ({ balance_transactions: moves }: Stripe.Dispute): number[] => moves.map(({ amount }) => amount);

async function effectsOf(orderId: string): Promise<[string, string, number][]> {
  const items = (await running.journal(orderId)).filter(({ effect }) => effect !== 'none');
  return items.map(({ operation, effect, amountMinor }) => [operation, effect, amountMinor]);
}

async function eventsOf(disputeId: string): Promise<string[]> {
  const types: string[] = [];
  for await (const { type, data } of stripe().events.list({ limit: 100 }))
    if ('id' in data.object && data.object.id === disputeId) types.unshift(type.replace('charge.dispute.', ''));
  return types;
}

describe('a dispute', () => {
  test.each([
    ['pm_card_createDispute', 'needs_response', 'fraudulent', [-1_000]],
    ['pm_card_createDisputeProductNotReceived', 'needs_response', 'product_not_received', [-1_000]],
    ['pm_card_createDisputeInquiry', 'warning_needs_response', 'fraudulent', []],
  ] as const)('comes a moment after a charge of %s succeeded, once', async (method, status, reason, moves) => {
    const intent = await paid(method);
    expect(intent.status).toBe('succeeded');
    const list = () => stripe().disputes.list({ payment_intent: intent.id });
    await until(async () => (await list()).data.length > 0, 'the dispute');
    await running.reopen({ settleAfterMs: 0 });
    const { data } = await list();
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^du_/),
      object: 'dispute',
      ...{ status, reason, amount: 1_000, currency: 'eur', charge: intent.latest_charge, payment_intent: intent.id },
      is_charge_refundable: moves.length === 0,
      evidence_details: { has_evidence: false, submission_count: 0, due_by: expect.any(Number) },
    });
    expect(data.map(moved)).toEqual([moves]);
  });

  test('takes the money back at once, and a fee that is not part of the amount', async () => {
    const { intent, dispute } = await disputed({ amount: 400, reason: 'duplicate' });
    expect(dispute).toMatchObject({
      amount: 400,
      reason: 'duplicate',
      balance_transactions: [{ amount: -400, fee: 1_500, net: -1_900, currency: 'eur', source: dispute.id }],
    });
    expect(await effectsOf(intent.orderId)).toEqual([
      ['create', 'captured', 1_000],
      ['dispute', 'disputed', 400],
    ]);
    expect(await eventsOf(dispute.id)).toEqual(['created', 'funds_withdrawn']);
    expect(await stripe().disputes.retrieve(dispute.id)).toMatchObject({ id: dispute.id, amount: 400 });
  });

  test('that is silent moves the money and tells nobody', async () => {
    const { intent, dispute } = await disputed({ silent: true });
    await decide(dispute.id, { outcome: 'lost', reinstated: 100, silent: true });
    expect(await eventsOf(dispute.id)).toEqual([]);
    expect((await effectsOf(intent.orderId)).slice(1).map((effect) => effect.slice(1))).toEqual([
      ['disputed', 1_000],
      ['reinstated', 100],
    ]);
    expect(moved(await stripe().disputes.retrieve(dispute.id))).toEqual([-1_000, 100]);
  });

  test('is won by the bank’s decision or by the evidence of test mode: the money comes back', async () => {
    const one = await disputed();
    expect((await decide(one.dispute.id, { outcome: 'won' })).status).toBe(200);
    const other = await disputed();
    await stripe().disputes.update(other.dispute.id, { evidence: { uncategorized_text: 'winning_evidence' } });
    for (const { intent, dispute } of [one, other]) {
      const won = await stripe().disputes.retrieve(dispute.id);
      expect([won.status, moved(won), won.is_charge_refundable]).toEqual(['won', [-1_000, 1_000], true]);
      expect((await effectsOf(intent.orderId)).at(-1)?.slice(1)).toEqual(['reinstated', 1_000]);
      expect((await eventsOf(dispute.id)).slice(-2)).toEqual(['funds_reinstated', 'closed']);
    }
  });

  test('is lost by the decision, by bad evidence, or by giving in: the money stays away', async () => {
    const [one, other, third] = [await disputed(), await disputed(), await disputed()];
    await decide(one.dispute.id, { outcome: 'lost' });
    await stripe().disputes.update(other.dispute.id, { evidence: { uncategorized_text: 'losing_evidence' } });
    expect(await stripe().disputes.close(third.dispute.id)).toMatchObject({ status: 'lost' });
    for (const { intent, dispute } of [one, other, third]) {
      const lost = await stripe().disputes.retrieve(dispute.id);
      expect([lost.status, moved(lost), lost.is_charge_refundable]).toEqual(['lost', [-1_000], false]);
      expect((await effectsOf(intent.orderId)).map(([, effect]) => effect)).toEqual(['captured', 'disputed']);
      expect((await eventsOf(dispute.id)).at(-1)).toBe('closed');
    }
  });

  test('that is lost in part brings the other part back', async () => {
    const { intent, dispute } = await disputed();
    await decide(dispute.id, { outcome: 'lost', reinstated: 300 });
    const lost = await stripe().disputes.retrieve(dispute.id);
    expect([lost.status, moved(lost)]).toEqual(['lost', [-1_000, 300]]);
    expect((await effectsOf(intent.orderId)).at(-1)).toEqual(['decide_dispute', 'reinstated', 300]);
  });

  test('is under review with evidence of any other kind, and can still be decided', async () => {
    const { dispute } = await disputed();
    const evidence = { uncategorized_text: 'a photograph of the parcel' };
    expect(await stripe().disputes.update(dispute.id, { evidence, submit: false })).toMatchObject({
      status: 'needs_response',
      evidence_details: { has_evidence: true, submission_count: 0 },
    });
    expect(await stripe().disputes.update(dispute.id, { evidence })).toMatchObject({
      status: 'under_review',
      evidence_details: { submission_count: 1 },
    });
    await decide(dispute.id, { outcome: 'won' });
    const types = ['created', 'funds_withdrawn', 'updated', 'updated', 'funds_reinstated', 'closed'];
    expect(await eventsOf(dispute.id)).toEqual(types);
  });

  test('is decided once', async () => {
    const { dispute } = await disputed();
    await decide(dispute.id, { outcome: 'won' });
    expect((await decide(dispute.id, { outcome: 'lost' })).status).toBe(400);
    for (const again of [stripe().disputes.close(dispute.id), stripe().disputes.update(dispute.id, {})])
      expect(await errorOf(again)).toMatchObject({ statusCode: 400, message: 'This dispute is already closed.' });
    expect(await errorOf(stripe().disputes.retrieve('du_unknown'))).toMatchObject({ code: 'resource_missing' });
  });

  test('needs a payment that succeeded and is not disputed already, and of no more than was paid', async () => {
    const { intent } = await disputed();
    const { id: unpaid } = await stripe().paymentIntents.create({ amount: 1_000, currency: 'eur' });
    const { id: other } = await paid();
    const refused = [
      [intent.id, {}],
      [unpaid, {}],
      [other, { amount: 1_001 }],
      [other, { amount: 0 }],
      [other, { surprise: true }],
    ] as const;
    for (const [id, opening] of refused)
      expect((await running.control(`payment_intents/${id}/dispute`, opening)).status).toBe(400);
    expect((await running.control('payment_intents/pi_unknown/dispute', {})).status).toBe(404);
  });
});

describe('an inquiry', () => {
  test('moves no money, and may become a chargeback, which does', async () => {
    const { intent, dispute } = await disputed({ inquiry: true });
    expect([dispute.status, moved(dispute)]).toEqual(['warning_needs_response', []]);
    expect((await decide(dispute.id, { outcome: 'lost' })).status).toBe(400);
    await decide(dispute.id, { outcome: 'chargeback' });
    const grown = await stripe().disputes.retrieve(dispute.id);
    expect([grown.status, moved(grown)]).toEqual(['needs_response', [-1_000]]);
    expect(await eventsOf(dispute.id)).toEqual(['created', 'funds_withdrawn', 'updated']);
    expect((await effectsOf(intent.orderId)).at(-1)).toEqual(['decide_dispute', 'disputed', 1_000]);
  });

  test('is closed without a trace in the money', async () => {
    const { intent, dispute } = await disputed({ inquiry: true });
    await decide(dispute.id, { outcome: 'won' });
    expect(await stripe().disputes.retrieve(dispute.id)).toMatchObject({ status: 'warning_closed' });
    expect(await effectsOf(intent.orderId)).toEqual([['create', 'captured', 1_000]]);
  });
});

describe('a refund of a disputed charge', () => {
  const refund = (id: string) => stripe().refunds.create({ payment_intent: id });

  test('is refused while the dispute is open, and for ever when it is lost', async () => {
    const { intent, dispute } = await disputed({ amount: 400 });
    const refused = { statusCode: 400, code: 'charge_disputed', message: expect.stringContaining('charged back') };
    expect(await errorOf(refund(intent.id))).toMatchObject(refused);
    await decide(dispute.id, { outcome: 'lost' });
    expect(await errorOf(refund(intent.id))).toMatchObject(refused);
  });

  test('is possible during an inquiry, and after a dispute that was won', async () => {
    const asked = await disputed({ inquiry: true });
    expect(await refund(asked.intent.id)).toMatchObject({ status: 'succeeded', amount: 1_000 });
    const won = await disputed();
    await decide(won.dispute.id, { outcome: 'won' });
    expect(await refund(won.intent.id)).toMatchObject({ status: 'succeeded', amount: 1_000 });
  });
});

test('disputes are listed by payment, by charge and by time, newest first', async () => {
  const { intent, dispute } = await disputed();
  const list = async (wanted: Stripe.DisputeListParams): Promise<string[]> =>
    (await stripe().disputes.list(wanted)).data.map(({ id }) => id);
  expect(await list({ payment_intent: intent.id })).toEqual([dispute.id]);
  expect(await list({ charge: dispute.charge as string })).toEqual([dispute.id]);
  expect((await list({}))[0]).toBe(dispute.id);
  expect(await list({ created: { gt: dispute.created + 60 } })).toEqual([]);
  expect(await errorOf(list({ surprise: 1 } as Stripe.DisputeListParams))).toMatchObject({ code: 'parameter_unknown' });
});
