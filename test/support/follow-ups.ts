// Every way a payment can change without its order, each driven for real. The e2e tests assert what becomes of the order; the
// recording keeps the history of the workflow that follows the payment.
import { resolveUpdate } from '../../src/contracts/messages.ts';
import { decide } from './bank.ts';
import { eventTypesOf, getOrder, placeOrder, settledOrder, type Wanted } from './orders.ts';
import type { OrderBody, Stack } from './stack.ts';
import { until } from './until.ts';

type FollowedOrder = { orderId: string; workflowId: string };
export type FollowUp = {
  name: string;
  /** What becomes of the order; its stack has the provider's webhooks. */
  ends: { status: string; attention: null; payment: Partial<OrderBody['payment']> };
  walk: (stack: Stack) => Promise<FollowedOrder>;
};

export const followUps: readonly FollowUp[] = [
  {
    name: 'follow-up-gives-a-stray-payment-back',
    ends: { status: 'rejected', attention: null, payment: { capturedMinor: 700, refundedMinor: 700 } },
    walk: async (stack) => {
      const orderId = await settled(stack, { paymentMethod: 'pm_card_chargeDeclined' });
      const wanted = { amount: '700', currency: 'eur', payment_method: 'pm_card_visa', confirm: 'true' };
      const paymentId = await dashboard(stack, 'payment_intents', { ...wanted, 'metadata[orderId]': orderId });
      await until(
        async () => (await eventTypesOf(stack.url, orderId)).includes('payment.refunded'),
        'it is given back',
      );
      return ended(stack, orderId, paymentId);
    },
  },
  {
    name: 'follow-up-parks-over-a-refund-by-others-then-acknowledged',
    ends: { status: 'confirmed', attention: null, payment: { refundedMinor: 400, disputedMinor: 0 } },
    walk: async (stack) => {
      const orderId = await settled(stack);
      const paymentId = await providerIdOf(stack, orderId);
      await dashboard(stack, 'refunds', { payment_intent: paymentId, amount: '400' });
      await parks(stack, orderId, '600 are left');
      await acknowledge(stack, orderId, paymentId);
      return ended(stack, orderId, paymentId);
    },
  },
  {
    name: 'follow-up-parks-over-a-dispute-then-won',
    ends: {
      status: 'confirmed',
      attention: null,
      payment: { capturedMinor: 1_000, refundedMinor: 0, disputedMinor: 0 },
    },
    walk: async (stack) => {
      const orderId = await settled(stack, { paymentMethod: 'pm_card_createDispute' });
      const paymentId = await providerIdOf(stack, orderId);
      await parks(stack, orderId, '0 are left');
      await decideDispute(stack, orderId, { outcome: 'won' });
      return ended(stack, orderId, paymentId);
    },
  },
  {
    name: 'follow-up-parks-over-a-dispute-then-lost-and-acknowledged',
    ends: { status: 'confirmed', attention: null, payment: { capturedMinor: 1_000, disputedMinor: 1_000 } },
    walk: async (stack) => {
      const orderId = await settled(stack, { paymentMethod: 'pm_card_createDispute' });
      const paymentId = await providerIdOf(stack, orderId);
      await parks(stack, orderId, 'is open');
      await decideDispute(stack, orderId, { outcome: 'lost' });
      await parks(stack, orderId, 'is lost');
      await acknowledge(stack, orderId, paymentId);
      return ended(stack, orderId, paymentId);
    },
  },
];

/** A request to the provider that is not ours, as one makes it in the dashboard; answers with the id of what was made. */
export async function dashboard(stack: Stack, path: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(`${stack.simulatorUrl}/v1/${path}`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_dashboard' },
    body: new URLSearchParams(parameters),
  });
  if (!answer.ok) throw new Error(`${path} in the dashboard: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}

/** The holder of the order's card, or the bank, does something about the only dispute that we know of. */
export async function decideDispute(stack: Stack, orderId: string, decision: object): Promise<void> {
  const { rows } = await stack.db.query<{ id: string }>('select dispute_id as id from disputes where order_id = $1', [
    orderId,
  ]);
  await decide(stack, rows[0]?.id ?? '', decision);
}

/** Waits until the order is parked at its follow-up, for that reason. */
export const parks = (stack: Stack, orderId: string, why: string): Promise<void> =>
  until(async () => {
    const { attention } = await getOrder(stack.url, orderId);
    return attention?.step === 'follow-payment' && attention.reason.includes(why);
  }, `order ${orderId} parks: ${why}`);

export async function providerIdOf(stack: Stack, orderId: string): Promise<string> {
  const { rows } = await stack.db.query<{ id: string }>(
    'select provider_id as id from payments where order_id = $1 and not stray order by ordinal desc limit 1',
    [orderId],
  );
  return rows[0]?.id ?? '';
}

async function settled(stack: Stack, wanted: Wanted = {}): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  await settledOrder(stack.url, id);
  return id;
}

const workflowOf = (orderId: string, paymentId: string): string => `${orderId}:payment:${paymentId}`;

async function acknowledge(stack: Stack, orderId: string, paymentId: string): Promise<void> {
  const resolution = { action: 'skip', actor: 'operator-1', reason: 'it is known' } as const;
  const handle = stack.temporal.workflow.getHandle(workflowOf(orderId, paymentId));
  await handle.executeUpdate(resolveUpdate, { args: [resolution] });
}

async function ended(stack: Stack, orderId: string, paymentId: string): Promise<FollowedOrder> {
  const workflowId = workflowOf(orderId, paymentId);
  await stack.temporal.workflow.getHandle(workflowId).result();
  return { orderId, workflowId };
}
