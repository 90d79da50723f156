// What may be given back, and of what: never more than is left, never more units than were sold, to the last cent.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { isKeyOrRevision, refundPartKey } from '../../src/contracts/ids.ts';
import { refundOf, refundOrderId } from '../../src/contracts/refund-order.ts';
import { explainOrder } from '../../src/domain/explanation.ts';
import {
  planOwed,
  planRefund,
  worthNowMinor,
  type Owing,
  type Refundable,
  type RefundPlan,
} from '../../src/domain/refund.ts';
import { plainTotals, totalOf } from '../../src/domain/totals.ts';
import { captured, facts, followed, parked } from '../support/explanations.ts';

const lines = [
  { sku: 'cup', quantity: 3, unitPriceMinor: 250 },
  { sku: 'plate', quantity: 1, unitPriceMinor: 400 },
];
const order = (some: Partial<Refundable> = {}): Refundable => ({
  lines,
  totals: plainTotals(1_150),
  refundedUnits: [],
  payments: [{ ordinal: 1, leftMinor: 1_150 }],
  ...some,
});

describe('what is owed for units that do not come', () => {
  const nothing = { underWayMinor: 0, disputedMinor: 0, elsewhereMinor: 0, absentUnits: [] };
  const owing = (some: Partial<Owing> = {}): Owing => ({ ...order(), ...nothing, ...some });
  const cups = (quantity: number) => [{ sku: 'cup', quantity }];

  test('is what they cost, also where others that never came were given back for', () => {
    expect(planOwed(cups(3), owing())).toMatchObject({ amountMinor: 750, items: cups(3) });
    const one = { refundedUnits: cups(1), absentUnits: cups(1) };
    expect(planOwed(cups(2), owing(one))).toMatchObject({ amountMinor: 500, items: cups(2) });
  });

  test.each([
    ['they were refunded before', cups(3), { refundedUnits: cups(3) }],
    [
      'they cost nothing',
      [{ sku: 'gift', quantity: 1 }],
      { lines: [{ sku: 'gift', quantity: 1, unitPriceMinor: 0 }], totals: plainTotals(0) },
    ],
  ] as [string, { sku: string; quantity: number }[], Partial<Owing>][])('is nothing where %s', (_name, items, some) => {
    expect(planOwed(items, owing(some))).toBeNull();
  });

  const little = [{ ordinal: 1, leftMinor: 700 }];
  test.each([
    ['a bank holds what would be given back', { payments: little, disputedMinor: 450 }, 'a bank holds 450'],
    ['refunds are under way that may be given up', { payments: little, underWayMinor: 450 }, '450 are under way'],
    ['others have given something back', { elsewhereMinor: 1 }, '1 were given back by others'],
    ['an amount was given back before', { payments: little }, 'an amount was given back before'],
    ['some of these were refunded, nobody knows why', { refundedUnits: cups(1) }, 'units of cup were refunded before'],
  ])('is for a person to say where %s', (_name, some, why) => {
    expect(planOwed(cups(3), owing(some))).toEqual({ undecided: expect.stringContaining(why) });
  });

  test('is clear where what others hold leaves enough', () => {
    expect(planOwed(cups(3), owing({ payments: [{ ordinal: 1, leftMinor: 800 }], disputedMinor: 350 }))).toMatchObject({
      amountMinor: 750,
    });
  });
});

describe('a refund', () => {
  test.each([
    ['all that is left', {}, { amountMinor: 1_150, items: null }],
    ['an amount', { amountMinor: 1 }, { amountMinor: 1, items: null }],
    ['units', { items: [{ sku: 'cup', quantity: 2 }] }, { amountMinor: 500 }],
  ])('of %s', (_name, wish, expected) => {
    expect(planRefund(wish, order())).toMatchObject(expected);
  });

  test('counts the same sku on several lines as one', () => {
    const items = [
      { sku: 'plate', quantity: 1 },
      { sku: 'cup', quantity: 1 },
      { sku: 'cup', quantity: 1 },
    ];
    expect(planRefund({ items }, order())).toMatchObject({
      amountMinor: 900,
      items: [
        { sku: 'cup', quantity: 2 },
        { sku: 'plate', quantity: 1 },
      ],
    });
  });

  test.each([
    ['more than is left', { amountMinor: 1_151 }, order()],
    ['of nothing that is left', {}, order({ payments: [{ ordinal: 1, leftMinor: 0 }] })],
    ['of an order that was free', {}, order({ payments: [] })],
    [
      'of units that cost nothing',
      { items: [{ sku: 'gift', quantity: 1 }] },
      order({ lines: [{ sku: 'gift', quantity: 1, unitPriceMinor: 0 }], totals: plainTotals(0) }),
    ],
    [
      'of units whose money is with a bank',
      { items: [{ sku: 'cup', quantity: 1 }] },
      order({ payments: [{ ordinal: 1, leftMinor: 249 }] }),
    ],
  ])('is refused for %s', (_name, wish, refundable) => {
    expect(planRefund(wish, refundable)).toMatchObject({ refused: 'amount' });
  });

  test.each([
    ['more units than were sold', [{ sku: 'cup', quantity: 4 }], []],
    [
      'units that were refunded before',
      [{ sku: 'cup', quantity: 2 }],
      [
        { sku: 'cup', quantity: 1 },
        { sku: 'cup', quantity: 1 },
      ],
    ],
    ['what the order never had', [{ sku: 'spoon', quantity: 1 }], []],
  ])('is refused for %s', (_name, items, refundedUnits) => {
    expect(planRefund({ items }, order({ refundedUnits }))).toMatchObject({ refused: 'units' });
  });

  test('is split over the payments to the last cent, and none gives back more than it has', () => {
    const left = fc.integer({ min: -500, max: 5_000 });
    fc.assert(
      fc.property(
        fc.array(left, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 20_000 }),
        (lefts, wanted) => {
          const payments = lefts.map((leftMinor, index) => ({ ordinal: index + 1, leftMinor }));
          const available = lefts.reduce((sum, one) => sum + Math.max(0, one), 0);
          const plan = planRefund({ amountMinor: wanted }, order({ payments }));
          if (wanted > available) return expect(plan).toMatchObject({ refused: 'amount', leftMinor: available });
          const { parts } = plan as RefundPlan;
          expect(parts.reduce((sum, part) => sum + part.amountMinor, 0)).toBe(wanted);
          expect(new Set(parts.map(({ ordinal }) => ordinal)).size).toBe(parts.length);
          for (const part of parts) {
            expect(part.amountMinor).toBeGreaterThan(0);
            expect(part.amountMinor).toBeLessThanOrEqual(lefts[part.ordinal - 1] ?? 0);
          }
        },
      ),
    );
  });

  test('one after the other, by amounts and units, they never come to more than was taken or sold', () => {
    const wish = fc.oneof(
      fc.record({ amountMinor: fc.integer({ min: 1, max: 700 }) }),
      fc.record({
        items: fc.array(fc.record({ sku: fc.constantFrom('cup', 'plate'), quantity: fc.integer({ min: 1, max: 2 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      }),
      fc.constant({}),
    );
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 12 }), (wishes) => {
        let leftMinor = 1_150;
        const refundedUnits: { sku: string; quantity: number }[] = [];
        for (const one of wishes) {
          const plan = planRefund(one, order({ payments: [{ ordinal: 1, leftMinor }], refundedUnits }));
          if ('refused' in plan) continue;
          leftMinor -= plan.amountMinor;
          refundedUnits.push(...(plan.items ?? []));
        }
        expect(leftMinor).toBeGreaterThanOrEqual(0);
        for (const { sku, quantity } of lines) {
          const refunded = refundedUnits.filter((item) => item.sku === sku);
          expect(refunded.reduce((sum, item) => sum + item.quantity, 0)).toBeLessThanOrEqual(quantity);
        }
      }),
    );
  });
});

test('units carry their share of discount, shipping and tax, and all of them the whole order', () => {
  const amount = fc.integer({ min: 0, max: 1_000 });
  const totals = fc.record({
    discountMinor: fc.integer({ min: 0, max: 500 }),
    ...{ shippingMinor: amount, taxMinor: amount, taxIncluded: fc.boolean() },
  });
  const sequence = fc.shuffledSubarray(['cup', 'cup', 'cup', 'plate'], { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(totals, sequence, (beside, skus) => {
      const of = { linesMinor: 1_150, ...beside };
      let leftMinor = totalOf(of);
      const refundedUnits: { sku: string; quantity: number }[] = [];
      for (const sku of skus) {
        const items = [{ sku, quantity: 1 }];
        const one = order({ totals: of, payments: [{ ordinal: 1, leftMinor }], refundedUnits });
        const { amountMinor } = planRefund({ items }, one) as RefundPlan;
        leftMinor -= amountMinor;
        refundedUnits.push(...items);
      }
      expect(leftMinor).toBe(0);
    }),
  );
});

test('where all lines are free, each unit carries the same share of the shipping', () => {
  const free = order({
    lines: [{ sku: 'gift', quantity: 3, unitPriceMinor: 0 }],
    totals: { ...plainTotals(0), shippingMinor: 500 },
    payments: [{ ordinal: 1, leftMinor: 500 }],
  });
  expect(planRefund({ items: [{ sku: 'gift', quantity: 1 }] }, free)).toMatchObject({ amountMinor: 167 });
});

test('an order is worth what it was sold for less what went back', () => {
  expect(worthNowMinor(1_000, [{ movedMinor: 300 }, { movedMinor: 0 }])).toBe(700);
});

describe('names', () => {
  const orderId = 'order_1';

  test('of workflows say which refund of the order they are', () => {
    const workflowId = refundOrderId({ orderId, number: 12 });
    expect(refundOf({ orderId, workflowId })).toBe(12);
    for (const other of [orderId, `${orderId}:payment:pi_1`, `${orderId}:refund:`, 'order_2:refund:1'])
      expect(refundOf({ orderId, workflowId: other })).toBeNull();
  });

  test('of parts are never those of an undo, nor of each other', () => {
    const first = refundPartKey({ orderId, number: 1, ordinal: 1 });
    const others = [
      `${orderId}:refund:1`,
      refundPartKey({ orderId, number: 1, ordinal: 11, revision: 2 }),
      refundPartKey({ orderId, number: 11, ordinal: 1 }),
    ];
    for (const other of others) expect(isKeyOrRevision(other, first)).toBe(false);
    expect(isKeyOrRevision(refundPartKey({ orderId, number: 1, ordinal: 1, revision: 3 }), first)).toBe(true);
  });
});

describe('the explanation of a sold order', () => {
  const refund = { number: 1, amountMinor: 300, movedMinor: 0, state: 'requested', reason: 'broken' } as const;
  const sold = { status: 'confirmed', payment: captured, workflowRuns: null } as const;

  test('says that a refund is under way, and that the provider must act', () => {
    const { waitingFor, mustAct, money } = explainOrder(facts({ ...sold, refunds: [refund] }));
    expect(waitingFor?.what).toBe('refund 1 of 300 EUR (minor units): broken');
    expect(mustAct.who).toBe('provider');
    expect(money).toMatchObject({ toRefundMinor: 300, balanceMinor: 1_000 });
    expect(money.sentence).toContain('300 EUR (minor units) is still to be given back');
  });

  test('says what is at stake while it is parked, what can be decided, and that an operator must', () => {
    const at = parked('pay-refund', { workflowId: 'order_1:refund:1', refund: 1 });
    const card = explainOrder(facts({ ...sold, refunds: [refund], parked: [at] }));
    expect(card.mustAct.who).toBe('operator');
    expect(card.parked[0]).toMatchObject({
      possibleActions: ['retry', 'skip', 'compensate'],
      atStake: { amountMinor: 300, sentence: '300 EUR (minor units) that the customer is to get back.' },
    });
    expect(card.atStake.amountMinor).toBe(300);
  });

  test('is over when the refund is, and what others took beyond it is at stake by itself', () => {
    const done = { ...refund, movedMinor: 300, state: 'completed' } as const;
    const payment = { ...captured, refundedMinor: 300 };
    expect(explainOrder(facts({ ...sold, payment, refunds: [done] })).waitingFor).toBeNull();
    const lost = followed({ refundedMinor: 400 });
    const at = parked('follow-payment', { workflowId: 'order_1:payment:pi_1', payment: lost });
    const card = explainOrder(
      facts({ ...sold, payment: { ...captured, refundedMinor: 400 }, refunds: [done], parked: [at] }),
    );
    expect(card.parked[0]?.atStake.amountMinor).toBe(100);
  });
});
