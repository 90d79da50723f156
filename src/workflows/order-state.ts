// What is shown of an order while it runs: search attributes where a status lasts, current details for people in the Web
// UI (the card of domain/explanation.ts, by what the workflow knows), and the query. Nothing here decides anything.
import { setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { progressQuery } from '../contracts/messages.ts';
import { orderAttentionKey, orderStatusKey } from '../contracts/search-attributes.ts';
import type { OrderInput, OrderOutcome } from '../contracts/process-order.ts';
import type { Attention, OrderStep } from '../domain/order.ts';
import { clause } from '../domain/sentence.ts';
import { openCard } from './order-card.ts';

export type OrderState = ReturnType<typeof openOrder>;

const PROGRESS_DESCRIPTION = 'Which step the order is at, and whether it is parked';

/** Begins to show the order; answers with the ways to say how it goes on. */
export function openOrder(input: OrderInput) {
  let current: OrderStep | 'done' = 'reserve-inventory';
  let attention: Attention | null = null;
  // Set before the order's row says that it is parked, and possibly without it ever saying so.
  let marked = false;
  const card = openCard(input);

  setHandler(progressQuery, () => ({ step: current, attention }), { description: PROGRESS_DESCRIPTION });

  return {
    ...card.outside,
    began(step: OrderStep): void {
      current = step;
      card.began(step);
    },
    finished: card.finished,
    failed: card.failed,
    /** Search attribute first: it works while our database is away, which may be why the order parks. */
    parked(step: OrderStep, reason: string): void {
      marked = true;
      upsertSearchAttributes([{ key: orderAttentionKey, value: step }]);
      card.say(step, `**parked, waits for an operator** (${clause(reason)})`);
    },
    noticed(parked: Attention): void {
      attention = parked;
      card.parked(parked);
    },
    resumed(how: string): void {
      attention = null;
      marked = false;
      upsertSearchAttributes([{ key: orderAttentionKey, value: null }]);
      card.resumed(how);
    },
    conclude(outcome: OrderOutcome): OrderOutcome {
      current = 'done';
      // An order can leave its parking place through a cancellation: nothing is left for an operator then.
      const noLongerParked = marked ? [{ key: orderAttentionKey, value: null }] : [];
      attention = null;
      upsertSearchAttributes([{ key: orderStatusKey, value: outcome.status }, ...noLongerParked]);
      card.concluded(outcome);
      return outcome;
    },
  };
}
