// What must hold of disputes: pure, over what the provider and our rows say of them.
import type { DisputeAtProvider, DisputedPayment, DisputeFacts } from './dispute-witness.ts';
import type { Violation } from './invariants.ts';

/** Every rule by its name, with whatever breaks it. */
export function checkDisputes(facts: DisputeFacts): Record<string, Violation[]> {
  return {
    'every movement of a dispute is in the ledger once, as the provider made it, and no other': strangeMovements(facts),
    'every dispute is on record as it stands at the provider': strangeDisputes(facts),
    'a dispute that may cost an ended order money is in front of a person': unseenDisputes(facts),
    'refunds and disputes each take no more than was taken, and no more comes back than went': facts.books.payments
      .filter(isOverdrawn)
      .map((payment) => ({ ...payment })),
  };
}

function strangeMovements({ atProvider, books }: DisputeFacts): Violation[] {
  const theirs = atProvider.flatMap(({ disputeId, movements }) =>
    movements.map(({ movementId, amountMinor }) => nameOf({ movementId, disputeId, amountMinor })),
  );
  const ours = books.movements.map(nameOf);
  return [
    ...theirs.filter((name) => !ours.includes(name)).map((movement) => ({ movement, problem: 'not in the ledger' })),
    ...ours.filter((name) => !theirs.includes(name)).map((movement) => ({ movement, problem: 'not at the provider' })),
    ...ours
      .filter((name, index) => ours.indexOf(name) !== index)
      .map((movement) => ({ movement, problem: 'in the ledger twice' })),
  ];
}

const nameOf = ({ movementId, disputeId, amountMinor }: DisputeFacts['books']['movements'][number]): string =>
  `${movementId} of ${disputeId}: ${amountMinor}`;

function strangeDisputes({ atProvider, books }: DisputeFacts): Violation[] {
  const recorded = new Map(books.disputes.map((dispute) => [dispute.disputeId, dispute]));
  const known = new Set(atProvider.map(({ disputeId }) => disputeId));
  return [
    ...atProvider
      .map((dispute) => ({ ...dispute, ours: recorded.get(dispute.disputeId) ?? null }))
      .filter(({ ours, paymentId, status }) => ours?.paymentId !== paymentId || ours.state !== stateOf(status))
      .map(({ disputeId, paymentId, status, ours }) => ({ disputeId, paymentId, status, ours })),
    ...books.disputes.filter(({ disputeId }) => !known.has(disputeId)).map((dispute) => ({ ...dispute })),
  ];
}

/** What Stripe's status comes to; an inquiry that is closed has cost nothing, as one that was won. */
const stateOf = (status: DisputeAtProvider['status']): string =>
  status === 'warning_closed' ? 'won' : status === 'won' || status === 'lost' ? status : 'open';

/** One that was won, or that has left exactly what the order may keep, needs nobody. */
function unseenDisputes({ atProvider, books }: DisputeFacts): Violation[] {
  const payments = new Map(books.payments.map((payment) => [payment.paymentId, payment]));
  return atProvider.flatMap(({ disputeId, paymentId, status }) => {
    const payment = payments.get(paymentId);
    const state = stateOf(status);
    if (!payment?.isEnded || state === 'won') return [];
    if (state === 'lost' && payment.leftMinor === payment.dueMinor) return [];
    return payment.isParked || payment.isAcknowledged ? [] : [{ disputeId, status, ...payment }];
  });
}

/** Below zero is only what a refund and a dispute have taken both. */
const isOverdrawn = ({ takenMinor, refundedMinor, disputedMinor, reinstatedMinor }: DisputedPayment): boolean =>
  refundedMinor > takenMinor || disputedMinor - reinstatedMinor > takenMinor || reinstatedMinor > disputedMinor;
