// What is shown of business that is no order's own story (a payment that changed without it): its lines in the Web UI, and the
// mark by which an operator finds what is parked. Nothing here decides anything.
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { orderAttentionKey } from '../contracts/search-attributes.ts';
import type { OrderStep } from '../domain/order.ts';
import { clause } from '../domain/sentence.ts';
import type { ParkingView } from './parking-place.ts';

/** Begins to show it under a title (Markdown). */
export function showBusiness({ title }: { title: string }): ParkingView {
  const lines: string[] = [];
  const add = (line: string): void => {
    lines.push(`- ${line}`);
    setCurrentDetails([title, '', ...lines].join('\n'));
  };
  const mark = (value: OrderStep | null): void => upsertSearchAttributes([{ key: orderAttentionKey, value }]);
  return {
    began: () => undefined,
    finished: (step) => add(`${step}: done`),
    failed: (step, why) => add(`${step}: ${why}`),
    parked: (step, reason) => {
      mark(step);
      add(`**${step}: parked, waits for an operator** (${clause(reason)})`);
    },
    noticed: () => undefined,
    resumed: (how) => {
      mark(null);
      add(how);
    },
  };
}
