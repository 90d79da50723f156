// Joins what the witnesses say: pure, over what it is given. A rule that holds has no violations.
import { RECONCILE_SCHEDULE } from '../contracts/reconcile.ts';
import { needsPerson } from '../domain/drift.ts';
import { allowedRejections, promisesOf, type ClientEntry } from './client-log.ts';
import { checkDisputes } from './dispute-rules.ts';
import {
  compareWithJournal,
  lostOrders,
  parkedThoughClosed,
  repeatedEffects,
  wronglyMarked,
  type JournalItem,
  type Violation,
} from './invariants.ts';
import type { Comparison, OrderRow, ShipmentFact, Witnesses } from './witnesses.ts';

/** Every rule by its name, with whatever breaks it. */
export function checkWitnesses(witnesses: Witnesses): Record<string, Violation[]> {
  const { orders, client, journal, ledger } = witnesses;
  const ids = orders.map(({ id }) => id);
  const accepted = client.flatMap(({ orderId }) => orderId ?? []);
  return {
    ...Object.fromEntries(Object.entries(witnesses.brokenRows).map(([name, rows]) => [name, [...rows]])),
    'every 2xx order exists': lostOrders(accepted, ids),
    'every key has one order, and every order a key of the client': strangers(orders, client),
    'every repeat is answered byte for byte like the first': unlikeAnswers(orders, client),
    'no answer is a defect (500), and every request is answered in the end': badAnswers(client),
    'provider journal = ledger, order by order': compareWithJournal(ledger, journal),
    'one effect per idempotency key': repeatedEffects(journal),
    'one create per ordinal and revision': repeatedCreates(journal),
    'a key is replaced only after a stored failure': needlessRevisions(journal),
    'only the persisted payment is ever captured': strangeCaptures(orders, journal),
    'attention is the oldest parked step that is open': wronglyMarked(orders, witnesses.parkedSteps),
    'no closed order is parked at a step of its own story': parkedThoughClosed(orders, witnesses.parkedSteps),
    'nothing is left open': leftOpen(orders),
    'business beside an order is over, or parked': unfinishedBusiness(witnesses),
    'everything the provider told is in the inbox, once, and dealt with': witnesses.notices
      .filter(({ kept, isDone }) => !kept || !isDone)
      .map((notice) => ({ ...notice })),
    'only what deserves it is rejected': wronglyRejected(orders, client),
    'an open order is looked after, a closed one is not': orders
      .filter(({ isMarked, isClosed }) => isMarked === isClosed)
      .map(({ id, status }) => ({ id, status })),
    'every event has its position': witnesses.unnumberedEvents > 0 ? [{ events: witnesses.unnumberedEvents }] : [],
    'every order has its workflow, and every workflow its order': unmatched(ids, witnesses),
    'every history replays': witnesses.histories.flatMap(({ workflowId, refused }) =>
      refused === null ? [] : [{ workflowId, refused }],
    ),
    'the workflow of a closed order is over, and says the same': disagreeing(witnesses),
    'every parcel is of a shipment, which has one valid label, or none once it is cancelled': strangeLabels(witnesses),
    'what the carrier has done with a parcel is what our rows say': unlikeCarrier(witnesses),
    ...checkDisputes(witnesses.disputes),
    'every comparison of the books comes to its end': unfinishedComparisons(witnesses),
    'the last comparison of the books finds nothing': foundAtLast(witnesses.lastComparison),
    'a subscriber has every event of every order once, in sequence, apart from repeats': untold(witnesses),
    'no deadlock': witnesses.deadlocks > 0 ? [{ deadlocks: witnesses.deadlocks }] : [],
  };
}

type Waiter = Pick<OrderRow, 'attention' | 'waiting' | 'paymentMethod'>;

/** A refund that failed at the provider waits for a person, by design, and so does a review: nothing else may stay open. */
export const waitsForPerson = ({ attention, waiting, paymentMethod }: Waiter): boolean =>
  attention ? attention.step === 'refund-payment' && paymentMethod === 'pm_card_refundFail' : waiting?.for === 'review';

function strangers(orders: readonly OrderRow[], client: readonly ClientEntry[]): Violation[] {
  const asked = new Map(client.map((entry) => [entry.key, entry]));
  const keys = orders.map(({ key }) => key);
  return orders
    .map(({ id, key }) => ({ id, key, heard: asked.get(key ?? '')?.orderId ?? null }))
    .filter(({ id, key, heard }) => heard !== id || keys.indexOf(key) !== keys.lastIndexOf(key));
}

function unlikeAnswers(orders: readonly OrderRow[], client: readonly ClientEntry[]): Violation[] {
  const rows = new Map(orders.map((order) => [order.key, order]));
  return client.flatMap((entry) => {
    const promises = promisesOf(entry);
    const distinct = new Set(promises.map(({ status, body, location }) => JSON.stringify([status, body, location])));
    const firsts = promises.filter(({ replayed }) => !replayed).length;
    const row = rows.get(entry.key);
    const [heard] = promises;
    const isRecorded = !heard || (row?.answerStatus === heard.status && row.answerBody === heard.body);
    const isWell = distinct.size <= 1 && firsts <= 1 && isRecorded;
    return isWell ? [] : [{ key: entry.key, answers: [...distinct], firsts, isRecorded }];
  });
}

function badAnswers(client: readonly ClientEntry[]): Violation[] {
  return client.flatMap(({ key, plan, heard }) => {
    const answers = heard.flatMap((one) => ('status' in one ? [one] : []));
    const defects = answers.filter(({ status }) => ![200, 202, 422, 429, 503].includes(status));
    const isAnswered = answers.some(({ status }) => status < 300 || status === 422);
    const refusedWrongly = plan.basket !== 'unknown' && !answers.some(({ status }) => status < 300);
    const isWell = defects.length === 0 && isAnswered && !refusedWrongly;
    return isWell ? [] : [{ key, plan, isAnswered, defects: defects.map(({ status, body }) => ({ status, body })) }];
  });
}

/** `ordinal`: of the try, or the number and the payment of a refund that was asked for. */
type Key = { orderId: string; operation: string; ordinal: string; revision: number };

function parseKey(key: string): Key | null {
  const [, orderId, operation, ordinal, revision] = /^(\w+):(\w+):([\d.]+)(?::r(\d+))?$/.exec(key) ?? [];
  if (orderId === undefined || operation === undefined || ordinal === undefined) return null;
  return { orderId, operation, ordinal, revision: Number(revision ?? 1) };
}

function repeatedCreates(journal: readonly JournalItem[]): Violation[] {
  const created = new Map<string, number>();
  for (const { effect, idempotencyKey, orderId } of journal) {
    if (effect !== 'created') continue;
    const key = parseKey(idempotencyKey ?? '');
    // The customer for whom a payment method is saved is made beside the payment.
    const name = key
      ? `${key.orderId}${key.operation === 'create' ? '' : ` ${key.operation}`} ordinal ${key.ordinal} revision ${key.revision}`
      : `${orderId ?? ''} without a key`;
    created.set(name, (created.get(name) ?? 0) + 1);
  }
  return [...created].filter(([, times]) => times > 1).map(([payment, times]) => ({ payment, times }));
}

/**
 * A new revision of a key is a new chance to do a thing twice: it needs a failure that the provider has stored. Or, of a refund that was
 * asked for, one that the provider shows as failed, or has refused: under the key of before nothing has moved, and it was sent.
 */
function needlessRevisions(journal: readonly JournalItem[]): Violation[] {
  const stuck = new Set(journal.flatMap(({ replayed, idempotencyKey }) => (replayed ? (idempotencyKey ?? []) : [])));
  const keys = [...new Set(journal.flatMap(({ idempotencyKey }) => idempotencyKey ?? []))];
  return keys.flatMap((text) => {
    const key = parseKey(text);
    if (!key || key.revision === 1) return [];
    const base = `${key.orderId}:${key.operation}:${key.ordinal}`;
    const before = key.revision === 2 ? base : `${base}:r${key.revision - 1}`;
    const sent = journal.filter(({ idempotencyKey }) => idempotencyKey === before);
    const hasFailed =
      key.operation === 'refundPart' && sent.length > 0 && sent.every(({ effect }) => effect === 'none');
    return stuck.has(before) || hasFailed ? [] : [{ key: text, expected: `a stored failure under ${before}` }];
  });
}

function strangeCaptures(orders: readonly OrderRow[], journal: readonly JournalItem[]): Violation[] {
  const persisted = new Map(orders.map(({ id, providerIds }) => [id, providerIds]));
  return journal
    .filter(({ effect }) => effect === 'captured')
    .filter(({ orderId, paymentIntentId }) => !persisted.get(orderId ?? '')?.includes(paymentIntentId ?? ''))
    .map(({ orderId, paymentIntentId }) => ({
      orderId,
      captured: paymentIntentId,
      persisted: persisted.get(orderId ?? ''),
    }));
}

function strangeLabels({ shipments, strangeParcels }: Witnesses): Violation[] {
  const isWrong = ({ status, hasLeft, parcels }: ShipmentFact): boolean => {
    const valid = parcels.filter((parcel) => parcel.status !== 'cancelled').length;
    return status === 'cancelled' && !hasLeft ? valid > 0 : valid > 1;
  };
  return [...strangeParcels, ...shipments.filter(isWrong)].map((one) => ({ ...one }));
}

/** The carrier has the last word; what is cancelled stays so, whatever the carrier does with it. */
const unlikeCarrier = ({ shipments }: Witnesses): Violation[] =>
  shipments
    .filter(({ status, hasLeft, parcels }) => {
      const [valid] = parcels.filter((parcel) => parcel.status !== 'cancelled');
      const theirs = valid?.status ?? 'announced';
      if (status === 'cancelled') return hasLeft !== (theirs !== 'announced');
      return theirs === 'announced' ? hasLeft : theirs !== status;
    })
    .map((one) => ({ ...one }));

const leftOpen = (orders: readonly OrderRow[]): Violation[] =>
  orders
    .filter((order) => !order.isClosed && !waitsForPerson(order))
    .map(({ id, status, attention, paymentMethod }) => ({ id, status, attention, paymentMethod }));

/** Unknown is never treated as declined: a good card that is rejected is money that somebody guessed about. */
function wronglyRejected(orders: readonly OrderRow[], client: readonly ClientEntry[]): Violation[] {
  const plans = new Map(client.map(({ key, plan }) => [key, plan]));
  return orders.flatMap(({ id, key, rejectionCode }) => {
    const plan = plans.get(key ?? '');
    if (rejectionCode === null || !plan || allowedRejections(plan).includes(rejectionCode)) return [];
    return [{ id, rejectionCode, plan }];
  });
}

function unmatched(ids: readonly string[], { histories }: Witnesses): Violation[] {
  const known = new Set(ids);
  const have = histories.map(({ workflowId }) => workflowId).filter((id) => !isComparison(id));
  const told = new Set(have);
  return [
    ...ids.filter((id) => !told.has(id)).map((id) => ({ order: id, problem: 'has no workflow' })),
    ...have.filter((id) => !known.has(orderOf(id))).map((id) => ({ workflow: id, problem: 'has no order' })),
  ];
}

/** One that began by itself, or was asked for. */
const isComparison = (workflowId: string): boolean => workflowId.startsWith(RECONCILE_SCHEDULE);

/** Business beside the order's own story is named after the order. */
const orderOf = (workflowId: string): string => workflowId.split(':')[0] ?? '';

function unfinishedBusiness({ parkedSteps, histories }: Witnesses): Violation[] {
  const parked = new Set(parkedSteps.map(({ workflowId }) => workflowId));
  return histories
    .filter(({ workflowId, outcome }) => outcome === null && orderOf(workflowId) !== workflowId)
    .filter(({ workflowId }) => !isComparison(workflowId))
    .filter(({ workflowId }) => !parked.has(workflowId))
    .map(({ workflowId }) => ({ workflowId }));
}

/** Nobody starts the workflow again of an order that had closed a moment before somebody ended it. */
function disagreeing({ orders, histories, terminated }: Witnesses): Violation[] {
  const outcomes = new Map(histories.map(({ workflowId, outcome }) => [workflowId, outcome]));
  return orders
    .filter(({ isClosed }) => isClosed)
    .map(({ id, status }) => ({ id, status, workflow: outcomes.get(id) ?? null }))
    .filter(({ status, workflow }) => status !== workflow)
    .filter(({ id, workflow }) => workflow !== 'terminated' || !terminated.includes(id));
}

function untold({ told, events }: Witnesses): Violation[] {
  if (!told) return [];
  const last = new Map<string, number>();
  for (const { orderId } of events) last.set(orderId, (last.get(orderId) ?? 0) + 1);
  return [
    ...told.strange.map((what) => ({ what })),
    ...[...last]
      .map(([orderId, count]) => ({ orderId, events: count, told: told.upTo[orderId] ?? 0 }))
      .filter((one) => one.told !== one.events),
  ];
}

const unfinishedComparisons = ({ comparisons, histories }: Witnesses): Violation[] => [
  ...comparisons
    .filter(({ isOver, failure }) => !isOver || failure !== null)
    .map(({ id, failure }) => ({ id, failure })),
  ...histories.flatMap(({ workflowId, outcome }) =>
    isComparison(workflowId) && outcome === null ? [{ workflowId }] : [],
  ),
];

/** All is settled: whatever it would repair, and whatever it asks a person about, no rule of ours has seen. */
function foundAtLast(last: Comparison | null): Violation[] {
  if (!last) return [];
  const { id, state, failure, truncated, drifts } = last;
  return [
    ...(state === 'finished' && !truncated ? [] : [{ id, state, failure, truncated }]),
    ...drifts
      .filter(({ outcome }) => outcome === 'repaired' || needsPerson(outcome))
      .map(({ name, object, found, outcome }) => ({ name, object, found, outcome })),
  ];
}
