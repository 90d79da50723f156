// What is shown of an order while it runs: search attributes where a status lasts, current details for people in the Web
// UI, and the query. Nothing here decides anything.
import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { progressQuery } from '../contracts/messages.ts';
import { orderAttentionKey, orderStatusKey } from '../contracts/search-attributes.ts';
import type { OrderInput, OrderOutcome } from '../contracts/process-order.ts';
import type { Attention, OrderStep } from '../domain/order.ts';

export type OrderState = ReturnType<typeof openOrder>;

/** Begins to show the order; answers with the ways to say how it goes on. */
export function openOrder({ orderId, totalMinor, currency }: OrderInput) {
  let current: OrderStep | 'done' = 'reserve-inventory';
  let attention: Attention | null = null;
  // Set before the order's row says that it is parked, and possibly without it ever saying so.
  let marked = false;
  const lines: string[] = [];
  const title = `**Order \`${orderId}\`**: ${totalMinor} minor units of ${currency}`;
  const show = (): void => setCurrentDetails([title, '', ...lines.map((line) => `- ${line}`)].join('\n'));

  setHandler(progressQuery, () => ({ step: current, attention }), {
    description: 'Which step the order is at, and whether it is parked',
  });

  return {
    began(step: OrderStep): void {
      current = step;
      lines.push(`${step}: under way`);
      show();
    },
    finished(step: OrderStep): void {
      replaceLast(`${step}: done`);
    },
    failed(step: OrderStep, why: string): void {
      replaceLast(`${step}: ${why}`);
    },
    /** Search attribute first: it works while our database is away, which may be why the order parks. */
    parked(step: OrderStep, reason: string): void {
      marked = true;
      upsertSearchAttributes([{ key: orderAttentionKey, value: step }]);
      replaceLast(`**${step}: parked, waits for an operator** (${reason})`);
    },
    noticed(parked: Attention): void {
      attention = parked;
    },
    resumed(how: string): void {
      attention = null;
      marked = false;
      upsertSearchAttributes([{ key: orderAttentionKey, value: null }]);
      lines.push(how);
      show();
    },
    conclude(outcome: OrderOutcome): OrderOutcome {
      current = 'done';
      // An order can leave its parking place through a cancellation: nothing is left for an operator then.
      const noLongerParked = marked ? [{ key: orderAttentionKey, value: null }] : [];
      attention = null;
      upsertSearchAttributes([{ key: orderStatusKey, value: outcome.status }, ...noLongerParked]);
      lines.push(`**${outcome.status}**${'rejection' in outcome ? `: ${outcome.rejection.message}` : ''}`);
      show();
      return outcome;
    },
  };

  function replaceLast(line: string): void {
    lines.splice(-1, 1, line);
    show();
  }
}
