// The named crash points that a sweep has to come to: all that the code lists, but for those that are said here, and why.
import { expect } from '@jest/globals';
import { crashableCalls } from '../../src/contracts/crash-points.ts';

type Group = keyof typeof crashableCalls;

/** Groups of calls that no story here makes. What the other groups list is swept, also what is added to them. */
const groupsElsewhere = {
  returning: 'goods that come back: business after the sale (test/chaos/crash-in-return)',
  saving: 'the customer for whom a payment method is saved (test/chaos/crash-in-step)',
  telling: 'who is told of events: no part of any order (test/chaos/webhooks)',
  erasing: 'who is erased: no part of any order (test/e2e/erasure)',
  publishing: 'events to a broker: no part of any order (test/chaos/broker)',
  mailing: 'mails to customers: no part of any order (test/chaos/customer-notices)',
  amending: 'a change after the sale, asked for by itself (test/chaos/crash-in-amendment)',
  api: 'not made by a worker: what places and launches orders (test/chaos/crash-in-step, verify)',
  packing: 'not made by a worker: what packs (test/chaos/crash-in-shipping)',
  serving: 'not made by a worker: what divides stock that came (test/chaos/crash-in-backorder)',
  reconciling: 'the books, compared beside all orders (test/chaos/reconciliation-crash)',
} as const satisfies Partial<Record<Group, string>>;

const refund = 'a refund that an operator asks for after the sale (test/chaos/crash-in-refund)';
const follow = 'whoever looks after a payment that changed without its order (test/chaos/unknown-outcomes)';
const stored =
  'only after a provider that answers a key with a stored failure (test/integration/capture, parked-steps)';
const byHand = 'only where an operator has paid by hand (test/integration/adoption)';
const lost = 'only of a parcel that was lost, or that a person decides about (test/chaos/crash-in-shipping)';
const inTime = 'only at the end of a wait of days (test/model)';

/** Calls of the swept groups that no story here comes to. One that is come to all the same fails the test, so that the list stays true. */
const callsElsewhere: Readonly<Record<string, string>> = {
  'refunds.begin': refund,
  'refunds.fence': refund,
  'refunds.allowSending': refund,
  'refunds.raisePartRevision': refund,
  'refunds.noteFailure': refund,
  'refunds.settlePart': refund,
  'refunds.abandon': refund,
  'refunds.noteOthers': refund,
  'payments.recordDispute': follow,
  'payments.acknowledge': follow,
  'payments.keepStray': follow,
  'payments.findStanding': follow,
  'payments.adoptPayment': byHand,
  'provider.findClientSecret': 'made by the api, for the customer who authenticates',
  'payments.recordReceived': byHand,
  'captures.adopt': byHand,
  'captures.findMeant': byHand,
  'captures.isCounted': byHand,
  'captures.giveUp': byHand,
  'captures.raiseRevision': stored,
  'shipments.noteDelay': inTime,
  'backorderSteps.expire': inTime,
  'shipments.replace': lost,
  'shipments.withdraw': lost,
  'shipments.giveBack': lost,
};

/** Fails with what was never reached, and with what is said to be reached nowhere and was. */
export function expectAllReached(reached: ReadonlySet<string>): void {
  const missed = points.filter(({ point, call }) => !reached.has(point) && !(call in callsElsewhere));
  const wrong = points.filter(({ point, call }) => reached.has(point) && call in callsElsewhere);
  const unknown = Object.keys(callsElsewhere).filter((call) => !points.some((one) => one.call === call));
  expect({
    neverReached: missed.map(({ point }) => point),
    reachedAllTheSame: wrong.map(({ point }) => point),
    noLongerThere: unknown,
  }).toEqual({ neverReached: [], reachedAllTheSame: [], noLongerThere: [] });
}

export const isInside = (point: string): boolean => point.startsWith('inside ');

const swept = (Object.keys(crashableCalls) as Group[]).filter((group) => !(group in groupsElsewhere));

const points = swept.flatMap((group) => {
  const { transactions, others } = crashableCalls[group];
  return [
    ...transactions.flatMap((call) => pointsOf(call, ['before', 'inside', 'after'])),
    ...others.flatMap((call) => pointsOf(call, ['before', 'after'])),
  ];
});

function pointsOf(call: string, moments: readonly string[]): { point: string; call: string }[] {
  return moments.map((moment) => ({ point: `${moment} ${call}`, call }));
}
