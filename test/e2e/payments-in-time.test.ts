// Payments that take their time, come late, or come from somebody else: whatever happens when, the order ends in an allowed
// state, and what is taken is what it is worth.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const CUSTOMER_WAIT_MS = 6_000;
const THREE_D_SECURE = 'pm_card_threeDSecure2Required';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true, env: { CUSTOMER_WAIT_LIMIT_MS: String(CUSTOMER_WAIT_MS) } });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

async function place(wanted: Parameters<typeof placeOrder>[1]): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  accepted.push(id);
  return id;
}

async function waitsForCustomer(id: string): Promise<void> {
  const isWaiting = async (): Promise<boolean> => (await getOrder(stack.url, id)).waiting?.for === 'customer';
  await until(isWaiting, 'the order waits for its customer');
}

const simulator = (path: string, body: object): Promise<Response> =>
  fetch(`${stack.simulatorUrl}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** A request to the provider that is not ours, as one makes it in the dashboard. */
async function dashboard(path: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(`${stack.simulatorUrl}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_dashboard' },
    body: new URLSearchParams(parameters),
  });
  return ((await answer.json()) as { id: string }).id;
}

async function providerIdOf(id: string): Promise<string> {
  const { rows } = await stack.db.query<{ provider_id: string }>(
    'select provider_id from payments where order_id = $1 order by ordinal desc limit 1',
    [id],
  );
  return rows[0]?.provider_id ?? '';
}

const authenticate = async (id: string, outcome: 'succeed' | 'fail'): Promise<Response> =>
  simulator(`/_simulator/payment_intents/${await providerIdOf(id)}/authenticate`, { outcome });

describe('a payment that its customer has to authenticate', () => {
  test('waits, hands the secret to the customer alone, and is confirmed once the customer is done', async () => {
    const id = await place({ paymentMethod: THREE_D_SECURE });
    await waitsForCustomer(id);
    const action = await fetch(`${stack.url}/orders/${id}/payment-action`);
    const { paymentId, clientSecret } = (await action.json()) as { paymentId: string; clientSecret: string };
    expect({ status: action.status, paymentId }).toEqual({ status: 200, paymentId: await providerIdOf(id) });
    expect(clientSecret).toMatch(/^pi_.+_secret_/);

    await authenticate(id, 'succeed');
    expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed', waiting: null });
    expect(await eventTypesOf(stack.url, id)).toEqual([
      'order.placed',
      'inventory.reserved',
      'payment.action_required',
      'payment.captured',
      'order.confirmed',
    ]);
    // The secret stands nowhere of ours.
    const history = JSON.stringify(await stack.temporal.workflow.getHandle(id).fetchHistory());
    const { rows } = await stack.db.query<{ found: boolean }>(
      `select exists (select 1 from events where data::text like $1) or exists (select 1 from idempotency_keys where answer_body like $1)
         or exists (select 1 from payments where payments::text like $1) as found`,
      [`%${clientSecret}%`],
    );
    expect([history.includes(clientSecret), rows[0]?.found]).toEqual([false, false]);
    expect((await fetch(`${stack.url}/orders/${id}/payment-action`)).status).toBe(409);
  });

  test('is declined when authenticating fails', async () => {
    const id = await place({ paymentMethod: THREE_D_SECURE });
    await waitsForCustomer(id);
    await authenticate(id, 'fail');
    expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'rejected', payment: { state: 'declined' } });
  });

  test('is void when nobody comes: the stock is free, and the order says why', async () => {
    const id = await place({ paymentMethod: THREE_D_SECURE });
    expect(await settledOrder(stack.url, id)).toMatchObject({
      status: 'rejected',
      waiting: null,
      rejection: { code: 'payment.expired' },
      payment: { state: 'voided', capturedMinor: 0 },
    });
    // Too late now: at the provider it is cancelled.
    expect((await authenticate(id, 'succeed')).status).toBe(400);
  });
});

describe('a second chance after a decline', () => {
  const give = (id: string, paymentMethod: string, key: string = randomUUID()): Promise<Response> =>
    fetch(`${stack.url}/orders/${id}/payment-method`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify({ paymentMethod }),
    });

  test('is taken by another method: each try one payment, the first impossible before the second, one capture', async () => {
    const id = await place({ paymentMethod: 'pm_card_chargeDeclined', extra: { paymentRetryMinutes: 5 } });
    await waitsForCustomer(id);
    expect((await give(id, 'pm_card_chargeDeclinedInsufficientFunds')).status).toBe(202);
    await until(
      async () =>
        (await eventTypesOf(stack.url, id)).filter((type) => type === 'payment.method_requested').length === 2,
      'asked again',
    );
    const key = randomUUID();
    const first = await give(id, 'pm_card_visa', key);
    const repeat = await give(id, 'pm_card_visa', key);
    expect([first.status, repeat.status, repeat.headers.get('Idempotency-Replayed')]).toEqual([202, 202, 'true']);
    expect(await repeat.text()).toBe(await first.text());

    expect(await settledOrder(stack.url, id)).toMatchObject({ status: 'confirmed', payment: { capturedMinor: 1_000 } });
    const effects = (await stack.journal(id)).map(({ effect }) => effect).filter((effect) => effect !== 'none');
    expect(effects).toEqual(['created', 'canceled', 'created', 'canceled', 'created', 'captured']);
    expect((await give(id, 'pm_card_visa')).status).toBe(409);
  });

  test('that nobody takes ends the order with the decline it had', async () => {
    const other = await stack.startApi({ PAYMENT_RETRY_LIMIT_MS: '2000' }, await freePort());
    const { id } = await placeOrder(other.url, { paymentMethod: 'pm_card_chargeDeclined' });
    accepted.push(id);
    expect(await settledOrder(stack.url, id)).toMatchObject({
      status: 'rejected',
      rejection: { code: 'payment.declined' },
    });
    await other.stop(12_000);
  });

  test('is refused where none is waited for, and for absent orders', async () => {
    const id = await place({});
    await settledOrder(stack.url, id);
    expect((await give(id, 'pm_card_visa')).status).toBe(409);
    expect((await give('order_01kax3v7ehe4sbg0krv6m4fxxv', 'pm_card_visa')).status).toBe(404);
  });
});

describe('money that is not ours to take', () => {
  test('for an order that has ended is given back, and the order stays as it ended', async () => {
    const id = await place({ paymentMethod: 'pm_card_chargeDeclined' });
    await settledOrder(stack.url, id);
    await dashboard('payment_intents', {
      amount: '700',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: 'true',
      'metadata[orderId]': id,
    });
    await until(async () => (await eventTypesOf(stack.url, id)).includes('payment.refunded'), 'it is given back');
    expect(await getOrder(stack.url, id)).toMatchObject({ status: 'rejected', payment: { state: 'declined' } });
    const { rows } = await stack.db.query('select amount_minor from ledger where order_id = $1 order by id', [id]);
    expect(rows).toEqual([{ amount_minor: 700 }, { amount_minor: -700 }]);
  });

  test('beside what a sold order has paid is given back too', async () => {
    const id = await place({});
    await settledOrder(stack.url, id);
    await dashboard('payment_intents', {
      amount: '1000',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      confirm: 'true',
      'metadata[orderId]': id,
    });
    await until(async () => (await eventTypesOf(stack.url, id)).includes('payment.refunded'), 'it is given back');
    expect(await getOrder(stack.url, id)).toMatchObject({ status: 'confirmed', payment: { state: 'captured' } });
  });

  test('a refund that somebody made of a sold order stands in the ledger, and somebody has to look', async () => {
    const id = await place({});
    await settledOrder(stack.url, id);
    await dashboard('refunds', { payment_intent: await providerIdOf(id), amount: '400' });
    await until(async () => (await getOrder(stack.url, id)).attention?.step === 'follow-payment', 'it parks');
    expect(await getOrder(stack.url, id)).toMatchObject({
      status: 'confirmed',
      attention: { reason: expect.stringContaining('600 are left') },
      payment: { capturedMinor: 1_000, refundedMinor: 400 },
    });
  });
});

describe('a notice of the provider', () => {
  test('is taken with the provider’s signature only', async () => {
    const send = (signature: Record<string, string>) =>
      fetch(`${stack.url}/payment-webhooks/stripe`, { method: 'POST', headers: signature, body: '{"id":"evt_1"}' });
    for (const signature of [{}, { 'Stripe-Signature': 't=1,v1=00' }] as Record<string, string>[]) {
      const answer = await send(signature);
      expect([answer.status, ((await answer.json()) as { type: string }).type]).toEqual([
        400,
        '/problems/invalid-signature',
      ]);
    }
  });

  test('is kept once, however often it comes', async () => {
    const id = await place({ paymentMethod: THREE_D_SECURE });
    await waitsForCustomer(id);
    await authenticate(id, 'succeed');
    await settledOrder(stack.url, id);
    const notices = async () =>
      (
        await stack.db.query<{ event_id: string; outcome: string | null }>(
          'select event_id, outcome from payment_notices where order_id = $1',
          [id],
        )
      ).rows;
    await until(async () => (await notices()).length === 1, 'the notice is here');
    const [notice] = await notices();
    for (let time = 0; time < 10; time += 1)
      expect((await simulator(`/_simulator/events/${notice?.event_id ?? ''}/redeliver`, {})).status).toBe(202);
    await until(async () => (await notices())[0]?.outcome !== null, 'it is done with');
    expect(await notices()).toHaveLength(1);
    expect((await stack.journal(id)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
  });
});

async function freePort(): Promise<number> {
  const { choosePort } = await import('../../src/local/ports.ts');
  return choosePort(0);
}
