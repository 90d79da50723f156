// What may be done about an order now, and why not the rest. What must stay true: each answer is made by the very rule that accepts or
// refuses the deed itself, so that the two can not disagree; between the look and the deed the order may move on all the same.
import { isKept, isSoldForGood, isUnsold, type OrderStatus, type ParkedStep } from './order.ts';
import { planRefund, type Refundable } from './refund.ts';
import type { Ending } from './rejection.ts';
import { possibleActions, valueToSkip, type ResolutionAction } from './resolution.ts';
import { MAX_RETURNS, returnableUnits, type Returnable, type ReturnStatus } from './return.ts';
import type { ReviewState } from './review.ts';
import { Scope } from './scope.ts';
import { mayBePacked, type ShipmentStatus } from './shipment.ts';

export const orderActionNames = [
  'resolve',
  'review',
  'give-payment-method',
  'pack',
  'cancel',
  'amend',
  'refund',
  'return',
  'decide-return',
  'receive-return',
] as const;
export type OrderActionName = (typeof orderActionNames)[number];

/** What is known of the order. `whyNotAmendable` and `canGiveMethod` are said by those who accept the deed. */
export type ActionFacts = {
  status: OrderStatus;
  ships: boolean;
  isClosed: boolean;
  ending: Ending | null;
  review: { state: ReviewState; escalatedAt: string | null } | null;
  parked: readonly ParkedStep[];
  canGiveMethod: boolean;
  whyNotAmendable: string | null;
  refundable: Refundable;
  returnable: Returnable;
  shipments: readonly { number: number; status: ShipmentStatus }[];
  returns: readonly { number: number; status: ReturnStatus }[];
};

/** One deed. `whyNot` is null where it is possible; the rest is what its request needs. */
export type OrderAction = {
  name: OrderActionName;
  scope: Scope;
  whyNot: string | null;
  /** Of the shipment or the return that it is about. */
  number?: number;
  /** Of the parked step, with what can be decided about it, and what a skip of it has to name. */
  parked?: ParkedStep & { choices: readonly ResolutionAction[]; valueToSkip: string | null };
  /** What is left to be refunded, in minor units. */
  leftMinor?: number;
  /** What may come back, by sku. */
  units?: readonly { sku: string; quantity: number }[];
};

/** All of them, in the order in which somebody looks for them. */
export const actionsOf = (facts: ActionFacts): OrderAction[] => [
  ...resolutions(facts),
  review(facts),
  givePaymentMethod(facts),
  ...packings(facts),
  cancel(facts),
  { name: 'amend', scope: Scope.write, whyNot: facts.whyNotAmendable },
  refund(facts),
  returning(facts),
  ...returnDecisions(facts),
];

function resolutions({ parked, isClosed, status }: ActionFacts): OrderAction[] {
  const common = { name: 'resolve', scope: Scope.operate } as const;
  if (parked.length === 0) {
    const whyNot = isClosed
      ? `It is not parked: the order has ended ${status}`
      : 'It is not parked: it goes on by itself';
    return [{ ...common, whyNot }];
  }
  return parked.map((step) => ({
    ...common,
    whyNot: null,
    parked: { ...step, choices: possibleActions(step.step), valueToSkip: valueToSkip(step.step) },
  }));
}

function review({ review: standing }: ActionFacts): OrderAction {
  const scope = standing?.escalatedAt ? Scope.reviewEscalated : Scope.review;
  if (standing?.state === 'pending') return { name: 'review', scope, whyNot: null };
  const whyNot = standing ? `Its review is over: ${standing.state}` : 'Nobody has to look at it before it is charged';
  return { name: 'review', scope, whyNot };
}

const givePaymentMethod = ({ canGiveMethod }: ActionFacts): OrderAction => ({
  name: 'give-payment-method',
  scope: Scope.write,
  whyNot: canGiveMethod ? null : 'It waits for no other payment method',
});

function packings({ shipments, ending, ships }: ActionFacts): OrderAction[] {
  const common = { name: 'pack', scope: Scope.fulfil } as const;
  const isEnding = ending !== null;
  const open = shipments.filter(({ status }) => status === 'pending' && mayBePacked(status, { isEnding }));
  if (open.length > 0) return open.map(({ number }) => ({ ...common, whyNot: null, number }));
  if (!ships) return [{ ...common, whyNot: 'Nothing of it is to be shipped' }];
  return [
    { ...common, whyNot: shipments.length === 0 ? 'It has no shipment yet' : 'No shipment of it waits to be packed' },
  ];
}

function cancel(order: ActionFacts): OrderAction {
  return { name: 'cancel', scope: Scope.cancel, whyNot: whyNotCancellable(order) };
}

function whyNotCancellable(order: ActionFacts): string | null {
  if (isUnsold(order.status)) return `It is ${order.status} already`;
  if (order.ending) return `It is being undone already, to end ${order.ending.status}`;
  if (isSoldForGood(order))
    return 'It is sold, and nothing of it is left to be kept back: refund it, or have it returned';
  return null;
}

function refund(order: ActionFacts): OrderAction {
  const common = { name: 'refund', scope: Scope.operate } as const;
  if (!isKept(order)) return { ...common, whyNot: whyNotKept(order) };
  const plan = planRefund({}, order.refundable);
  if ('refused' in plan) return { ...common, whyNot: 'Nothing is left to be refunded', leftMinor: 0 };
  return { ...common, whyNot: null, leftMinor: plan.amountMinor };
}

function returning(order: ActionFacts): OrderAction {
  const common = { name: 'return', scope: Scope.write } as const;
  if (!isKept(order)) return { ...common, whyNot: whyNotKept(order) };
  if (order.returnable.shipped.length === 0) return { ...common, whyNot: 'No carrier has taken anything of it over' };
  if (order.returns.length >= MAX_RETURNS)
    return { ...common, whyNot: `It has ${MAX_RETURNS} returns, no more are taken` };
  const units = returnableUnits(order.returnable);
  if (units.length === 0) return { ...common, whyNot: 'All of it has come back, was asked for, or was refunded' };
  return { ...common, whyNot: null, units };
}

function whyNotKept({ status, ending }: ActionFacts): string {
  if (isUnsold(status)) return `It is ${status}: nothing of it is kept`;
  return ending ? 'It is being undone: everything is given back' : `It is ${status}, not sold yet`;
}

/** Absent where there is no return that waits: they say nothing of the order itself. */
const returnDecisions = ({ returns }: ActionFacts): OrderAction[] =>
  returns.flatMap(({ number, status }): OrderAction[] => {
    if (status === 'requested') return [{ name: 'decide-return', scope: Scope.operate, whyNot: null, number }];
    return status === 'approved' ? [{ name: 'receive-return', scope: Scope.fulfil, whyNot: null, number }] : [];
  });
