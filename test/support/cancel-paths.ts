// The paths of orders that are cancelled: by whoever may over HTTP, or in Temporal.
import { payByHand } from './operators.ts';
import { ended, getOrder, placeOrder, settledOrder } from './orders.ts';
import { cancelOrder } from './shipping.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';
import { parkAt, resolve, waitsForCustomer, type Path } from './walking.ts';

const stuck = { operation: 'create', mode: 'error_500', times: 'always' };

export const cancelPaths: readonly Path[] = [
  {
    name: 'cancelled-in-temporal-while-charging',
    ends: { status: 'cancelled' },
    walk: async (stack) => {
      await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 2_500 });
      const { id } = await placeOrder(stack.url);
      await until(async () => (await getOrder(stack.url, id)).status === 'reserved', 'the order is reserved');
      await stack.temporal.workflow.getHandle(id).cancel();
      await settledOrder(stack.url, id);
      return id;
    },
  },
  {
    name: 'cancelled-in-temporal-while-parked',
    ends: { status: 'cancelled', attention: null },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', stuck);
      await stack.temporal.workflow.getHandle(id).cancel();
      await until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'the order is cancelled');
      return id;
    },
  },
  {
    name: 'cancelled-while-it-waits-for-its-customer',
    ends: { status: 'cancelled', payment: { state: 'voided', capturedMinor: 0 } },
    walk: async (stack) => {
      const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_authenticationRequired' });
      await waitsForCustomer(stack, id);
      await cancel(stack, id);
      return id;
    },
  },
  {
    name: 'cancelled-while-parked',
    ends: { status: 'cancelled', attention: null },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', stuck);
      await cancel(stack, id);
      return id;
    },
  },
  {
    // As the path without the end of its name, since what was done by hand is verified whatever is cancelled meanwhile.
    name: 'charge-parked-then-skipped-to-its-end',
    ends: { status: 'confirmed', payment: { state: 'captured', capturedMinor: 1_000 } },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', stuck);
      await resolve(stack, id, 'skip', await payByHand(stack, id));
      return id;
    },
  },
];

async function cancel(stack: Stack, id: string): Promise<void> {
  const answer = await cancelOrder(stack, id);
  if (answer.status !== 202) throw new Error(`POST cancel: ${answer.status} ${await answer.text()}`);
  await ended(stack.url, id, 'cancelled');
}
