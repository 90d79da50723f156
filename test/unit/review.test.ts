import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  asksFor,
  reasonsToReview,
  reviewRules,
  type ReviewFacts,
  type ReviewRule,
  type ReviewRules,
} from '../../src/domain/review.ts';

const none: ReviewRules = { aboveMinor: null, firstOrder: null, unitsAbove: null, velocity: null };
const facts: ReviewFacts = { currency: 'EUR', totalMinor: 1_000, units: 2, isFirst: false, recentOrders: 1 };
const rulesBroken = (some: Partial<ReviewFacts>, rules: Partial<ReviewRules>): ReviewRule[] =>
  reasonsToReview({ ...facts, ...some }, { ...none, ...rules }).map(({ rule }) => rule);

describe('an order is reviewed', () => {
  test.each<[string, Partial<ReviewFacts>, Partial<ReviewRules>, ReviewRule[]]>([
    ['above the amount of its currency', { totalMinor: 501 }, { aboveMinor: { EUR: 500 } }, ['amount']],
    ['not at the amount', { totalMinor: 500 }, { aboveMinor: { EUR: 500 } }, []],
    ['not by the amount of another currency', { totalMinor: 501 }, { aboveMinor: { USD: 500 } }, []],
    ['above zero, and not at zero', { totalMinor: 0 }, { aboveMinor: { EUR: 0 } }, []],
    ['when it is the first of a customer', { isFirst: true }, { firstOrder: 'any' }, ['first-order']],
    ['not when it is a later one', { isFirst: false }, { firstOrder: 'any' }, []],
    ['when the first is above an amount', { isFirst: true }, { firstOrder: { EUR: 999 } }, ['first-order']],
    ['not when the first is small', { isFirst: true }, { firstOrder: { EUR: 1_000 } }, []],
    ['above a number of units', { units: 3 }, { unitsAbove: 2 }, ['units']],
    ['not at that number', { units: 2 }, { unitsAbove: 2 }, []],
    ['when its customer orders too often', { recentOrders: 3 }, { velocity: { orders: 2, windowMs: 1 } }, ['velocity']],
    ['not when the limit is reached', { recentOrders: 2 }, { velocity: { orders: 2, windowMs: 1 } }, []],
    [
      'for every reason there is',
      { isFirst: true },
      { aboveMinor: { EUR: 1 }, firstOrder: 'any' },
      ['amount', 'first-order'],
    ],
  ])('%s', (_name, some, rules, expected) => {
    expect(rulesBroken(some, rules)).toEqual(expected);
  });
});

const limits = fc.option(fc.dictionary(fc.constantFrom('EUR', 'USD', 'JPY'), fc.nat(2_000)), { nil: null });
const anyRules: fc.Arbitrary<ReviewRules> = fc.record({
  aboveMinor: limits,
  firstOrder: fc.oneof(limits, fc.constant('any' as const)),
  unitsAbove: fc.option(fc.nat(20), { nil: null }),
  velocity: fc.option(fc.record({ orders: fc.integer({ min: 1, max: 9 }), windowMs: fc.nat() }), { nil: null }),
});
const anyFacts: fc.Arbitrary<ReviewFacts> = fc.record({
  currency: fc.constantFrom('EUR', 'USD', 'GBP'),
  totalMinor: fc.nat(3_000),
  units: fc.integer({ min: 1, max: 30 }),
  isFirst: fc.boolean(),
  recentOrders: fc.integer({ min: 1, max: 12 }),
});

describe('whatever the rules and the order', () => {
  test('no rule set: nobody looks', () => {
    fc.assert(fc.property(anyFacts, (order) => expect(reasonsToReview(order, none)).toEqual([])));
  });

  test('the rules speak independently: all together say what each says by itself', () => {
    fc.assert(
      fc.property(anyFacts, anyRules, (order, rules) => {
        const alone = Object.entries(rules).flatMap(([name, rule]) =>
          reasonsToReview(order, { ...none, [name]: rule }),
        );
        const together = reasonsToReview(order, rules);
        expect(together).toEqual(alone);
        expect(together.map(({ rule }) => rule)).toEqual(
          reviewRules.filter((rule) => together.some((one) => one.rule === rule)),
        );
      }),
    );
  });

  test('a larger order is never looked at for fewer reasons', () => {
    fc.assert(
      fc.property(anyFacts, anyRules, fc.nat(5_000), fc.nat(50), (order, rules, more, units) => {
        const larger = { ...order, totalMinor: order.totalMinor + more, units: order.units + units };
        const before = reasonsToReview(order, rules).map(({ rule }) => rule);
        expect(reasonsToReview(larger, rules).map(({ rule }) => rule)).toEqual(expect.arrayContaining(before));
      }),
    );
  });

  test('what no rule asks for is not needed: leaving it out changes nothing', () => {
    fc.assert(
      fc.property(anyFacts, anyRules, (order, rules) => {
        const { isFirst, recentWithinMs } = asksFor(rules, order);
        const asked = {
          ...order,
          isFirst: isFirst ? order.isFirst : null,
          recentOrders: recentWithinMs === null ? null : order.recentOrders,
        };
        expect(reasonsToReview(asked, rules)).toEqual(reasonsToReview(order, rules));
      }),
    );
  });
});
