// The money of an order that is paid as it ships: business beside the order, as long as something is to be captured. What must stay true:
// captures of a payment come one after the other, none is dropped, and what nobody may guess parks. When there is nothing to capture it
// ends; it is started again when there is, which the rows know.
import { continueAsNew, setHandler } from '@temporalio/workflow';
import type { CaptureOrderInput, CaptureOutcome } from '../contracts/capture-order.ts';
import { captureNewsSignal } from '../contracts/messages.ts';
import type { Ending } from '../domain/rejection.ts';
import { createActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { Compensated } from './ending.ts';
import { runWhileShort } from './long-life.ts';
import { createParking } from './parking.ts';

export async function captureOrder(input: CaptureOrderInput): Promise<void> {
  const { orderId, ordinal, bounds, carried } = input;
  const activities = createActivities(bounds);
  let news = true;
  setHandler(captureNewsSignal, () => void (news = true), {
    description: 'Something is to be captured, or the order has come further: look at the rows',
  });
  const parking = createParking({
    ...{ orderId, activities, bounds, carried, hasNews: () => news },
    order: showBusiness({ title: `# Captures of payment ${ordinal} of order \`${orderId}\``, orderId }),
  });
  const named = () => ({ orderId, ordinal, parked: parking.latest() });
  // Given up once when an operator says so; should that park, the next decision may be to capture it after all.
  let givenUpBy: Ending | null = null;
  const settle = (): Promise<CaptureOutcome> => {
    news = false;
    const decided = givenUpBy;
    givenUpBy = null;
    if (decided?.status !== 'cancelled') return activities.capturePayment(named());
    const { actor, reason } = decided;
    return activities.abandonCapture({ ...named(), actor, reason });
  };
  const adopt = (providerId: string): Promise<CaptureOutcome> => activities.adoptCapture({ ...named(), providerId });

  const captureAll = async (): Promise<void> => {
    for (let isDone = false; !isDone || news;) {
      try {
        ({ isDone } = await parking.runUndo('capture-payment', settle, adopt));
      } catch (error) {
        if (!(error instanceof Compensated)) throw error;
        givenUpBy = error.ending;
      }
    }
  };
  if (await runWhileShort(captureAll, parking.mayHandOn)) return;
  await continueAsNew<typeof captureOrder>({ ...input, carried: parking.handOn() });
}
