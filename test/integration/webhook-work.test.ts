// Deliveries in the rows: each event once, of an order one after the other, whoever dies or comes late.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EventType } from '../../src/contracts/events.ts';
import { sequencesOf, startSubscribers, wish } from '../support/subscribers.ts';

const {
  webhooks,
  work,
  begin,
  current,
  subscribe,
  place,
  change,
  number,
  feed,
  claim,
  claimOne,
  deliver,
  fail,
  statesOf,
  due,
  close,
} = await startSubscribers();
beforeEach(() => begin());
afterAll(() => close());

describe('the feed of a subscription', () => {
  test('becomes one delivery for each event, of each order in its sequence, however it is cut', async () => {
    const orders = [await place(), await place(), await place()];
    for (const orderId of orders) for (let times = 0; times < 3; times += 1) await change(orderId);
    await number();
    // Several processes do it at once.
    await Promise.all(
      [1, 2, 3].map(async () => {
        while (await work.feed({ limit: 2 }));
      }),
    );
    const lanes = await claim();
    expect(lanes.map(({ orderId }) => orderId).sort()).toEqual([...orders].sort());
    for (const lane of lanes) expect(sequencesOf(lane)).toEqual([1, 2, 3, 4]);
  });

  test('begins with what comes from now on, or behind the position that was named', async () => {
    const orderId = await place();
    await number();
    await change(orderId);
    await number();
    const late = await subscribe();
    const all = await subscribe({ after: 0 });
    const told = async (subscription: string): Promise<number> => {
      await feed();
      return (
        (await webhooks.listDeliveries({
          tenant: 'local',
          id: subscription,
          orderId,
          state: null,
          before: null,
          limit: 100,
        })) ?? []
      ).length;
    };
    expect([await told(late), await told(all)]).toEqual([0, 2]);
  });

  test('has only the types it asked for, and only what is of its shop', async () => {
    const parked = await subscribe({ eventTypes: [EventType.orderParked] });
    const others = await subscribe({ tenant: 'others' });
    const orderId = await place();
    await change(orderId);
    await feed();
    const lanes = await claim({ [current().id]: 10 });
    expect(
      lanes.map(({ subscriptionId, deliveries }) => [subscriptionId, deliveries.map(({ event }) => event.eventType)]),
    ).toEqual([[parked, ['order.parked']]]);
    await webhooks.remove({ tenant: 'others', id: others });
  });

  test('stands still while it is paused, and goes on where it stood', async () => {
    await webhooks.replace({ ...wish, isPaused: true, ...current() });
    const orderId = await place();
    await feed();
    expect(await claim()).toEqual([]);
    expect(await statesOf(orderId)).toEqual([]);
    await webhooks.replace({ ...wish, ...current() });
    await feed();
    expect(sequencesOf(await claimOne())).toEqual([1]);
  });
});

test('a replay, however long, holds up nobody: each feed has its turn', async () => {
  const far = await subscribe({ after: 0 });
  await feed();
  for (let times = 0; times < 3; times += 1)
    await webhooks.replay({ tenant: 'local', id: far, after: 0, through: 1_000_000 });
  const orderId = await place();
  await number();
  // Five feeds have something to tell, four of them from the beginning on.
  for (let turn = 0; turn < 5; turn += 1) await work.feed({ limit: 1 });
  expect(await statesOf(orderId)).toEqual(['pending 0']);
});

test('of a subscription no more lanes are claimed than there is room for, with those under way, and in all', async () => {
  for (let count = 0; count < 6; count += 1) await place();
  await feed();
  expect(await claim({ [current().id]: 10 })).toEqual([]);
  expect((await claim({ [current().id]: 8 })).length).toBe(2);
  const atMost = { perSubscription: 10, atMost: 3, perLane: 5, leaseMs: 60_000, probeMs: 60_000, underWay: {} };
  expect((await work.claim(atMost)).length).toBe(3);
  expect((await claim()).length).toBe(1);
});

describe('a lane', () => {
  test('is with one at a time, and holds what comes while it is', async () => {
    const orderId = await place();
    await feed();
    const lane = await claimOne();
    await change(orderId);
    await feed();
    expect(await claim()).toEqual([]);
    await deliver(lane);
    const next = await claimOne();
    expect(sequencesOf(next)).toEqual([2]);
    await deliver(next);
    expect(await claim()).toEqual([]);
    expect(await statesOf(orderId)).toEqual(['delivered 1', 'delivered 1']);
  });

  test('loses nothing that is fed in the moment in which it is empty', async () => {
    for (let round = 0; round < 15; round += 1) {
      const orderId = await place();
      await feed();
      const lane = await claimOne();
      await change(orderId);
      await number();
      await Promise.all([deliver(lane), work.feed({ limit: 10 })]);
      const next = await claimOne();
      expect(sequencesOf(next)).toEqual([2]);
      await deliver(next);
    }
  });

  test('waits after a failure, and nothing of its order passes; what was told before that is told', async () => {
    const orderId = await place();
    await change(orderId);
    await change(orderId);
    await feed();
    await fail(await claimOne(), 60_000, 1);
    expect(await claim()).toEqual([]);
    expect(await statesOf(orderId)).toEqual(['delivered 1', 'pending 1', 'pending 0']);
    await due();
    expect(sequencesOf(await claimOne())).toEqual([2, 3]);
  });

  test('whose process died is taken over; what that process still says is a fact, and decides nothing', async () => {
    const orderId = await place();
    await change(orderId);
    await change(orderId);
    await feed();
    const dead = await claimOne();
    await due();
    const taken = await claimOne();
    expect(sequencesOf(taken)).toEqual([1, 2, 3]);
    // It comes back: the first was told, and its failure with the second parks nothing and frees nothing.
    await fail(dead, null, 1);
    expect(await statesOf(orderId)).toEqual(['delivered 1', 'pending 0', 'pending 0']);
    expect(await claim()).toEqual([]);
    await deliver(taken);
    expect(await statesOf(orderId)).toEqual(['delivered 1', 'delivered 1', 'delivered 1']);
  });

  test('whose process told what another gave up since is not left with a person who has nothing to decide', async () => {
    const orderId = await place();
    await change(orderId);
    await feed();
    const frozen = await claimOne();
    await due();
    await fail(await claimOne(), null);
    expect(await statesOf(orderId)).toEqual(['parked 1', 'pending 0']);
    await deliver(frozen, 1);
    expect(await statesOf(orderId)).toEqual(['delivered 2', 'pending 0']);
    expect(sequencesOf(await claimOne())).toEqual([2]);
  });

  test('of which another has told what it gives up goes on', async () => {
    const orderId = await place();
    await change(orderId);
    await feed();
    const frozen = await claimOne();
    await due();
    const late = await claimOne();
    await deliver(frozen, 1);
    await fail(late, null);
    expect(await statesOf(orderId)).toEqual(['delivered 1', 'pending 0']);
    expect(sequencesOf(await claimOne())).toEqual([2]);
  });

  test('of which too little is left of the time is not claimed twice by two that look at once', async () => {
    for (let count = 0; count < 6; count += 1) await place();
    await feed();
    const claimed = (await Promise.all([claim(), claim(), claim()])).flat();
    expect(new Set(claimed.map(({ orderId }) => orderId)).size).toBe(claimed.length);
    expect(claimed.length).toBe(6);
  });
});
