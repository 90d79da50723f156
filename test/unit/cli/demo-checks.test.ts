// What the scenes of `orders demo` compare: right facts pass, and each check fails for a wrong one. A demo that can not fail says nothing.
import { expect, test } from '@jest/globals';
import type { Check, JournalItem, OrderFacts } from '../../../src/cli/demo/facts.ts';
import { checkAnswerLost } from '../../../src/cli/demo/scenes/answer-lost.ts';
import { checkCancelled } from '../../../src/cli/demo/scenes/cancelled.ts';
import { checkDeclined } from '../../../src/cli/demo/scenes/declined.ts';
import { checkFlashSale } from '../../../src/cli/demo/scenes/flash-sale.ts';
import { checkHappy } from '../../../src/cli/demo/scenes/happy.ts';
import { checkProviderDown } from '../../../src/cli/demo/scenes/provider-down.ts';
import { checkSameKey } from '../../../src/cli/demo/scenes/same-key.ts';
import { checkWorkerKilled } from '../../../src/cli/demo/scenes/worker-killed.ts';

const at = '2026-01-31T12:00:00.000Z';
const line = (operation: string, effect: string, fault: string | null = null): JournalItem => ({
  ...{ operation, effect, fault, at },
  amountMinor: 1_250,
});
const numbered = (...types: string[]) => types.map((eventType, index) => ({ eventType, sequence: index + 1 }));
const unpaid = { state: 'pending', capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, authorizedMinor: 0 } as const;
const happened = numbered('order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed');
const captured = line('confirm', 'captured');
const sold: OrderFacts = {
  order: {
    ...{ id: 'order_1', status: 'confirmed', attention: null, waiting: null, rejection: null },
    ...{ totalMinor: 1_250, currency: 'EUR', payment: { ...unpaid, state: 'captured', capturedMinor: 1_250 } },
  },
  events: happened,
  explanation: explained('nobody'),
  journal: [line('create', 'created'), captured],
};

function explained(who: 'nobody' | 'operator', possibleActions: ['retry'] | [] = []): OrderFacts['explanation'] {
  const none = { refundedMinor: 0, disputedMinor: 0, authorizedMinor: 0, balanceMinor: 0, toRefundMinor: 0 };
  const money = {
    ...none,
    currency: 'EUR',
    totalMinor: 1_250,
    capturedMinor: 0,
    mayBeCapturedMinor: 1_250,
    sentence: '',
  };
  return { mustAct: { who, how: '' }, possibleActions, money };
}
const withOrder = (facts: OrderFacts, more: Partial<OrderFacts['order']>): OrderFacts => ({
  ...facts,
  order: { ...facts.order, ...more },
});
const withPayment = (facts: OrderFacts, more: object): OrderFacts =>
  withOrder(facts, { payment: { ...facts.order.payment, ...more } });

/** What may be wrong with any order that is sold: facts, and the check that sees it. */
const wrongSales: [string, OrderFacts, string][] = [
  ['it is not sold', withOrder(sold, { status: 'reserved' }), 'order'],
  ['it is parked', withOrder(sold, { attention: { step: 'charge-payment', reason: '', since: at } }), 'order'],
  ['somebody has to act', { ...sold, explanation: explained('operator') }, 'explanation'],
  ['the api says nothing was taken', withPayment(sold, unpaid), 'payment'],
  ['the api says half was taken', withPayment(sold, { capturedMinor: 625 }), 'payment'],
  ['the provider took nothing', { ...sold, journal: [line('create', 'created')] }, 'provider'],
  ['the provider took it twice', { ...sold, journal: [...sold.journal, captured] }, 'provider'],
  ['the provider gave it back', { ...sold, journal: [...sold.journal, line('refund', 'refunded')] }, 'provider'],
  ['the provider took less', { ...sold, journal: [{ ...captured, amountMinor: 1_249 }] }, 'provider'],
];
const wrongEvents: [string, OrderFacts, string][] = [
  ['an event is missing', { ...sold, events: happened.slice(0, -1) }, 'events'],
  ['an event came twice', { ...sold, events: [...happened, { sequence: 5, eventType: 'order.confirmed' }] }, 'events'],
  [
    'a number is left out',
    { ...sold, events: happened.map((one, index) => ({ ...one, sequence: 2 * index + 1 })) },
    'events',
  ],
];
/** The same of scenes that have more facts. */
const inOrder = <F extends { order: OrderFacts }>(facts: F, wrong: [string, OrderFacts, string][]): Wrong<F>[] =>
  wrong.map(([what, order, of]) => [what, { ...facts, order }, of]);

type Wrong<F> = [what: string, facts: F, of: string];
type Case = { name: string; right: Check[]; wrong: [string, Check[], string][] };
const caseOf = <F>(name: string, checks: (facts: F) => Check[], right: F, wrong: Wrong<F>[]): Case => ({
  name,
  right: checks(right),
  wrong: wrong.map(([what, facts, of]) => [what, checks(facts), of]),
});

const shelf = { onHand: 50, reserved: 0 };
const shelves = { before: shelf, after: { onHand: 49, reserved: 0 } };
const wrongShelves = <F extends { after: object }>(facts: F): Wrong<F>[] => [
  ['a unit too many has gone', { ...facts, after: { onHand: 48, reserved: 0 } }, 'stock'],
  ['a unit is held still', { ...facts, after: { ...facts.after, reserved: 1 } }, 'stock'],
];

const happy = { order: sold, ...shelves };
const answers = Array.from({ length: 10 }, (_, index) => ({ id: 'order_1', text: '{}', isReplayed: index > 0 }));
const same = { ...happy, answers };
const rejected: OrderFacts = {
  ...sold,
  order: {
    ...sold.order,
    status: 'rejected',
    rejection: { code: 'payment.declined', message: '' },
    payment: { ...unpaid, state: 'declined', declineCode: 'generic_decline' },
  },
  events: numbered('order.placed', 'inventory.reserved', 'payment.declined', 'inventory.released', 'order.rejected'),
  journal: [line('create', 'created'), line('confirm', 'none')],
};
const declined = { order: rejected, before: shelf, after: shelf };
const lost = { order: { ...sold, journal: [...sold.journal, line('retrieve', 'none')] }, struck: 1, ...shelves };
const twice = [...lost.order.journal, line('confirm', 'none')];
const moved = Date.parse(at);
const killed = { ...happy, order: lost.order, killed: { pid: 1, at: moved - 1 }, follower: { pid: 2, at: moved + 1 } };
const parked: OrderFacts = {
  ...withPayment(
    withOrder(sold, { status: 'reserved', attention: { step: 'charge-payment', reason: '', since: at } }),
    unpaid,
  ),
  explanation: explained('operator', ['retry']),
  journal: [line('create', 'none', 'error_500')],
};
const resumed: OrderFacts = {
  ...sold,
  events: numbered('order.placed', 'order.parked', 'order.resumed', 'order.confirmed'),
};
const down = { ...shelves, parked, held: { onHand: 50, reserved: 1 }, answered: 202, order: resumed };
const over: OrderFacts = {
  ...sold,
  order: { ...sold.order, status: 'cancelled', payment: { ...unpaid, state: 'voided' } },
  events: numbered(
    ...['order.placed', 'inventory.reserved', 'payment.action_required', 'order.cancellation_requested'],
    ...['payment.voided', 'inventory.released', 'order.cancelled'],
  ),
  journal: [line('create', 'created'), line('confirm', 'none'), line('cancel', 'canceled')],
};
const cancel = { answered: 202, held: { onHand: 50, reserved: 1 }, order: over, before: shelf, after: shelf };
const has = { order: { ...sold.order }, captured: '1 capture, 12.50 EUR' };
const hasNone = {
  order: withOrder(rejected, { rejection: { code: 'inventory.out_of_stock', message: '' } }).order,
  captured: 'no capture',
};
const sale = { units: 1, buyers: [has, hasNone, hasNone], after: { onHand: 0, reserved: 0 } };

const cases: Case[] = [
  caseOf('happy', checkHappy, happy, [...inOrder(happy, [...wrongSales, ...wrongEvents]), ...wrongShelves(happy)]),
  caseOf('same-key', checkSameKey, same, [
    ...inOrder(same, wrongSales),
    ...wrongShelves(same),
    [
      'there are two orders',
      { ...same, answers: answers.map((one, index) => ({ ...one, id: index === 9 ? 'order_2' : one.id })) },
      'orders',
    ],
    [
      'one is not marked as a repeat',
      { ...same, answers: answers.map((one, index) => ({ ...one, isReplayed: index > 1 })) },
      'answers',
    ],
    [
      'one body differs',
      { ...same, answers: answers.map((one, index) => ({ ...one, text: index === 3 ? '{ }' : one.text })) },
      'bodies',
    ],
  ]),
  caseOf('declined', checkDeclined, declined, [
    ...inOrder(declined, [
      ['it is sold', withOrder(rejected, { status: 'confirmed', rejection: null }), 'order'],
      ['it has another code', withOrder(rejected, { rejection: { code: 'payment.expired', message: '' } }), 'order'],
      ['somebody has to act', { ...rejected, explanation: explained('operator') }, 'explanation'],
      ['the bank’s code is lost', withPayment(rejected, { declineCode: undefined }), 'bank says'],
      [
        'the stock is not released',
        { ...rejected, events: rejected.events.filter(({ sequence }) => sequence !== 4) },
        'events',
      ],
      ['something was taken', withPayment(rejected, { capturedMinor: 1_250 }), 'payment'],
      ['the provider took it', { ...rejected, journal: sold.journal }, 'provider'],
    ]),
    ['the unit is held still', { ...declined, after: { onHand: 50, reserved: 1 } }, 'stock'],
    ['the unit is gone', { ...declined, after: { onHand: 49, reserved: 0 } }, 'stock'],
  ]),
  caseOf('flash-sale', checkFlashSale, sale, [
    ['one too many is sold', { ...sale, buyers: [has, has, hasNone] }, 'sold'],
    ['none is sold', { ...sale, buyers: [hasNone, hasNone, hasNone] }, 'sold'],
    [
      'a loser hears something else',
      { ...sale, buyers: [has, hasNone, { ...hasNone, order: rejected.order }] },
      'others',
    ],
    ['a loser hears nothing', { ...sale, buyers: [has, hasNone, { ...hasNone, order: parked.order }] }, 'others'],
    [
      'a winner is charged twice',
      { ...sale, buyers: [{ ...has, captured: '2 captures, 25.00 EUR' }, hasNone, hasNone] },
      'charged',
    ],
    ['a loser is charged', { ...sale, buyers: [has, hasNone, { ...hasNone, captured: has.captured }] }, 'not charged'],
    ['a unit is left', { ...sale, after: { onHand: 1, reserved: 0 } }, 'stock'],
    ['a unit is held still', { ...sale, after: { onHand: 0, reserved: 1 } }, 'stock'],
  ]),
  caseOf('answer-lost', checkAnswerLost, lost, [
    ...inOrder(lost, [...wrongSales, ...wrongEvents]),
    ...wrongShelves(lost),
    ['no answer was lost', { ...lost, struck: 0 }, 'lost answers'],
    ['it was confirmed again', { ...lost, order: { ...lost.order, journal: twice } }, 'asked again'],
    ['nobody asked', { ...lost, order: sold }, 'asked again'],
  ]),
  caseOf('worker-killed', checkWorkerKilled, killed, [
    ...inOrder(killed, [...wrongSales, ...wrongEvents]),
    ...wrongShelves(killed),
    ['the worker lives', { ...killed, follower: { pid: 1, at: moved + 1 } }, 'worker'],
    ['nobody came', { ...killed, follower: null }, 'worker'],
    ['the money had moved before', { ...killed, killed: { pid: 1, at: moved + 1 } }, 'money moved'],
    ['it was confirmed again', { ...killed, order: { ...killed.order, journal: twice } }, 'asked again'],
  ]),
  caseOf('provider-down', checkProviderDown, down, [
    ...inOrder(down, wrongSales),
    ...wrongShelves(down),
    ['it is not parked', { ...down, parked: withOrder(parked, { attention: null }) }, 'parked'],
    ['it is rejected', { ...down, parked: rejected }, 'parked'],
    ['nobody is told', { ...down, parked: { ...parked, explanation: explained('nobody') } }, 'explanation'],
    ['it can not be retried', { ...down, parked: { ...parked, explanation: explained('operator') } }, 'explanation'],
    ['the money was taken', { ...down, parked: { ...parked, journal: sold.journal } }, 'provider'],
    ['the money is said to be safe', { ...down, parked: sayingSafe(parked) }, 'money'],
    ['the stock was let go', { ...down, held: shelf }, 'stock'],
    ['the operator is refused', { ...down, answered: 409 }, 'resolution'],
    ['the parking was not told', { ...down, order: sold }, 'told'],
  ]),
  caseOf('cancel', checkCancelled, cancel, [
    ...inOrder(cancel, [
      ['it is sold', withOrder(over, { status: 'confirmed' }), 'order'],
      ['it waits still', withOrder(over, { waiting: { for: 'customer', until: null } }), 'order'],
      ['somebody has to act', { ...over, explanation: explained('operator') }, 'explanation'],
      ['the voiding was not told', { ...over, events: over.events.filter(({ sequence }) => sequence !== 5) }, 'events'],
      ['the payment is open', withPayment(over, { state: 'pending' }), 'payment'],
      ['the provider took it', { ...over, journal: [...over.journal, captured] }, 'provider'],
      ['it may be taken later', { ...over, journal: over.journal.slice(0, 2) }, 'at provider'],
    ]),
    ['nothing was held', { ...cancel, held: shelf }, 'held'],
    ['it is refused', { ...cancel, answered: 409 }, 'cancelling'],
    ['the unit is held still', { ...cancel, after: { onHand: 50, reserved: 1 } }, 'stock'],
  ]),
];

function sayingSafe(facts: OrderFacts): OrderFacts {
  return {
    ...facts,
    explanation: { ...facts.explanation, money: { ...facts.explanation.money, mayBeCapturedMinor: 0 } },
  };
}

test.each(cases)('$name: right facts pass, and every check has facts for which it fails', ({ right, wrong }) => {
  expect(right.filter(({ ok }) => !ok)).toEqual([]);
  const failed = new Set<number>();
  for (const [what, checks, of] of wrong) {
    const seen = checks.flatMap((check, index) => (check.ok ? [] : [{ index, of: check.of }]));
    expect([what, seen.map((check) => check.of)]).toEqual([what, expect.arrayContaining([of])]);
    for (const { index } of seen) failed.add(index);
  }
  expect(right.filter((_, index) => !failed.has(index)).map(({ of }) => of)).toEqual([]);
});
