// A refund that an operator asked for: business after the sale, long after the order's own workflow may have closed. What must stay
// true: what was accepted is given back once, or given up with nothing moved; and what nobody may guess parks.
import { setHandler } from '@temporalio/workflow';
import { refundNewsSignal } from '../contracts/messages.ts';
import type { RefundOrderInput, RefundOutcome } from '../contracts/refund-order.ts';
import type { Ending } from '../domain/rejection.ts';
import { sayAmount } from '../domain/sentence.ts';
import { createActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { Compensated } from './ending.ts';
import { createParking } from './parking.ts';

export async function refundOrder(input: RefundOrderInput): Promise<RefundOutcome> {
  const { orderId, number, amountMinor, currency, bounds } = input;
  const activities = createActivities(bounds);
  const title = `# Refund ${number} of order \`${orderId}\`: ${sayAmount(amountMinor, currency)}`;
  let news = false;
  setHandler(refundNewsSignal, () => void (news = true), {
    description: 'Its order ends, and gives everything back: where it is parked, it is looked at again',
  });
  const parking = createParking({
    ...{ orderId, activities, bounds, hasNews: () => news, carried: undefined },
    order: showBusiness({ title, orderId }),
  });
  const named = () => ({ orderId, number, parked: parking.latest() });
  // Given up once when an operator says so; should that park, the next decision may be to pay after all.
  let givenUpBy: Ending | null = null;
  const settle = (): Promise<RefundOutcome> => {
    news = false;
    const decided = givenUpBy;
    givenUpBy = null;
    if (decided?.status !== 'cancelled') return activities.payRefund(named());
    const { actor, reason } = decided;
    return activities.abandonRefund({ ...named(), actor, reason });
  };
  const adopt = (refundId: string): Promise<RefundOutcome> => activities.adoptPaidRefund({ ...named(), refundId });

  for (;;) {
    try {
      return await parking.runUndo('pay-refund', settle, adopt);
    } catch (error) {
      if (!(error instanceof Compensated)) throw error;
      givenUpBy = error.ending;
    }
  }
}
