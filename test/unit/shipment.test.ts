import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  carrierNews,
  fulfilledQuantities,
  shipmentStatuses,
  shipmentTransitions,
  statusAfter,
  type ShipmentStatus,
  type TrackingFact,
} from '../../src/domain/shipment.ts';

const at = '2026-01-31T12:00:00.000Z';
const fact = (status: TrackingFact['status']): TrackingFact => ({ status, at });

describe('a shipment', () => {
  test('goes only forward: nobody comes back to where they were, by any way', () => {
    const reachable = (from: ShipmentStatus, seen = new Set<ShipmentStatus>()): Set<ShipmentStatus> => {
      for (const to of shipmentTransitions[from]) if (!seen.has(to)) reachable(to, seen.add(to));
      return seen;
    };
    for (const status of shipmentStatuses) expect([status, reachable(status).has(status)]).toEqual([status, false]);
  });

  test('can be cancelled until the carrier has it, and never after', () => {
    const cancellable = shipmentStatuses.filter((status) => shipmentTransitions[status].includes('cancelled'));
    expect(cancellable).toEqual(['pending', 'packed']);
  });

  test('comes to the same whatever order the news come in, however often, and in how many pieces', () => {
    // A parcel has one end: delivered, or returned.
    const history = fc
      .subarray<TrackingFact['status']>([...carrierNews])
      .filter((news) => !(news.includes('delivered') && news.includes('returned')));
    const told = history.chain((news) =>
      fc.record({
        news: fc.constant(news),
        again: fc.shuffledSubarray([...news, ...news, ...news], { minLength: 0 }),
        order: fc.shuffledSubarray(news, { minLength: news.length, maxLength: news.length }),
      }),
    );
    fc.assert(
      fc.property(told, ({ news, again, order }) => {
        const atOnce = statusAfter('packed', news.map(fact));
        const oneByOne = [...again, ...order, ...again].reduce<ShipmentStatus>(
          (status, one) => statusAfter(status, [fact(one)]),
          'packed',
        );
        expect(oneByOne).toBe(atOnce);
      }),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['packed', ['delivered'], 'delivered'],
    ['delivered', ['dispatched'], 'delivered'],
    ['dispatched', ['lost'], 'lost'],
    ['lost', ['dispatched', 'delivered'], 'delivered'],
    ['delivered', ['lost', 'returned'], 'delivered'],
    // What is not packed has no parcel; what is cancelled stays so, whatever left.
    ['pending', ['dispatched'], 'pending'],
    ['cancelled', ['dispatched', 'delivered'], 'cancelled'],
  ] as const)('that is %s and is told %j is %s', (before, news, after) => {
    expect(statusAfter(before, news.map(fact))).toBe(after);
  });
});

test('what was sent once more counts once', () => {
  const items = [{ sku: 'book', quantity: 2 }];
  const quantities = fulfilledQuantities([
    { status: 'lost', items, isReplaced: true },
    { status: 'delivered', items, isReplaced: false },
    { status: 'dispatched', items: [{ sku: 'pen', quantity: 1 }], isReplaced: false },
    { status: 'packed', items: [{ sku: 'ink', quantity: 1 }], isReplaced: false },
  ]);
  expect([...quantities]).toEqual([
    ['book', { shipped: 2, delivered: 2 }],
    ['pen', { shipped: 1, delivered: 0 }],
  ]);
});
