import type { Carried, ParkingRef } from './parking.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const CAPTURE_ORDER = 'captureOrder';

/** A payment of an order that is paid as it ships. `carried`: what the run before this one has handed on, its history being long. */
export type CaptureOrderInput = { orderId: string; ordinal: number; bounds: Bounds; carried?: Carried };

/** `parked`: the last time its workflow parked, if it did. */
export type CapturePaymentRequest = { orderId: string; ordinal: number; parked: ParkingRef };
export type AdoptCaptureRequest = CapturePaymentRequest & { providerId: string };
export type AbandonCaptureRequest = CapturePaymentRequest & { actor: string; reason: string };

/** Whether nothing (more) is to be captured of it now. */
export type CaptureOutcome = { isDone: boolean };

/** Between the order and the payment's ordinal in the id of the workflow that captures it. */
export const CAPTURE_INFIX = ':capture:';

export const captureOrderId = ({ orderId, ordinal }: { orderId: string; ordinal: number }): string =>
  `${orderId}${CAPTURE_INFIX}${ordinal}`;
