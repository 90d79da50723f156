import type { Bounds } from '../contracts/process-order.ts';
import type { ReturnLimits } from '../contracts/return-order.ts';
import { chaosOf } from '../runtime/chaos-settings.ts';
import type { ApiConfig } from '../runtime/config.ts';

const DAY_MS = 24 * 3_600_000;

/** How long everybody may take, as configured: what an order that is started now keeps to its end. */
export const boundsOf = (config: ApiConfig): Bounds => ({
  providerOutageLimitMs: config.PROVIDER_OUTAGE_LIMIT_MS,
  stepOutageLimitMs: config.STEP_OUTAGE_LIMIT_MS,
  undoAttempts: config.UNDO_ATTEMPTS,
  providerPauses: { firstMs: config.PROVIDER_FIRST_PAUSE_MS, slowMs: config.PROVIDER_SLOW_PAUSE_MS },
  parkedReminderMs: config.PARKED_REMINDER_MS,
  customerWaitMs: config.CUSTOMER_WAIT_LIMIT_MS,
  paymentRetryMs: config.PAYMENT_RETRY_LIMIT_MS,
  review: {
    escalateMs: config.REVIEW_ESCALATE_MS,
    limitMs: config.REVIEW_LIMIT_MS,
    onExpiry: config.REVIEW_ON_EXPIRY,
  },
  shipping: {
    packingLimitMs: config.PACKING_LIMIT_MS,
    dispatchLimitMs: config.DISPATCH_LIMIT_MS,
    deliveryLimitMs: config.DELIVERY_LIMIT_MS,
    firstLookMs: config.CARRIER_FIRST_LOOK_MS,
    slowLookMs: config.CARRIER_SLOW_LOOK_MS,
  },
  backorderLimitMs: Math.ceil(config.BACKORDER_LIMIT_DAYS * DAY_MS),
});

/** The end of the id of a customer who is in a hurry, where things may be broken on purpose: their orders park in time to be watched. */
const HASTY = '-hasty';
const HASTY_OUTAGE_LIMIT_MS = 30_000;

/** What an order of this customer keeps to. */
export function boundsFor(config: ApiConfig): (order: { customerId: string }) => Bounds {
  const bounds = boundsOf(config);
  const hasty = { ...bounds, providerOutageLimitMs: Math.min(bounds.providerOutageLimitMs, HASTY_OUTAGE_LIMIT_MS) };
  const isPlayground = chaosOf(config) !== null;
  return ({ customerId }) => (isPlayground && customerId.endsWith(HASTY) ? hasty : bounds);
}

/** The same of returns. */
export const returnLimitsOf = (config: ApiConfig): ReturnLimits => ({
  approvalMs: config.RETURN_APPROVAL_LIMIT_MS,
  goodsMs: config.RETURN_GOODS_LIMIT_MS,
});
