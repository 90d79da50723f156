// Disputes (chargebacks) and what others do to a payment, through the whole product: the provider's webhooks in, orders and
// explanations out.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dashboard, decideDispute, followUps, parks, providerIdOf } from '../support/follow-ups.ts';
import { closeChecked } from '../support/invariants.ts';
import { postResolution } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

/** Waits until nothing is left to be decided about the payment. */
async function followedUp(id: string, paymentId?: string): Promise<void> {
  const workflowId = `${id}:payment:${paymentId ?? (await providerIdOf(stack, id))}`;
  await stack.temporal.workflow.getHandle(workflowId).result();
}

async function sold(paymentMethod: string): Promise<string> {
  const { id } = await placeOrder(stack.url, { paymentMethod });
  accepted.push(id);
  expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed' });
  return id;
}

test.each(followUps.map((path) => [path.name, path] as const))(
  'the path %s ends as it should',
  async (_name, { walk, ends }) => {
    const { orderId } = await walk(stack);
    accepted.push(orderId);
    expect(await getOrder(stack.url, orderId)).toMatchObject(ends);
  },
  60_000,
);

describe('a sold order whose payment is disputed', () => {
  test('is in front of an operator, who reads what is left and until when to answer, and it is well again once won', async () => {
    const id = await sold('pm_card_createDispute');
    await parks(stack, id, 'evidence is due by');
    expect(await getOrder(stack.url, id)).toMatchObject({
      status: 'confirmed',
      payment: { state: 'captured', capturedMinor: 1_000, refundedMinor: 0, disputedMinor: 1_000 },
    });
    const explanation = (await (await fetch(`${stack.url}/orders/${id}/explanation`)).json()) as object;
    expect(explanation).toMatchObject({
      waitingFor: { what: expect.stringContaining('0 are left'), until: expect.stringMatching(/^20.+Z$/) },
      mustAct: { who: 'operator' },
      possibleActions: ['retry', 'skip'],
      money: { disputedMinor: 1_000, balanceMinor: 0, sentence: expect.stringContaining('taken back by a dispute') },
      disputes: [{ state: 'open', reason: 'fraudulent', amountMinor: 1_000 }],
      atStake: { amountMinor: 1_000 },
      parked: [{ atStake: { amountMinor: 1_000, sentence: expect.stringContaining('the bank holds 1000 EUR') } }],
    });
    await decideDispute(stack, id, { outcome: 'won' });
    await followedUp(id);
    expect(await getOrder(stack.url, id)).toMatchObject({
      attention: null,
      payment: { state: 'captured', disputedMinor: 0 },
    });
    const types = (await eventTypesOf(stack.url, id)).slice(4);
    expect(types).toEqual(expect.arrayContaining(['payment.disputed', 'order.parked', 'payment.dispute_closed']));
    expect(types.filter((type) => type.startsWith('payment.'))).toEqual(['payment.disputed', 'payment.dispute_closed']);
  });

  test('is acknowledged over HTTP, and its notices ten times later say nothing new', async () => {
    const id = await sold('pm_card_createDisputeProductNotReceived');
    await parks(stack, id, 'product_not_received');
    expect((await postResolution(stack.url, id, { action: 'skip', reason: 'we accept it' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, id)).attention === null, 'it is not parked any more');
    // Nobody here is asked any more, and still somebody decides.
    expect(await (await fetch(`${stack.url}/orders/${id}/explanation`)).json()).toMatchObject({
      waitingFor: { what: expect.stringContaining('the bank’s decision'), until: expect.stringMatching(/^20.+Z$/) },
      mustAct: { who: 'provider' },
      atStake: { amountMinor: 1_000 },
    });
    await decideDispute(stack, id, { outcome: 'lost' });
    await until(async () => (await eventTypesOf(stack.url, id)).at(-1) === 'payment.dispute_closed', 'it is lost');
    const before = await eventTypesOf(stack.url, id);
    const { rows } = await stack.db.query<{ event_id: string }>(
      'select n.event_id from payment_notices n join disputes d using (dispute_id) where d.order_id = $1',
      [id],
    );
    expect(rows.length).toBeGreaterThanOrEqual(2);
    for (let time = 0; time < 10; time += 1)
      for (const { event_id: event } of rows)
        await fetch(`${stack.simulatorUrl}/_simulator/events/${event}/redeliver`, { method: 'POST' });
    const left =
      'select 1 from payment_notices n join disputes d using (dispute_id) where d.order_id = $1 and due_at is not null';
    await until(async () => (await stack.db.query(left, [id])).rows.length === 0, 'every notice is done with');
    expect(await eventTypesOf(stack.url, id)).toEqual(before);
    expect(await getOrder(stack.url, id)).toMatchObject({ attention: null, payment: { disputedMinor: 1_000 } });
  });
});

test('money for a rejected order that is disputed before it is given back goes back once, whoever wins', async () => {
  const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  accepted.push(id);
  await settledOrder(stack.url, id);
  const wanted = { amount: '700', currency: 'eur', payment_method: 'pm_card_createDispute', confirm: 'true' };
  const paymentId = await dashboard(stack, 'payment_intents', { ...wanted, 'metadata[orderId]': id });
  await until(async () => (await eventTypesOf(stack.url, id)).includes('payment.disputed'), 'the dispute is known');
  await parks(stack, id, 'is open');
  await decideDispute(stack, id, { outcome: 'won' });
  const balance = async (): Promise<unknown> =>
    (
      await stack.db.query(
        'select kind, sum(amount_minor)::int as sum from ledger where order_id = $1 group by kind order by kind',
        [id],
      )
    ).rows;
  await followedUp(id, paymentId);
  // Given back by us before the dispute or after the win; never while the bank had it.
  const refunds = (await stack.journal(id)).filter(({ effect }) => effect === 'refunded');
  expect({ refunds: refunds.length, books: await balance() }).toEqual({
    refunds: 1,
    books: [
      { kind: 'captured', sum: 700 },
      { kind: 'disputed', sum: -700 },
      { kind: 'refunded', sum: -700 },
      { kind: 'reinstated', sum: 700 },
    ],
  });
  expect(paymentId).not.toBe(await providerIdOf(stack, id));
  expect(await getOrder(stack.url, id)).toMatchObject({ status: 'rejected' });
});
