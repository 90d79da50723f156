// What may come back, and what becomes of it: never more units than were shipped, or are paid for.
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { returnOf, returnOrderId } from '../../src/contracts/return-order.ts';
import { explainOrder } from '../../src/domain/explanation.ts';
import { possibleActions, refusalOf } from '../../src/domain/resolution.ts';
import {
  isExchangeable,
  isReturnOver,
  noRefundFor,
  planReceipt,
  planReturn,
  returnStatuses,
  returnTransitions,
  type Returnable,
  type ReturnStatus,
} from '../../src/domain/return.ts';
import { captured, facts, parked } from '../support/explanations.ts';

const cups = (quantity: number) => [{ sku: 'cup', quantity }];
const order = (some: Partial<Returnable> = {}): Returnable => ({
  ...{ sold: [...cups(3), { sku: 'plate', quantity: 1 }], shipped: cups(3), returned: [], refunded: [] },
  ...some,
});

describe('a return', () => {
  test('goes only forward, and comes to one of three ends', () => {
    const reachable = (from: ReturnStatus, seen = new Set<ReturnStatus>()): Set<ReturnStatus> => {
      for (const to of returnTransitions[from]) if (!seen.has(to)) reachable(to, seen.add(to));
      return seen;
    };
    for (const status of returnStatuses) expect([status, reachable(status).has(status)]).toEqual([status, false]);
    expect(returnStatuses.filter(isReturnOver)).toEqual(['rejected', 'expired', 'completed']);
  });

  test('is exchanged once it may come, and never when it may not, or did not', () => {
    expect(returnStatuses.filter(isExchangeable)).toEqual(['approved', 'received', 'completed']);
  });

  test.each([
    ['before anything has left', cups(1), order({ shipped: [] }), { refused: 'nothing-shipped' }],
    ['of what is not in the order', [{ sku: 'spoon', quantity: 1 }], order(), { refused: 'unknown-line' }],
    ['of what has not left yet', [{ sku: 'plate', quantity: 1 }], order(), { refused: 'units', left: 0 }],
    ['of more than was shipped', cups(4), order(), { refused: 'units', wanted: 4, left: 3 }],
    ['of what another return has', cups(2), order({ returned: [...cups(1), ...cups(1)] }), { left: 1 }],
    ['of what the money went back for', cups(3), order({ refunded: cups(1) }), { refused: 'units', left: 2 }],
  ])('is refused %s', (_when, items, returnable, refusal) => {
    expect(planReturn(items, returnable)).toMatchObject(refusal);
  });

  test('of all that left is possible, although the money for what never left went back', () => {
    expect(planReturn(cups(1), order({ shipped: cups(1), refunded: cups(2) }))).toMatchObject({ lines: cups(1) });
  });

  test('takes the same sku on several lines for one, with all the reasons', () => {
    const items = [
      { sku: 'cup', quantity: 1, reason: 'chipped' },
      { sku: 'cup', quantity: 2, reason: 'too small' },
    ];
    expect(planReturn(items, order())).toEqual({
      lines: [{ sku: 'cup', quantity: 3, reason: 'chipped; too small' }],
    });
  });

  test('never brings, with the others, more than was shipped, nor more than is paid for', () => {
    const amount = fc.integer({ min: 0, max: 6 });
    const wishes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(amount, amount, wishes, (shipped, refunded, asked) => {
        const returned: { sku: string; quantity: number }[] = [];
        for (const quantity of asked) {
          const returnable = order({ sold: cups(6), shipped: cups(shipped), returned, refunded: cups(refunded) });
          const plan = planReturn(cups(quantity), returnable);
          if ('lines' in plan) returned.push(...plan.lines);
        }
        const total = returned.reduce((sum, { quantity }) => sum + quantity, 0);
        expect(total).toBeLessThanOrEqual(Math.min(shipped, 6 - refunded));
      }),
    );
  });
});

describe('what came', () => {
  test('is restocked or written off, unit by unit, and may be less than was asked for', () => {
    const items = [
      { sku: 'cup', quantity: 1, disposition: 'restock' },
      { sku: 'cup', quantity: 1, disposition: 'write_off' },
    ] as const;
    expect(planReceipt(items, cups(3))).toEqual({ lines: [{ sku: 'cup', restocked: 1, writtenOff: 1 }] });
    expect(planReceipt(items, cups(1))).toEqual({ refused: 'units', sku: 'cup', wanted: 2, left: 1 });
    expect(planReceipt(items, [])).toEqual({ refused: 'unknown-line', sku: 'cup' });
  });

  test.each([
    ['cost nothing', { refused: 'amount', wantedMinor: 0, leftMinor: 0 }, false, true],
    ['was given back for already', { refused: 'amount', wantedMinor: 900, leftMinor: 0 }, false, true],
    ['is with a bank that may give it again', { refused: 'amount', wantedMinor: 900, leftMinor: 0 }, true, false],
    ['is more than is left', { refused: 'amount', wantedMinor: 900, leftMinor: 300 }, false, false],
    ['was refunded by units', { refused: 'units', sku: 'cup', wanted: 1, sold: 1, refunded: 1 }, false, false],
    ['is of an order that is not sold', { refused: 'status' }, false, false],
  ] as const)('and %s: nothing is owed, or a person decides', (_what, why, isHeld, isFinal) => {
    expect(noRefundFor(why, { isHeld })).toEqual({ words: expect.any(String), isFinal });
  });
});

test('names of workflows say which return of the order they are', () => {
  const orderId = 'order_1';
  expect(returnOf({ orderId, workflowId: returnOrderId({ orderId, number: 12 }) })).toBe(12);
  for (const other of [orderId, `${orderId}:refund:1`, `${orderId}:return:`, 'order_2:return:1'])
    expect(returnOf({ orderId, workflowId: other })).toBeNull();
});

test('what can be decided about one that is parked', () => {
  expect(possibleActions('approve-return')).toEqual(['retry', 'compensate']);
  expect(possibleActions('receive-return')).toEqual(['retry']);
  expect(possibleActions('refund-return')).toEqual(['retry', 'skip']);
  expect(refusalOf('refund-return', { action: 'skip' })).toBeNull();
});

describe('the explanation of a sold order', () => {
  const until = '2026-02-01T00:00:00.000Z';
  const wanted = { number: 1, status: 'requested', units: 2, worthMinor: 600, reason: 'too small', until } as const;
  const sold = { status: 'confirmed', payment: captured, workflowRuns: null } as const;
  const waits = (status: ReturnStatus) => explainOrder(facts({ ...sold, returns: [{ ...wanted, status }] }));

  test.each([
    ['requested', 'operator', 'approve'],
    ['approved', 'customer', 'receive'],
    ['received', 'service', 'refund'],
  ] as const)('says of a return that is %s that the %s must act', (status, who, how) => {
    const { waitingFor, mustAct, summary } = waits(status);
    const end = status === 'received' ? null : until;
    expect(waitingFor).toEqual({ what: expect.stringContaining('return 1 of 2 units: too small'), until: end });
    expect(mustAct).toEqual({ who, how: expect.stringContaining(how) });
    expect(summary).toContain('Confirmed; waits for');
  });

  test.each(['rejected', 'expired', 'completed'] as const)('waits for none that is %s', (status) => {
    expect(waits(status).waitingFor).toBeNull();
  });

  test('says what is at stake while it is parked, and that an operator must act', () => {
    const at = parked('approve-return', { workflowId: 'order_1:return:1', return: 1 });
    const card = explainOrder(facts({ ...sold, returns: [wanted], parked: [at] }));
    expect(card.mustAct).toMatchObject({ who: 'operator', how: expect.stringContaining('retry, compensate') });
    expect(card.parked[0]).toMatchObject({
      atStake: {
        ...{ amountMinor: 600, units: 2, sentence: '2 units that are to come back, at 600 EUR (minor units).' },
      },
    });
  });
});
