// What is shown of an order while it runs: search attributes where a status lasts, current details for people in the Web
// UI (the card of domain/explanation.ts, by what the workflow knows), and the query. Nothing here decides anything.
import { setCurrentDetails, setHandler, upsertSearchAttributes } from '@temporalio/workflow';
import { progressQuery } from '../contracts/messages.ts';
import { orderAttentionKey, orderStatusKey } from '../contracts/search-attributes.ts';
import type { ReviewStanding } from '../contracts/review.ts';
import type { OrderInput, OrderOutcome } from '../contracts/process-order.ts';
import { explainOrder } from '../domain/explanation.ts';
import type { OrderFacts } from '../domain/explanation-facts.ts';
import { toMarkdown } from '../domain/explanation-text.ts';
import type { Attention, OrderStep } from '../domain/order.ts';
import type { Ending } from '../domain/rejection.ts';
import { clause } from '../domain/sentence.ts';

export type OrderState = ReturnType<typeof openOrder>;
type Known = Pick<OrderFacts, 'status' | 'isClosed' | 'payment' | 'stock' | 'ending' | 'waiting' | 'review'>;

const PROGRESS_DESCRIPTION = 'Which step the order is at, and whether it is parked';

/** Begins to show the order; answers with the ways to say how it goes on. */
export function openOrder(input: OrderInput) {
  let current: OrderStep | 'done' = 'reserve-inventory';
  let attention: Attention | null = null;
  // Set before the order's row says that it is parked, and possibly without it ever saying so.
  let marked = false;
  let known = knownAtFirst(input);
  const lines: string[] = [];
  const show = (): void => setCurrentDetails(cardOf({ ...factsOf(input, attention), ...known }, lines));

  setHandler(progressQuery, () => ({ step: current, attention }), { description: PROGRESS_DESCRIPTION });

  return {
    began(step: OrderStep): void {
      current = step;
      lines.push(`${step}: under way`);
      show();
    },
    finished(step: OrderStep, result?: unknown): void {
      known = { ...known, ...learnedFrom(step, input) };
      replaceLast(`${step}: ${waitsForCustomer(result) ? 'waits for the customer' : 'done'}`);
    },
    failed: (step: OrderStep, why: string): void => replaceLast(`${step}: ${why}`),
    /** How the review stands that it waits for before it is charged. */
    reviewed: (standing: ReviewStanding): void =>
      learn(learnedFromReview(standing), `review: ${sayStanding(standing)}`),
    /** Until when stock is waited for that is sold already; null: none is. */
    waitsForStock: (until: string | null): void => learn(...learnedFromStock(until)),
    /** From now on everything is undone, to end that way. */
    undoing: (ending: Ending): void => void (known = { ...known, ...notWaiting, ending }),
    /** Search attribute first: it works while our database is away, which may be why the order parks. */
    parked(step: OrderStep, reason: string): void {
      marked = true;
      upsertSearchAttributes([{ key: orderAttentionKey, value: step }]);
      replaceLast(`**${step}: parked, waits for an operator** (${clause(reason)})`);
    },
    noticed(parked: Attention): void {
      attention = parked;
      show();
    },
    resumed(how: string): void {
      attention = null;
      marked = false;
      upsertSearchAttributes([{ key: orderAttentionKey, value: null }]);
      lines.push(how);
      show();
    },
    conclude(outcome: OrderOutcome): OrderOutcome {
      current = 'done';
      known = { ...known, status: outcome.status, isClosed: true };
      // An order can leave its parking place through a cancellation: nothing is left for an operator then.
      const noLongerParked = marked ? [{ key: orderAttentionKey, value: null }] : [];
      attention = null;
      upsertSearchAttributes([{ key: orderStatusKey, value: outcome.status }, ...noLongerParked]);
      lines.push(`**${outcome.status}**${'rejection' in outcome ? `: ${outcome.rejection.message}` : ''}`);
      show();
      return outcome;
    },
  };

  function learn(more: Partial<Known>, line: string): void {
    known = { ...known, ...more };
    lines.push(line);
    show();
  }

  function replaceLast(line: string): void {
    lines.splice(-1, 1, line);
    show();
  }
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

const learnedFromStock = (until: string | null): [Pick<Known, 'waiting'>, string] =>
  until === null
    ? [{ waiting: null }, 'stock: nothing is waited for any more']
    : [{ waiting: { for: 'stock', until } }, `stock: some is waited for until ${until}`];

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
