// What can not be told, and what is told once more: what a person decides, and what becomes of secrets and of what is over.
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { secret, sequencesOf, startSubscribers } from '../support/subscribers.ts';

const {
  db,
  webhooks,
  work,
  events,
  begin,
  current,
  place,
  change,
  feed,
  claim,
  claimOne,
  deliver,
  fail,
  statesOf,
  firstParked,
  due,
  close,
} = await startSubscribers();
beforeEach(() => begin());
afterAll(() => close());
const by = { actor: 'key_1', reason: 'because' };

describe('what can not be told', () => {
  test('parks, holds up its order alone, and goes on once a person has said so', async () => {
    const [stuck, other] = [await place(), await place()];
    await feed();
    for (const lane of await claim()) await (lane.orderId === stuck ? fail(lane, null) : deliver(lane));
    await change(stuck);
    await change(other);
    await feed();
    expect((await claimOne()).orderId).toBe(other);
    expect(await statesOf(stuck)).toEqual(['parked 1', 'pending 0']);
    expect(await webhooks.find(current())).toMatchObject({ parked: 1 });

    const delivery = await firstParked(stuck);
    expect(await webhooks.skip({ ...current(), tenant: 'others', delivery, ...by })).toEqual({ refused: 'unknown' });
    expect(await webhooks.resend({ ...current(), delivery, ...by })).toMatchObject({
      delivery: { state: 'pending', attempts: 0, decidedBy: 'key_1', reason: 'because' },
    });
    const again = await claimOne();
    expect([again.orderId, sequencesOf(again)]).toEqual([stuck, [1, 2]]);
    await fail(again, null);

    expect(await webhooks.skip({ ...current(), delivery, ...by })).toMatchObject({
      delivery: { state: 'skipped' },
    });
    expect(await webhooks.skip({ ...current(), delivery, ...by })).toEqual({
      refused: 'state',
      state: 'skipped',
    });
    expect(sequencesOf(await claimOne())).toEqual([2]);
  });

  test('and was told already can be told once more, behind what waits; a refusal leaves nothing behind', async () => {
    const orderId = await place();
    await feed();
    await deliver(await claimOne());
    const [told] =
      (await webhooks.listDeliveries({ ...current(), orderId, state: null, before: null, limit: 1 })) ?? [];
    const delivery = told?.id ?? 0;
    expect(await webhooks.skip({ ...current(), delivery, ...by })).toEqual({
      refused: 'state',
      state: 'delivered',
    });
    await change(orderId);
    await feed();
    expect(await webhooks.resend({ ...current(), delivery, ...by })).toMatchObject({
      delivery: { replay: 1, state: 'pending' },
    });
    expect(sequencesOf(await claimOne())).toEqual([2, 1]);
  });

  test('because nobody answers at all costs one message at a time, until one is answered', async () => {
    for (let count = 0; count < 8; count += 1) await place();
    await feed();
    const lanes = await claim();
    for (const lane of lanes.slice(0, 6)) await fail(lane, 0);
    expect(await webhooks.find(current())).toMatchObject({ failingSince: expect.any(String) });
    await due();
    const probe = await claimOne();
    expect(await claim()).toEqual([]);
    await deliver(probe);
    expect(await webhooks.find(current())).toMatchObject({ failingSince: null });
    expect((await claim()).length).toBeGreaterThan(1);
  });

  test('since its subscriber was away is told as soon as that is back, however long it was to wait', async () => {
    for (let count = 0; count < 7; count += 1) await place();
    await feed();
    const lanes = await claim();
    for (const lane of lanes.slice(0, 6)) await fail(lane, 3_600_000);
    await deliver(lanes[6] ?? (await claimOne()));
    expect((await claim()).length).toBe(6);
  });
});

test('a range is told once more, as often as it is asked for, and no further than it has happened', async () => {
  const orderId = await place();
  await change(orderId);
  await feed();
  await deliver(await claimOne());
  const last = await events.lastPosition();
  expect(await webhooks.replay({ ...current(), after: last - 2, through: last + 1_000 })).toEqual({ replay: 1 });
  await feed();
  const lane = await claimOne();
  expect(sequencesOf(lane)).toEqual([1, 2]);
  await deliver(lane);
  await change(orderId);
  await feed();
  expect(sequencesOf(await claimOne())).toEqual([3]);
  expect(await webhooks.replay({ ...current(), after: last - 1, through: last })).toEqual({ replay: 2 });
  expect(await webhooks.replay({ ...current(), tenant: 'others', after: 0, through: last })).toBeNull();
});

test('a rotated secret signs for as long as was promised, and is then gone', async () => {
  const next = 'whsec_dGhlLW5leHQtc2VjcmV0';
  const named = current();
  await webhooks.rotateSecret({ ...named, secret: next, overlapMs: 60_000 });
  expect((await webhooks.findTarget(named))?.secrets).toEqual([next, secret]);
  await sql`update webhook_subscriptions set secrets = jsonb_set(secrets, '{1,until}', '"2020-01-01T00:00:00Z"') where id = ${current().id}`.execute(
    db,
  );
  expect((await webhooks.findTarget(named))?.secrets).toEqual([next]);
  await webhooks.rotateSecret({ ...named, secret: 'whsec_c2Vjb25k', overlapMs: 60_000 });
  // Asked for once more, since its answer got lost: what the consumer has stays good.
  await webhooks.rotateSecret({ ...named, secret: 'whsec_dGhpcmQ=', overlapMs: 60_000 });
  expect((await webhooks.findTarget(named))?.secrets).toEqual(['whsec_dGhpcmQ=', 'whsec_c2Vjb25k', next]);
  await webhooks.rotateSecret({ ...named, secret, overlapMs: 0 });
  expect((await webhooks.findTarget(named))?.secrets).toEqual([secret, 'whsec_c2Vjb25k', next]);
  await sql`update webhook_subscriptions set secrets = jsonb_build_array(secrets -> 0) where id = ${current().id}`.execute(
    db,
  );
  expect((await webhooks.findTarget(named))?.secrets).toEqual([secret]);
});

test('a removed one is not told any more, and is forgotten bit by bit, as is what was told long ago', async () => {
  const orderId = await place();
  await change(orderId);
  await feed();
  const lane = await claimOne();
  await deliver(lane, 1);
  await work.forget({ olderThanMs: 60_000, limit: 10 });
  expect(await statesOf(orderId)).toEqual(['delivered 1', 'pending 0']);
  while (await work.forget({ olderThanMs: 0, limit: 1 }));
  expect(await statesOf(orderId)).toEqual(['pending 0']);

  await webhooks.remove({ ...current() });
  expect(await claim()).toEqual([]);
  expect(await webhooks.find(current())).toBeNull();
  await sql`update webhook_subscriptions set removed_at = removed_at - interval '1 hour' where removed_at is not null`.execute(
    db,
  );
  while (await work.forget({ olderThanMs: 60_000, limit: 1 }));
  const { rows } = await sql<{ left: number }>`
    select (select count(*) from webhook_deliveries where subscription_id = ${current().id}) + (select count(*) from webhook_lanes where subscription_id = ${current().id})
         + (select count(*) from webhook_subscriptions where id = ${current().id}) as left`.execute(db);
  expect(rows).toEqual([{ left: 0 }]);
});

test('what waits after a long outage is counted no further than somebody needs to know', async () => {
  const orderId = await place();
  await change(orderId);
  await feed();
  const { rows } = await sql<{ eventId: string }>`select event_id as "eventId" from events limit 1`.execute(db);
  await sql`
    insert into webhook_deliveries (subscription_id, order_id, event_id, replay)
    select ${current().id}, ${orderId}, ${rows[0]?.eventId}, n from generate_series(1, 10_050) n`.execute(db);
  expect(await webhooks.find(current())).toMatchObject({ pending: 10_000, parked: 0 });
});
