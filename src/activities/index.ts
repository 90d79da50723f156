import { providerSteps } from '../contracts/process-order.ts';
import type { AmendmentRecords } from '../ports/amendment.ts';
import type { AttemptLog } from '../ports/attempts.ts';
import type { BackorderSteps } from '../ports/backorder.ts';
import type { CaptureRecords } from '../ports/capture.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { ReconciliationBooks, ReconciliationWork } from '../ports/reconciliation.ts';
import type { OrderResolver } from '../ports/resolution.ts';
import type { ManyResolutionWork } from '../ports/resolve-many.ts';
import type { PaymentProvider, PaymentRecords } from '../ports/payment.ts';
import type { RefundRecords } from '../ports/refund.ts';
import type { ReturnRecords } from '../ports/return.ts';
import type { ShipmentRecords } from '../ports/shipment.ts';
import type { WorkflowList } from '../ports/workflow-list.ts';
import { createAmendmentChargeActivities } from './amendment-charge.ts';
import { createAmendmentActivities } from './amendment.ts';
import { createAdoptionActivities } from './adoption.ts';
import { createCaptureActivities } from './capture.ts';
import { withAttemptLog } from './attempt-log.ts';
import { createCarrierActivities } from './carrier.ts';
import { createAcknowledgeActivities, createFollowPaymentActivities } from './follow-payment.ts';
import { createCustomerNoticeActivities, type NoticePorts } from './customer-notice.ts';
import { withHeartbeat } from './heartbeat.ts';
import { createInventoryActivities } from './inventory.ts';
import { createOrderActivities } from './order.ts';
import { createPayRefundActivities } from './pay-refund.ts';
import { withPatience } from './patience.ts';
import { createPaymentActivities } from './payment.ts';
import { createAbandonActivities, createPaymentTryActivities } from './payment-try.ts';
import { createReconcileProviderActivities } from './reconcile-provider.ts';
import { createReconcileActivities } from './reconcile.ts';
import { createRefundActivities } from './refund.ts';
import { createReturnActivities } from './return.ts';
import { createReviewActivities } from './review.ts';
import { createResolveManyActivities } from './resolve-many.ts';
import { createShipmentActivities } from './shipment.ts';

/** Steps that touch only our own PostgreSQL: they run as local activities on the `orders` queue. */
export const createStepActivities = (ports: {
  inventory: Inventory;
  orders: OrderSteps;
  payments: PaymentRecords;
  shipments: ShipmentRecords;
  backorders: BackorderSteps;
  returns: ReturnRecords;
  amendments: AmendmentRecords;
}) => ({
  ...createInventoryActivities(ports),
  ...createAmendmentActivities(ports),
  ...createShipmentActivities(ports),
  ...createOrderActivities(ports),
  ...createReviewActivities(ports),
  ...createReturnActivities(ports),
  ...createPaymentTryActivities(ports),
  ...createAcknowledgeActivities(ports),
});

/** Steps that call the provider: they run on the `payments` queue, which caps their rate. */
export function createProviderActivities(ports: {
  provider: PaymentProvider;
  payments: PaymentRecords;
  inventory: Inventory;
  orders: Pick<OrderSteps, 'clearParked'>;
  refunds: RefundRecords;
  captures: CaptureRecords;
  amendments: Pick<AmendmentRecords, 'fence'>;
  attempts: AttemptLog;
}) {
  const activities = {
    ...createPaymentActivities(ports),
    ...createAbandonActivities(ports),
    ...createRefundActivities(ports),
    ...createAdoptionActivities(ports),
    ...createFollowPaymentActivities(ports),
    ...createPayRefundActivities(ports),
    ...createCaptureActivities(ports),
    ...createAmendmentChargeActivities(ports),
  };
  const logged = withAttemptLog(activities, { attempts: ports.attempts, stepOf: providerSteps });
  return withPatience(withHeartbeat(logged));
}

/** Steps that call the carrier: they run on the `carrier` queue. */
export function createCarrierQueueActivities(
  ports: Parameters<typeof createCarrierActivities>[0] & { attempts: AttemptLog },
) {
  const logged = withAttemptLog(createCarrierActivities(ports), { attempts: ports.attempts, stepOf: providerSteps });
  return withHeartbeat(logged);
}

/** What works off decisions about many orders: regular activities on the `orders` queue. */
export const createBulkActivities = (ports: { work: ManyResolutionWork; resolver: OrderResolver }) =>
  withHeartbeat(createResolveManyActivities(ports));

/** What compares the books: regular activities on the `orders` queue. */
export const createComparingActivities = (ports: {
  work: ReconciliationWork;
  books: ReconciliationBooks;
  workflows: WorkflowList;
  graceMs: number;
}) => withHeartbeat(createReconcileActivities(ports));

/** The provider's side of it, on the `payments` queue. */
export const createCopyingActivities = (ports: {
  provider: PaymentProvider;
  work: ReconciliationWork;
  books: ReconciliationBooks;
}) => withPatience(withHeartbeat(createReconcileProviderActivities(ports)));

/** What sends mails to customers: on the `notices` queue, and only where there is a mail server. */
export const createNoticeActivities = (ports: NoticePorts) =>
  withPatience(withHeartbeat(createCustomerNoticeActivities(ports)));

export type NoticeActivities = ReturnType<typeof createNoticeActivities>;
export type ReconcileActivities = ReturnType<typeof createComparingActivities>;
export type ReconcileProviderActivities = ReturnType<typeof createCopyingActivities>;
export type ResolveManyActivities = ReturnType<typeof createBulkActivities>;
export type CarrierActivities = ReturnType<typeof createCarrierQueueActivities>;
export type StepActivities = ReturnType<typeof createStepActivities>;
export type ProviderActivities = ReturnType<typeof createProviderActivities>;
