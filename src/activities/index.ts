import type { Inventory } from '../ports/inventory.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords } from '../ports/payment.ts';
import { withHeartbeat } from './heartbeat.ts';
import { createInventoryActivities } from './inventory.ts';
import { createOrderActivities } from './order.ts';
import { withPatience } from './patience.ts';
import { createPaymentActivities } from './payment.ts';
import { createRefundActivities } from './refund.ts';

/** Steps that touch only our own PostgreSQL: they run as local activities on the `orders` queue. */
export const createStepActivities = (ports: { inventory: Inventory; orders: OrderSteps }) => ({
  ...createInventoryActivities(ports),
  ...createOrderActivities(ports),
});

/** Steps that call the provider: they run on the `payments` queue, which caps their rate. */
export const createProviderActivities = (ports: { provider: PaymentProvider; payments: PaymentRecords }) =>
  withPatience(withHeartbeat({ ...createPaymentActivities(ports), ...createRefundActivities(ports) }));

export type StepActivities = ReturnType<typeof createStepActivities>;
export type ProviderActivities = ReturnType<typeof createProviderActivities>;
