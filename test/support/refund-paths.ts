// Every way a refund that an operator asked for can go, each driven for real. The e2e tests assert what becomes of it; the recording
// keeps the history of its workflow.
import { randomUUID } from 'node:crypto';
import { resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import { dashboard, providerIdOf } from './follow-ups.ts';
import { insist } from './insisting.ts';
import { getOrder, placeOrder, settledOrder, type Wanted } from './orders.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export type RefundBody = {
  number: number;
  amountMinor: number;
  state: string;
  refundIds: string[];
  settledAt: string | null;
  abandoned: object | null;
};
export type RefundPath = {
  name: string;
  /** What becomes of the refund, the first one of its order, and of the order's money. */
  ends: { state: string; refundedMinor: number };
  walk: (stack: Stack) => Promise<{ orderId: string; workflowId: string }>;
};

export const refundPaths: readonly RefundPath[] = [
  {
    name: 'refund-of-a-part',
    ends: { state: 'completed', refundedMinor: 400 },
    walk: async (stack) => {
      const orderId = await sold(stack);
      await requestRefund(stack.url, orderId, { amountMinor: 400 });
      return ended(stack, orderId);
    },
  },
  {
    name: 'refund-answer-lost',
    ends: { state: 'completed', refundedMinor: 400 },
    walk: async (stack) => {
      const orderId = await sold(stack);
      await stack.fault({ operation: 'refund', mode: 'drop_after_effect', match: { orderId } });
      await requestRefund(stack.url, orderId, { amountMinor: 400 });
      return ended(stack, orderId);
    },
  },
  {
    name: 'refund-failed-then-retried-then-abandoned',
    ends: { state: 'abandoned', refundedMinor: 0 },
    walk: async (stack) => {
      const orderId = await sold(stack, { paymentMethod: 'pm_card_refundFail' });
      await requestRefund(stack.url, orderId, {});
      const first = await parks(stack, orderId);
      await decide(stack, orderId, { action: 'retry' });
      await parks(stack, orderId, first);
      await decide(stack, orderId, { action: 'compensate' });
      return ended(stack, orderId);
    },
  },
  {
    name: 'refund-parked-then-made-by-hand',
    ends: { state: 'completed', refundedMinor: 400 },
    walk: async (stack) => {
      const orderId = await sold(stack);
      await stack.fault({ operation: 'refund', mode: 'error_500', times: 'always', match: { orderId } });
      await requestRefund(stack.url, orderId, { amountMinor: 400 });
      await parks(stack, orderId);
      await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
      // What was sent may still arrive for a minute, so long nothing may take its place.
      await stack.db.query(`update refund_parts set sent_at = sent_at - interval '2 minutes' where order_id = $1`, [
        orderId,
      ]);
      const refundId = await dashboard(stack, 'refunds', {
        ...{ payment_intent: await providerIdOf(stack, orderId), amount: '400' },
      });
      await decide(stack, orderId, { action: 'skip', value: refundId });
      return ended(stack, orderId);
    },
  },
];

/** POSTs a refund: all that is left, unless said otherwise. */
export const postRefund = (url: string, orderId: string, wish: object, key: string = randomUUID()): Promise<Response> =>
  fetch(`${url}/orders/${orderId}/refunds`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify({ reason: 'one was broken', ...wish }),
  });

export async function requestRefund(url: string, orderId: string, wish: object): Promise<RefundBody> {
  const key = randomUUID();
  const answer = await insist(() => postRefund(url, orderId, wish, key));
  if (answer.status !== 202) throw new Error(`POST refund: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as RefundBody;
}

export async function findRefund(url: string, orderId: string, number = 1): Promise<RefundBody> {
  return (await (await fetch(`${url}/orders/${orderId}/refunds/${number}`)).json()) as RefundBody;
}

/** Waits until the refund has come to its end. */
export async function settledRefund(url: string, orderId: string, number = 1): Promise<RefundBody> {
  const isSettled = async (): Promise<boolean> => (await findRefund(url, orderId, number)).state !== 'requested';
  await until(isSettled, `refund ${number} of ${orderId} is settled`);
  return findRefund(url, orderId, number);
}

/** Places an order and waits for its sale; its own workflow is over then. */
export async function sold(stack: Stack, wanted: Wanted = {}): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  await settledOrder(stack.url, id);
  await stack.temporal.workflow.getHandle(id).result();
  return id;
}

/** Waits until the refund is parked, anew where a parking is named; answers since when. */
async function parks(stack: Stack, orderId: string, but = ''): Promise<string> {
  const sinceOf = async (): Promise<string> => {
    const { attention } = await getOrder(stack.url, orderId);
    return attention?.step === 'pay-refund' ? attention.since : '';
  };
  await until(async () => !['', but].includes(await sinceOf()), `the refund of ${orderId} parks`);
  return sinceOf();
}

const workflowOf = (orderId: string): string => `${orderId}:refund:1`;

async function decide(
  stack: Stack,
  orderId: string,
  decision: Pick<Resolution, 'action'> & Partial<Pick<Resolution, 'value'>>,
): Promise<void> {
  const resolution = { ...decision, actor: 'operator-1', reason: 'looked at it' };
  await stack.temporal.workflow.getHandle(workflowOf(orderId)).executeUpdate(resolveUpdate, { args: [resolution] });
}

async function ended(stack: Stack, orderId: string): Promise<{ orderId: string; workflowId: string }> {
  const workflowId = workflowOf(orderId);
  await settledRefund(stack.url, orderId);
  await stack.temporal.workflow.getHandle(workflowId).result();
  return { orderId, workflowId };
}
