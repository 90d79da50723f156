// A change of an order after its sale, before anything of it is packed. What must stay true: every undo is armed before its step, the
// pivot is `applyAmendment` (the order's row decides who was first), and an order whose amendment is refused is as it was.
import { isCancellation, patched } from '@temporalio/workflow';
import type { AmendOrderInput, AmendOutcome } from '../contracts/amend-order.ts';
import { endingIn, rejectionIn } from '../contracts/failures.ts';
import { RejectionCode, type Rejection } from '../domain/rejection.ts';
import { sayAmount } from '../domain/sentence.ts';
import { createActivities, type OrderActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { Compensated } from './ending.ts';
import { createParking, type Parking } from './parking.ts';

export async function amendOrder(input: AmendOrderInput): Promise<AmendOutcome> {
  const { orderId, number, bounds } = input;
  const activities = createActivities(bounds);
  const order = showBusiness({ title: titleOf(input), orderId });
  const parking = createParking({ orderId, order, activities, bounds, carried: undefined });
  const amending: Amending = { input, activities, parking };
  const begun = { charge: false };
  try {
    if (input.holds) await parking.runStep('hold-amendment', () => activities.holdAmendment({ orderId, number }));
    // Before it is tried: an attempt that failed without an answer may have taken it.
    begun.charge = input.charge !== null;
    await chargeDifference(amending);
    await parking.runStep('apply-amendment', () => activities.applyAmendment({ orderId, number }));
    return { status: 'applied' };
  } catch (error) {
    return undo(amending, refusalOf(error), begun);
  }
}

type Amending = { input: AmendOrderInput; activities: OrderActivities; parking: Pick<Parking, 'runStep' | 'runUndo'> };

async function chargeDifference({ input: { orderId, number, charge }, activities, parking }: Amending): Promise<void> {
  if (!charge) return;
  const { ordinal } = charge;
  await parking.runStep(
    'charge-amendment',
    () => activities.chargeAmendment({ orderId, number, ordinal }),
    (providerId) => activities.adoptPayment({ orderId, ordinal, providerId }),
  );
}

/** The money first, then the stock; unless it turns out that the amendment was applied, which nothing can undo any more. */
async function undo(
  { input: { orderId, number, charge }, activities, parking }: Amending,
  refusal: Rejection,
  begun: { charge: boolean },
): Promise<AmendOutcome> {
  // Whatever this run has come to: the one before it may have charged, and have been ended. Harmless where nothing was ever charged.
  if (charge && (begun.charge || patched('a-further-charge-is-always-undone'))) {
    const request = { orderId, number, ordinal: charge.ordinal, refusal };
    await parking.runUndo(
      'undo-amendment',
      () => activities.undoAmendment(request),
      (refundId) => activities.adoptAmendmentRefund({ ...request, refundId }),
    );
  }
  return parking.runUndo('close-amendment', () => activities.closeAmendment({ orderId, number, refusal }));
}

/** Why the order stays as it was. Anything else is our bug: it fails the task, not the amendment. */
function refusalOf(error: unknown): Rejection {
  const rejection = rejectionIn(error);
  if (rejection) return rejection;
  if (error instanceof Compensated && error.ending.status === 'cancelled')
    return { code: RejectionCode.givenUp, message: error.ending.reason };
  const ending = endingIn(error);
  if (ending) return { code: RejectionCode.orderMovedOn, message: `The order is ending as ${ending.status}` };
  if (isCancellation(error)) return { code: RejectionCode.givenUp, message: 'The workflow was cancelled in Temporal' };
  throw error;
}

const titleOf = ({ orderId, number, charge, currency }: AmendOrderInput): string =>
  `# Amendment ${number} of order \`${orderId}\`${charge ? `: ${sayAmount(charge.amountMinor, currency)} more` : ''}`;
