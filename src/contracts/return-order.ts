import type { RefundState } from '../domain/refund.ts';
import type { ReturnStatus } from '../domain/return.ts';
import type { ParkingRef } from './parking.ts';
import type { Bounds } from './process-order.ts';

/** The workflow's registered name. Histories carry it: it never changes. */
export const RETURN_ORDER = 'returnOrder';

/** Which return of an order; numbers count from 1. */
export type ReturnRef = { orderId: string; number: number };

/** How long the answer to a request, and then the goods, may take (milliseconds). */
export type ReturnLimits = { approvalMs: number; goodsMs: number };

export type ReturnOrderInput = ReturnRef & { bounds: Bounds; limits: ReturnLimits };

/** How it came to its end. */
export type ReturnOutcome = { status: ReturnStatus };

/** How it stands. `refund`: the last one that was asked for it; `problem`: why none is made, and a person has to look. */
export type ReturnStanding = {
  status: ReturnStatus;
  refund: { number: number; state: RefundState } | null;
  problem: string | null;
};

/** `parked`: the last time that the workflow parked; left out while it is. */
export type LookAtReturnRequest = ReturnRef & { parked?: ParkingRef };
/** `renew`: an operator has decided to wait once more; otherwise a wait that was begun before keeps its end. */
export type AwaitReturnRequest = ReturnRef & { withinMs: number; renew: boolean };
/** Who rejects it, and why. */
export type RejectReturnRequest = ReturnRef & { actor: string; reason: string };

/** Between the order and the return's number in the id of its workflow. */
export const RETURN_INFIX = ':return:';

export const returnOrderId = ({ orderId, number }: ReturnRef): string => `${orderId}${RETURN_INFIX}${number}`;

/** The number of the return that the workflow looks after, or null when it is of another kind. */
export function returnOf({ orderId, workflowId }: { orderId: string; workflowId: string }): number | null {
  const [before, number] = workflowId.split(RETURN_INFIX);
  return before === orderId && number !== undefined && /^\d+$/.test(number) ? Number(number) : null;
}
