// What a scene has seen, as data, and what it is compared with. What must stay true: a check is made of facts alone, so that a test can
// feed it with wrong ones and see it fail.
import type { Explanation, Order } from '#client';
import { money } from '../output.ts';

/** A line of the provider's own journal: what reached it, and what came of it. */
export type JournalItem = {
  operation: string;
  effect: string;
  amountMinor: number;
  fault: string | null;
  at: string;
};

/** One order from every side: what the api says of it, and what the provider does. */
export type OrderFacts = {
  order: Pick<Order, 'id' | 'status' | 'attention' | 'waiting' | 'totalMinor' | 'currency' | 'payment' | 'rejection'>;
  events: readonly { sequence: number; eventType: string }[];
  explanation: Pick<Explanation, 'mustAct' | 'possibleActions' | 'money'>;
  journal: readonly JournalItem[];
};

/** Units of a product. */
export type Shelf = { onHand: number; reserved: number };

/** What was expected and what was found, as text: the same text is what makes it good. */
export type Check = { of: string; expected: string; found: string; ok: boolean };

export const check = (of: string, expected: string, found: string): Check => ({
  of,
  expected,
  found,
  ok: expected === found,
});

/** Which event follows which, and that none is missing. */
export const checkEvents = ({ events }: OrderFacts, ...types: string[]): Check =>
  check('events', listed(types.map((eventType, at) => ({ sequence: at + 1, eventType }))), listed(events));

function listed(events: OrderFacts['events']): string {
  const types = events.map(({ eventType }) => eventType).join(', ');
  const isWhole = events.every(({ sequence }, at) => sequence === at + 1);
  return `${types} (${isWhole ? 'no gap' : `numbered ${events.map(({ sequence }) => sequence).join(', ')}`})`;
}

/** Where it stands, and whether anybody still has to do something. */
export function checkStatus({ order, explanation }: OrderFacts, status: string): Check[] {
  return [
    check('order', status, statusOf(order)),
    check('explanation', 'nobody has to act', whoActs(explanation.mustAct.who)),
  ];
}

export const statusOf = ({ status, attention, waiting, rejection }: OrderFacts['order']): string => {
  if (attention) return `${status}, parked at ${attention.step}`;
  if (waiting) return `${status}, waits for ${waiting.for}`;
  return rejection ? `${status}: ${rejection.code}` : status;
};

export const whoActs = (who: string): string => (who === 'nobody' ? 'nobody has to act' : `the ${who} has to act`);

/** Of a sold order: the books of both sides say its total, taken in one piece. */
export function checkPaid(facts: OrderFacts): Check[] {
  const { totalMinor, currency, payment } = facts.order;
  const total = money(totalMinor, currency);
  return [
    check('payment', `captured ${total}`, `${payment.state} ${money(payment.capturedMinor, currency)}`),
    check('provider', `1 capture, ${total}`, captures(facts)),
  ];
}

/** Of an order that ended otherwise: neither side has taken anything. */
export function checkUnpaid(facts: OrderFacts, state: string): Check[] {
  const { currency, payment } = facts.order;
  return [
    check('payment', `${state}, ${money(0, currency)} taken`, `${payment.state}, ${takenMinor(facts)} taken`),
    check('provider', 'no capture', captures(facts)),
  ];
}

const takenMinor = ({ order: { payment, currency } }: OrderFacts): string =>
  money(payment.capturedMinor - payment.refundedMinor, currency);

/** What the provider has taken and given back for the order, by its own journal. */
export function captures({ journal, order: { currency } }: Pick<OrderFacts, 'order' | 'journal'>): string {
  const of = (effect: string) => journal.filter((item) => item.effect === effect);
  const sum = (items: readonly JournalItem[]): number => items.reduce((total, item) => total + item.amountMinor, 0);
  const [taken, given] = [of('captured'), of('refunded')];
  if (taken.length === 0) return 'no capture';
  const back = given.length > 0 ? `, ${money(sum(given), currency)} refunded` : '';
  return `${taken.length} ${taken.length === 1 ? 'capture' : 'captures'}, ${money(sum(taken), currency)}${back}`;
}

/** How often something reached the provider. */
export const reached = ({ journal }: OrderFacts, operation: string): number =>
  journal.filter((item) => item.operation === operation).length;

export const checkShelf = (expected: Shelf, found: Shelf): Check =>
  check('stock', shelfText(expected), shelfText(found));

export const shelfText = ({ onHand, reserved }: Shelf): string => `${onHand} on hand, ${reserved} reserved`;

/** What is left once so many of it are sold. */
export const less = ({ onHand, reserved }: Shelf, sold: number): Shelf => ({ onHand: onHand - sold, reserved });
