// The waits of workflows beside an order's own: of those that follow a payment, of a decision about many, of a comparison.
import { randomUUID } from 'node:crypto';
import { decide as decideAsBank, disputePayment } from './bank.ts';
import { dashboard, providerIdOf } from './follow-ups.ts';
import { getOrder } from './orders.ts';
import { postReconciliation } from './reconciling.ts';
import type { Stack } from './stack.ts';
import { FINISH_COMPARISON, RECORD_OUTCOME } from './stuck.ts';
import { decide, hasty, once, parkedAt, retries, type Wait } from './waiting.ts';
import { sold } from './waits.ts';

/** Something that happens once, to an order that is sold. */
function onceSold(happen: (stack: Stack, id: string) => Promise<string>): (stack: Stack, id: string) => Promise<void> {
  const happening = once(happen);
  return async (stack, id) => {
    if ((await getOrder(stack.url, id)).status === 'confirmed') await happening(stack, id);
  };
}

const refundInDashboard = onceSold(async (stack, id) =>
  dashboard(stack, 'refunds', { payment_intent: await providerIdOf(stack, id), amount: '400' }),
);
const disputes = once(async (stack, id) => disputePayment(stack, await providerIdOf(stack, id)));
const compares = once(async (stack) => (await postReconciliation(stack.url)).id);
const decidesAboutMany = once(async (stack, id) => {
  const { customerId } = await getOrder(stack.url, id);
  const answer = await fetch(`${stack.url}/resolutions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ filter: { customerId }, action: 'retry', reason: 'all is well again' }),
  });
  if (answer.status !== 202) throw new Error(`POST resolutions: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
});

export const waitsBeside: readonly Wait[] = [
  {
    name: 'a refund by others is parked in front of a person',
    begun: {},
    arrive: refundInDashboard,
    isThere: parkedAt('follow-payment'),
    goOn: decide('skip'),
    ends: { status: 'confirmed', payment: { capturedMinor: 1_000, refundedMinor: 400 } },
  },
  {
    name: 'a dispute is parked in front of a person, and is won',
    begun: {},
    arrive: onceSold(disputes),
    isThere: parkedAt('follow-payment'),
    goOn: onceSold(once(async (stack, id) => decideAsBank(stack, await disputes(stack, id), { outcome: 'won' }))),
    ends: { status: 'confirmed', payment: { capturedMinor: 1_000, disputedMinor: 0 } },
  },
  {
    name: 'the provider does not tell what became of a payment',
    // A charge that goes well asks nothing.
    begun: { faults: [{ operation: 'retrieve', mode: 'error_500', times: 'always' }] },
    arrive: refundInDashboard,
    isThere: async (stack, id) => {
      const paymentId = await providerIdOf(stack, id);
      return retries('followPayment')(stack, `${id}:payment:${paymentId}`);
    },
    goOn: decide('skip'),
    ends: { status: 'confirmed', payment: { capturedMinor: 1_000, refundedMinor: 400 } },
  },
  {
    name: 'a decision about many is not written down yet',
    begun: {
      bounds: hasty.charge,
      faults: [{ operation: 'create', mode: 'error_500', times: 'always' }],
      refused: [RECORD_OUTCOME],
    },
    isLate: true,
    arrive: async (stack, id) => {
      if (await parkedAt('charge-payment')(stack, id)) await decidesAboutMany(stack, id);
    },
    isThere: async (stack, id) => retries('resolveNextOrders')(stack, await decidesAboutMany(stack, id)),
    // It parked again while the provider was ill.
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'a comparison of the books can not write down its end',
    begun: { refused: [FINISH_COMPARISON] },
    isLate: true,
    arrive: async (stack, id) => void (await compares(stack, id)),
    isThere: async (stack, id) => retries('finishReconciliation')(stack, await compares(stack, id)),
    ends: sold,
  },
];
