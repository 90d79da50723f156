import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { Attention, OrderStep } from '../domain/order.ts';

/** What an operator decides about a parked order. `actor` is who, `reason` is why: both are kept in the event. */
export type Resolution = { action: 'retry' | 'compensate'; actor: string; reason: string };

/** The answer to a resolution: which parked step it was applied to. */
export type ResolutionAnswer = { step: OrderStep; action: Resolution['action'] };

/** Where the workflow stands, for people and tools that ask Temporal instead of the database. */
export type OrderProgress = { step: OrderStep | 'done'; attention: Attention | null };

export const resolveUpdate = defineUpdate<ResolutionAnswer, [Resolution]>('resolve');
export const progressQuery = defineQuery<OrderProgress>('progress');
