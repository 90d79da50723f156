// The card of an order in the Web UI, by what its workflow knows: what happened, what it waits for, who must act. Nothing here decides
// anything, and nothing of it is a command.
import { setCurrentDetails } from '@temporalio/workflow';
import type { ReviewStanding } from '../contracts/review.ts';
import type { OrderInput, OrderOutcome } from '../contracts/process-order.ts';
import { explainOrder } from '../domain/explanation.ts';
import type { OrderFacts } from '../domain/explanation-facts.ts';
import { toMarkdown } from '../domain/explanation-text.ts';
import type { Attention, OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import { openStory } from './story-lines.ts';

type Known = Pick<OrderFacts, 'status' | 'isClosed' | 'payment' | 'stock' | 'ending' | 'waiting' | 'review'>;

const WAITS_FOR_CUSTOMER = 'waits for the customer';

/** Nothing is shown before its first step begins. */
export function openCard(input: OrderInput) {
  let known = knownAtFirst(input);
  let attention: Attention | null = null;
  const story = openStory();
  // Each is a workflow of its own, and says itself whom it waits for.
  const shipments = new Map<number, string>();
  const show = (more: Partial<Known> = {}): void => {
    known = { ...known, ...more };
    const facts = { ...factsOf(input, attention), ...known, shipmentsUnderWay: [...shipments.values()] };
    setCurrentDetails(cardOf(facts, story.lines()));
  };
  const say = (step: OrderStep, standing: string, more: Partial<Known> = {}): void => {
    story.replace(step, standing);
    show(more);
  };

  return {
    say,
    began(step: OrderStep): void {
      story.begin(step, 'under way');
      show();
    },
    finished: (step: OrderStep, result?: unknown): void => {
      const over = step === 'charge-payment' ? notWaiting : {};
      say(step, waitsForCustomer(result) ? WAITS_FOR_CUSTOMER : 'done', { ...learnedFrom(step, input), ...over });
    },
    failed: (step: OrderStep, why: string): void => say(step, why, notWaiting),
    parked(parked: Attention): void {
      attention = parked;
      show();
    },
    resumed(how: string): void {
      attention = null;
      story.add(how);
      show();
    },
    concluded(outcome: OrderOutcome): void {
      attention = null;
      shipments.clear();
      story.add(`**${outcome.status}**${'rejection' in outcome ? `: ${outcome.rejection.message}` : ''}`);
      show({ status: outcome.status, isClosed: true });
    },
    outside: outsideOf({ story, shipments, show }),
  };
}

type Shown = {
  story: ReturnType<typeof openStory>;
  shipments: Map<number, string>;
  show: (more?: Partial<Known>) => void;
};

/** Whom the order waits for outside of its steps. */
function outsideOf({ story, shipments, show }: Shown) {
  const learn = (more: Partial<Known>, subject: string, standing: string): void => {
    story.begin(subject, standing);
    show(more);
  };
  return {
    /** Until its charge is looked at again. */
    waitsForCustomer: (until: string): void =>
      learn({ waiting: { for: 'customer', until } }, 'charge-payment', WAITS_FOR_CUSTOMER),
    /** How the review stands that it waits for before it is charged. */
    reviewed: (standing: ReviewStanding): void => learn(learnedFromReview(standing), 'review', sayStanding(standing)),
    /** Until when stock is waited for that is sold already; null: none is. */
    waitsForStock: (until: string | null): void => learn(...learnedFromStock(until)),
    /** A shipment is looked after by a workflow of its own from now on. */
    shipmentBegan({ number, workflowId }: { number: number; workflowId: string }): void {
      shipments.set(number, workflowId);
      learn({}, `shipment ${number}`, `under way, see ${workflowId}`);
    },
    shipmentEnded({ number, how }: { number: number; how: string }): void {
      shipments.delete(number);
      learn({}, `shipment ${number}`, how);
    },
    /** From now on everything is undone, to end that way. */
    undoing(ending: Ending): void {
      shipments.clear();
      show({ ...notWaiting, ending });
    },
  };
}

const waitsForCustomer = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'waitsFor' in result;

const notWaiting = { waiting: null, review: null } as const;

const cardOf = (facts: Omit<OrderFacts, 'happened'>, lines: readonly string[]): string =>
  toMarkdown(explainOrder({ ...facts, happened: lines.map(toHappening) }));

function sayStanding(standing: ReviewStanding): string {
  if (standing.state !== 'pending') return standing.state;
  return standing.isEscalated ? 'waits for the second group' : 'waits for somebody to look at it';
}

function learnedFromReview(standing: ReviewStanding): Pick<Known, 'waiting' | 'review'> {
  if (standing.state !== 'pending') return notWaiting;
  const { until, escalatesInMs } = standing;
  // By the workflow's clock, which may differ a little from the row's: this is for people.
  const escalatesAt = escalatesInMs === null ? null : new Date(Date.now() + escalatesInMs).toISOString();
  return { waiting: { for: 'review', until }, review: { ...standing, escalatesAt } };
}

const learnedFromStock = (until: string | null): [Pick<Known, 'waiting'>, string, string] =>
  until === null
    ? [{ waiting: null }, 'stock', 'nothing is waited for any more']
    : [{ waiting: { for: 'stock', until } }, 'stock', `some is waited for until ${until}`];

const toHappening = (sentence: string) => ({ at: null, sentence });

const factsOf = ({ orderId, totalMinor, currency }: OrderInput, attention: Attention | null) => ({
  parked: attention ? [{ ...attention, workflowId: orderId, payment: null, refund: null, return: null }] : [],
  ...{ orderId, totalMinor, currency },
  ...{
    awaitsLaunch: false,
    workflowRuns: true,
    attempts: [],
    pending: null,
    disputes: [],
    refunds: [],
    backorders: [],
    returns: [],
  },
  // Times, tries and amounts in between are in the tables.
  notAsked: [`Times and tries: see GET /orders/${orderId}/explanation`],
});

const knownAtFirst = ({ totalMinor }: OrderInput): Known => ({
  status: 'placed',
  isClosed: false,
  ending: null,
  ...notWaiting,
  payment: {
    state: totalMinor === 0 ? 'captured' : 'pending',
    capturedMinor: 0,
    refundedMinor: 0,
    disputedMinor: 0,
    strayMinor: 0,
  },
  stock: { heldUnits: 0, soldUnits: 0, holdUntil: null },
});

const nothingBack = { refundedMinor: 0, disputedMinor: 0, strayMinor: 0 };
const captured = (capturedMinor: number) => ({ state: 'captured', capturedMinor, ...nothingBack }) as const;
// What of it is captured as it ships is in the tables.
const authorized = (authorizedMinor: number) =>
  ({ state: 'authorized', capturedMinor: 0, authorizedMinor, ...nothingBack }) as const;

/** What a step that is done says about the order. */
function learnedFrom(step: OrderStep, { totalMinor, itemCount, ships = false, capture }: OrderInput): Partial<Known> {
  switch (step) {
    case 'reserve-inventory':
      return { status: 'reserved', stock: { heldUnits: itemCount ?? null, soldUnits: 0, holdUntil: null } };
    case 'confirm-order':
      return {
        status: 'confirmed',
        isClosed: !ships,
        payment: capture === 'per-shipment' && totalMinor > 0 ? authorized(totalMinor) : captured(totalMinor),
        stock: { heldUnits: 0, soldUnits: itemCount ?? 0, holdUntil: null },
      };
    case 'refund-payment':
      // Voided or refunded: nothing of it is taken.
      return { payment: { state: 'voided', capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, strayMinor: 0 } };
    case 'release-inventory':
      return { stock: { heldUnits: 0, soldUnits: 0, holdUntil: null } };
    // A charge may be done and wait for its customer all the same: the sale says that the money is there.
    case 'charge-payment':
    case 'close-order':
    case 'follow-payment':
    case 'pay-refund':
    case 'capture-payment':
    case 'ship-order':
    case 'pack-shipment':
    case 'create-shipment':
    case 'dispatch-shipment':
    case 'deliver-shipment':
    case 'refund-missing':
    case 'cancel-shipment':
    case 'follow-shipment':
    case 'approve-return':
    case 'receive-return':
    case 'refund-return':
    case 'hold-amendment':
    case 'charge-amendment':
    case 'apply-amendment':
    case 'undo-amendment':
    case 'close-amendment':
      return {};
  }
}
