import type { OrderStep } from '../domain/order.ts';
import type { Resolution } from './messages.ts';

/**
 * One parking of a workflow: the how manyeth of which run, and when that run began. The same whenever the workflow replays, so
 * that a repeat is known as one, and in an order, so that what lands late is known as well.
 */
export type ParkingId = { runId: string; runStartedAt: string; number: number };

/** Which parking of which of the order's workflows. */
export type ParkingRef = { orderId: string; workflowId: string; parking: ParkingId };

export type ParkRequest = ParkingRef & { step: OrderStep; reason: string };

/** What a run that was parked hands on to the next: the step waits on for the decision about this very parking. */
export type Carried = { parked?: ParkRequest };

/** What an operator decided about a parked step. Requests from before parkings had identities name the order only. */
export type ResumeRequest = Pick<ParkRequest, 'orderId'> & Partial<ParkRequest> & { resolution: Resolution };

/** What a reminder came to: whether the order turned out to be closed, so that there is nothing left to decide. */
export type Reminded = { isOver: boolean };
