// What is shown of business beside an order's own story (a shipment, a refund, a payment that changed without it): its card in the Web UI,
// and the mark by which an operator finds what is parked. Nothing here decides anything.
import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { orderAttentionKey } from '../contracts/search-attributes.ts';
import { businessCard, type BusinessFacts, type OutsideWait } from '../domain/business-card.ts';
import type { OrderStep } from '../domain/order.ts';
import { clause } from '../domain/sentence.ts';
import type { ParkingView } from './parking-place.ts';
import { openStory } from './story-lines.ts';

/** `waits`: whom outside of us it waits for from now on, until its step goes on. */
export type BusinessView = ParkingView & { waits: (wait: OutsideWait) => void };

/** Begins to show it under a title (Markdown). */
export function showBusiness({ title, orderId }: { title: string; orderId: string }): BusinessView {
  let facts: Omit<BusinessFacts, 'happened'> = { title, orderId, step: null, waits: null, parked: null };
  const story = openStory();
  const show = (more: Partial<typeof facts>): void => {
    facts = { ...facts, ...more };
    setCurrentDetails(businessCard({ ...facts, happened: story.lines() }));
  };
  const mark = (value: OrderStep | null): void => upsertSearchAttributes([{ key: orderAttentionKey, value }]);
  const nothing = { step: null, waits: null, parked: null } as const;
  show({});
  return {
    began: (step) => {
      story.begin(step, 'under way');
      show({ ...nothing, step });
    },
    waits: (waits) => show({ waits }),
    finished: (step) => {
      story.replace(step, 'done');
      show(nothing);
    },
    failed: (step, why) => {
      story.replace(step, why);
      show(nothing);
    },
    parked: (step, reason) => {
      mark(step);
      story.replace(step, `**parked, waits for an operator** (${clause(reason)})`);
      show({ ...nothing, parked: { step, reason, since: null } });
    },
    noticed: (parked) => show({ parked }),
    resumed: (how) => {
      mark(null);
      story.add(how);
      show(nothing);
    },
  };
}
