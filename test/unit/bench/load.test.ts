import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { watchCompletions } from '../../../bench/load/completions.ts';
import { closedLoop, openLoop } from '../../../bench/load/loops.ts';
import { arrivals } from '../../../bench/load/schedule.ts';
import type { OrderClient } from '../../../bench/load/client.ts';

/** One order at a time: whoever comes meanwhile waits for the one before. */
function slowShop(ms: number): OrderClient & { sent: () => number } {
  let last: Promise<unknown> = Promise.resolve();
  let count = 0;
  return {
    sent: () => count,
    place: async (intendedAt = performance.now()) => {
      count += 1;
      const orderId = `order-${count}`;
      const mine = last.then(() => sleep(ms));
      last = mine;
      await mine;
      return { orderId, intendedAt, answeredAt: performance.now() };
    },
    close: () => undefined,
  };
}

describe('an open loop', () => {
  test('has orders come evenly, from the first moment on', () => {
    expect(arrivals({ perSecond: 4, seconds: 1 })).toEqual([0, 250, 500, 750]);
    expect(arrivals({ perSecond: 100, seconds: 3 })).toHaveLength(300);
  });

  test('goes on when answers are late, and counts what orders wait for their turn', async () => {
    // Forty a second, for a shop that serves twenty: the last of 16 waits for the other 15.
    const shop = slowShop(50);
    const sent = await openLoop({ client: shop, completions: null }, { perSecond: 40, seconds: 0.4 });
    const latencies = sent.orders.map(({ intendedAt, answeredAt }) => answeredAt - intendedAt);
    expect(sent.orders).toHaveLength(16);
    expect(latencies[0]).toBeLessThan(150);
    // With coordinated omission each would have taken 50 ms.
    expect(Math.max(...latencies)).toBeGreaterThan(300);
    const intended = sent.orders.map(({ intendedAt }) => intendedAt - sent.begunAt);
    expect(intended.map(Math.round)).toEqual(arrivals({ perSecond: 40, seconds: 0.4 }));
  });
});

describe('a closed loop', () => {
  test('has no more orders under way than customers, each until its order has ended', async () => {
    const ended: string[] = [];
    const placed: string[] = [];
    let most = 0;
    const client: OrderClient = {
      place: () => {
        const orderId = `order-${placed.length}`;
        placed.push(orderId);
        most = Math.max(most, placed.length - ended.length);
        return Promise.resolve({ orderId, intendedAt: performance.now(), answeredAt: performance.now() });
      },
      close: () => undefined,
    };
    const completions = watchCompletions(async (ids) => {
      await sleep(5);
      ended.push(...ids);
      return ids;
    });
    const sent = await closedLoop(
      { client, completions },
      { concurrency: 3, seconds: 10, untilEnded: true, stopAt: 12 },
    );
    await completions.close();

    expect(sent.orders).toHaveLength(12);
    expect(most).toBe(3);
    expect(sent.orders.every(({ endedAt }) => endedAt !== null)).toBe(true);
  });

  test('keeps what was refused apart from what was accepted', async () => {
    const client: OrderClient = { place: () => Promise.resolve({ status: 503, why: 'busy' }), close: () => undefined };
    const sent = await closedLoop(
      { client, completions: null },
      { concurrency: 1, seconds: 5, untilEnded: false, stopAt: 3 },
    );
    expect(sent.orders).toEqual([]);
    expect(sent.refused).toEqual(Array.from({ length: 3 }, () => ({ status: 503, why: 'busy' })));
  });
});
