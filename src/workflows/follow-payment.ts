// A payment that changed without its order: money that came after the order had ended, a refund somebody made at the provider.
// What must stay true: what is not the order's is given back, what was given back is in the ledger, and what nobody may guess
// parks in front of an operator: until that person decides, or news settle it. The order itself never revives.
import { continueAsNew, patched, setHandler } from '@temporalio/workflow';
import type { FollowPaymentInput } from '../contracts/follow-payment.ts';
import { paymentNewsSignal } from '../contracts/messages.ts';
import { createActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { runWhileShort } from './long-life.ts';
import { createParking } from './parking.ts';

export async function followPayment(input: FollowPaymentInput): Promise<void> {
  const { orderId, paymentId, bounds, carried } = input;
  const activities = createActivities(bounds);
  const business = showBusiness({ title: `# Payment \`${paymentId}\` of order \`${orderId}\``, orderId });
  // Every notice looks once more, also one that comes while the last look is under way.
  let news = true;
  // A run that was parked before this was there goes on waiting for its operator alone.
  const hearsWhileParked = patched('a-parked-follow-up-hears-news');
  const parking = createParking({
    ...{ orderId, order: business, activities, bounds, carried },
    ...(hearsWhileParked ? { hasNews: () => news } : {}),
  });
  setHandler(paymentNewsSignal, () => void (news = true), {
    description: 'The provider has told of the payment again',
  });
  const look = (): Promise<void> => {
    news = false;
    return activities.followPayment({ orderId, paymentId, parked: parking.latest() });
  };
  // Skipped, it is acknowledged: somebody has looked and takes it as it is.
  const acknowledge = async (): Promise<void> => {
    if (!hearsWhileParked) return;
    const request = { orderId, paymentId, parked: parking.latest() };
    // What came to light since it was parked, the person who decided has not seen: it is looked at once more. Recorded answers
    // from before this was asked say nothing.
    if ((await activities.acknowledgePayment(request))?.hasMovedSince) news = true;
  };

  const follow = async (): Promise<void> => {
    while (news) await parking.runUndo('follow-payment', look, acknowledge);
  };
  if (await runWhileShort(follow, parking.mayHandOn)) return;
  await continueAsNew<typeof followPayment>({ ...input, carried: parking.handOn() });
}
