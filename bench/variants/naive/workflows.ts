// An order as samples show it: one regular activity after the other.
import { proxyActivities } from '@temporalio/workflow';
import type { NaiveActivities } from './activities.ts';

const { reserveInventory, chargePayment, confirmOrder } = proxyActivities<NaiveActivities>({
  startToCloseTimeout: '1m',
});

export async function naiveOrder({ orderId }: { orderId: string }): Promise<void> {
  await reserveInventory({ orderId });
  await chargePayment({ orderId, ordinal: 1 });
  await confirmOrder({ orderId });
}
