import { describe, expect, test } from '@jest/globals';
import { crashableCalls } from '../../../src/contracts/crash-points.ts';
import { createCrashPoints } from '../../../src/runtime/crash-points.ts';
import { parseArguments } from '../../../src/verify/arguments.ts';
import { createSchedule, faultKinds, namedPoints, type Fault } from '../../../src/verify/schedule.ts';
import { worstStalls } from '../../../src/verify/stall.ts';

const deal = (seed: number, times: number): Fault[] =>
  createSchedule({ seed, only: null }).flatMap((lane) => Array.from({ length: times }, () => lane.next()));

describe('the schedule', () => {
  test('is that of its seed: the same again, and another for another', () => {
    expect(deal(7, 40)).toEqual(deal(7, 40));
    expect(deal(7, 40)).not.toEqual(deal(8, 40));
  });

  test('deals every kind once before one comes again', () => {
    for (const lane of createSchedule({ seed: 3, only: null })) {
      for (let round = 0; round < 3; round += 1) {
        const dealt = lane.kinds.map(() => lane.next().kind);
        expect([...dealt].sort()).toEqual([...lane.kinds].sort());
      }
    }
    expect(createSchedule({ seed: 3, only: null }).flatMap(({ kinds }) => kinds)).toEqual([...faultKinds]);
  });

  test('freezes for longer than an activity may be silent, and for at most 40 s', () => {
    for (const { lastsMs } of deal(5, 300).filter(({ kind }) => kind.startsWith('freeze'))) {
      expect(lastsMs).toBeGreaterThanOrEqual(15_000);
      expect(lastsMs).toBeLessThanOrEqual(40_000);
    }
  });

  test('arms every point that there is, in settings that a process takes', () => {
    const settings = deal(1, 2_000)
      .filter(({ kind }) => kind.startsWith('crash'))
      .map(({ points }) => points);
    for (const setting of settings) expect(() => createCrashPoints({ setting, seed: 1, addresses: {} })).not.toThrow();
    const armed = new Set(settings.flatMap((setting) => setting.split(',').map((entry) => entry.split('@')[0])));
    // A run has no message broker, no mail server, and nobody in it is erased: struck in test/chaos/broker, test/chaos/customer-notices and
    // test/e2e/erasure.
    const { publishing: _, mailing: __, erasing: ___, ...here } = crashableCalls;
    const all = Object.values(here).flatMap((calls) => namedPoints(calls));
    expect([...armed].sort()).toEqual(all.sort());
  });
});

describe('the command line', () => {
  test('names the run that does the same again', () => {
    const args = ['--orders', '50', '--seed', '9', '--minutes', '0.5', '--only', 'kill-api', '--clock', '-7'];
    expect(parseArguments(args)).toMatchObject({
      options: { rerun: `npm run verify -- --orders 50 --minutes 0.5 --seed 9 --only kill-api --clock -7` },
    });
  });

  test.each([[['--order', '5']], [['--orders', '0']], [['--minutes', 'x']], [['--only', 'nothing']], [['--seed']]])(
    'refuses %j',
    (args) => {
      expect(parseArguments(args)).toMatchObject({ problem: expect.any(String) });
    },
  );
});

describe('a stall', () => {
  test('is the longest pause of an order, with and without the time in which something was broken', () => {
    const events = [
      { orderId: 'a', type: 'order.placed', at: 0 },
      { orderId: 'a', type: 'order.confirmed', at: 1_000 },
      { orderId: 'b', type: 'order.placed', at: 2_000 },
      { orderId: 'b', type: 'order.parked', at: 2_500 },
      { orderId: 'b', type: 'order.resumed', at: 90_000 },
      { orderId: 'c', type: 'order.placed', at: 90_000 },
      { orderId: 'c', type: 'order.confirmed', at: 95_000 },
    ];
    const broken = [
      { from: 90_500, to: 93_000 },
      { from: 92_000, to: 94_900 },
    ];
    expect(worstStalls(events, broken)).toMatchObject({
      longest: { orderId: 'c', standingMs: 5_000, unbrokenMs: 600 },
      longestUnbroken: { orderId: 'a', unbrokenMs: 1_000 },
    });
  });
});
