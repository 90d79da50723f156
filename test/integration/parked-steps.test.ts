// Parkings on a real database: several of one order side by side, and every attempt that lands when it should not any more.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { ParkRequest } from '../../src/contracts/parking.ts';
import { createAttemptLog } from '../../src/adapters/postgres/attempts.ts';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createParkedSteps } from '../../src/adapters/postgres/parked-steps.ts';
import { createPaymentRecords } from '../../src/adapters/postgres/payment.ts';
import type { OrderSteps } from '../../src/ports/order.ts';
import { acceptOrder, openTestDatabase, stockProduct } from '../support/database.ts';

let db: Database;
let close: () => Promise<void>;
let orders: OrderSteps;

beforeAll(async () => {
  ({ db, close } = await openTestDatabase());
  orders = createOrderSteps({ db });
  await stockProduct(db, 'book', 1_000);
});
afterAll(() => close());

const decision = { action: 'retry', actor: 'operator-1', reason: 'looked at it' } as const;
const ending = { status: 'cancelled', reason: 'test', actor: 'tester' } as const;
// Each run begins a minute after the one before it.
const parking = (run: number, number: number) => ({
  runId: `run-${run}`,
  runStartedAt: `2026-01-01T00:0${run}:00.000Z`,
  number,
});
const story = (orderId: string, run = 1, number = 1): ParkRequest => ({
  ...{ orderId, workflowId: orderId, parking: parking(run, number) },
  ...{ step: 'charge-payment', reason: `run ${run}, parking ${number}` },
});
const late = (orderId: string, paymentId = 'pi_late', run = 1, number = 1): ParkRequest => ({
  ...story(orderId, run, number),
  ...{ workflowId: `${orderId}:payment:${paymentId}`, step: 'follow-payment', reason: paymentId },
});
const resume = (request: ParkRequest, more: object = {}) => orders.resume({ ...request, ...decision, ...more });

async function shown(orderId: string): Promise<string | null> {
  const { rows } = await sql<{ reason: string | null }>`
    select attention ->> 'reason' as reason from orders where id = ${orderId}`.execute(db);
  return rows[0]?.reason ?? null;
}
const open = async (orderId: string): Promise<string[]> =>
  (await createParkedSteps({ db }).list({ orderId })).map(({ reason }) => reason);
async function audit(orderId: string) {
  const { rows } = await sql<{ workflow_id: string; outcome: string }>`
    select workflow_id, outcome from resolution_audit where order_id = ${orderId} order by id`.execute(db);
  return rows.map(({ workflow_id, outcome }) => [workflow_id.replace(orderId, 'story'), outcome]);
}
async function events(orderId: string): Promise<string[]> {
  const { rows } = await sql<{ type: string }>`
    select event_type as type from events where order_id = ${orderId} and event_type <> 'order.placed' order by sequence`.execute(
    db,
  );
  return rows.map(({ type }) => type);
}

/** An order that is sold: its story is over, a payment may still be followed. */
async function sell(orderId: string): Promise<void> {
  await createInventory({ db }).reserve({ orderId });
  const capture = { providerId: `pi_${orderId}`, amountMinor: 1_000, currency: 'EUR' };
  await createPaymentRecords({ db }).recordCapture({ orderId, ordinal: 1, ...capture });
  await orders.confirm({ orderId });
}

describe('several workflows of an order, parked at once,', () => {
  test('are shown one after the other, the longest parked first, and none clears another’s mark', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(late(orderId, 'pi_1'));
    await orders.park(story(orderId));
    await orders.park(late(orderId, 'pi_2'));
    expect([await shown(orderId), await open(orderId)]).toEqual(['pi_1', ['pi_1', 'run 1, parking 1', 'pi_2']]);

    await resume(late(orderId, 'pi_2'));
    expect(await shown(orderId)).toBe('pi_1');
    await resume(late(orderId, 'pi_1'));
    expect(await shown(orderId)).toBe('run 1, parking 1');
    await resume(story(orderId));
    expect([await shown(orderId), await open(orderId)]).toEqual([null, []]);
    expect(await audit(orderId)).toEqual([
      ['story:payment:pi_2', 'followed'],
      ['story:payment:pi_1', 'followed'],
      ['story', 'followed'],
    ]);
  });

  test('may take the same decision by its name, each once', async () => {
    const orderId = await acceptOrder(db);
    const both = [story(orderId), late(orderId)];
    for (const request of both) await orders.park(request);
    for (const request of [...both, ...both]) await resume(request, { resolutionId: 'bulk-1', bulkId: undefined });
    expect(await audit(orderId)).toEqual([
      ['story', 'followed'],
      ['story:payment:pi_late', 'followed'],
    ]);
  });

  test('each say of their own what did not help', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await orders.park(late(orderId));
    await resume(story(orderId));
    await resume(late(orderId));
    await orders.park(story(orderId, 1, 2));
    await orders.park(late(orderId, 'pi_late', 1, 2));
    expect((await audit(orderId)).slice(2)).toEqual([
      ['story', 'parked-again'],
      ['story:payment:pi_late', 'parked-again'],
    ]);
    // What the story got done meanwhile says that it did help.
    await resume(story(orderId, 1, 2));
    await createInventory({ db }).reserve({ orderId });
    await orders.park(story(orderId, 1, 3));
    expect(await audit(orderId)).toHaveLength(5);
  });

  test('stay parked when the story ends, which takes its own mark with it', async () => {
    const sold = await acceptOrder(db);
    await orders.park(story(sold));
    await orders.park(late(sold));
    await sell(sold);
    expect([await shown(sold), await open(sold)]).toEqual(['pi_late', ['pi_late']]);

    const cancelled = await acceptOrder(db);
    await orders.park(late(cancelled));
    await orders.park(story(cancelled));
    await orders.close({ orderId: cancelled, ending });
    expect([await shown(cancelled), await open(cancelled)]).toEqual(['pi_late', ['pi_late']]);
    expect(await orders.park(late(cancelled, 'pi_3'))).toMatchObject({ step: 'follow-payment' });
  });
});

describe('an attempt to park', () => {
  test('that is repeated parks once', async () => {
    const orderId = await acceptOrder(db);
    const first = await orders.park(story(orderId));
    expect(await orders.park(story(orderId))).toEqual(first);
    expect(await events(orderId)).toEqual(['order.parked']);
  });

  test('that lands after the resume changes nothing', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await resume(story(orderId));
    expect(await orders.park(story(orderId))).toBeNull();
    expect([await shown(orderId), await events(orderId)]).toEqual([null, ['order.parked', 'order.resumed']]);
  });

  test('of an earlier run or parking that lands late changes nothing, whether the newer is open or over', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId, 2, 2));
    for (const zombie of [story(orderId, 2, 1), story(orderId, 1, 7)]) expect(await orders.park(zombie)).toBeNull();
    expect(await open(orderId)).toEqual(['run 2, parking 2']);
    await resume(story(orderId, 2, 2));
    for (const zombie of [story(orderId, 2, 1), story(orderId, 1, 7)]) expect(await orders.park(zombie)).toBeNull();
    expect(await shown(orderId)).toBeNull();
  });

  test('of a run that took over replaces what the run before it left', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await orders.park(story(orderId, 2));
    expect(await open(orderId)).toEqual(['run 2, parking 1']);
    await resume(story(orderId, 2));
    expect([await shown(orderId), await open(orderId)]).toEqual([null, []]);
  });

  test('adds what the last failed try said, when its reason does not, and only since the last decision', async () => {
    const orderId = await acceptOrder(db);
    const attempts = createAttemptLog({ db });
    const said = (workflowId: string, message: string) =>
      attempts.add({ orderId, workflowId, step: 'charge-payment', attempt: 1, message, nextTryInMs: null });
    await said(orderId, 'an older answer');
    await said(orderId, 'the bank is closed');
    await said(`${orderId}:other`, 'of another workflow');
    const lost = { ...story(orderId), reason: 'activity Heartbeat timeout' };
    expect((await orders.park(lost))?.reason).toBe(
      'activity Heartbeat timeout; the last failed try on record said: the bank is closed',
    );
    await resume(story(orderId));
    const again = { ...story(orderId, 1, 2), reason: 'activity Heartbeat timeout' };
    expect((await orders.park(again))?.reason).toBe('activity Heartbeat timeout');
    await resume(again);
    await said(orderId, 'x'.repeat(500));
    const long = { ...story(orderId, 1, 3), reason: 'y'.repeat(500) };
    expect((await orders.park(long))?.reason).toHaveLength(1_000);
    await resume(long);
    await said(orderId, 'a 500');
    expect((await orders.park({ ...story(orderId, 1, 4), reason: 'gave up: a 500' }))?.reason).toBe('gave up: a 500');
  });
});

describe('a decision', () => {
  test('is followed once, and one that lands late takes no newer mark away', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await resume(story(orderId));
    await orders.park(story(orderId, 1, 2));
    await resume(story(orderId));
    expect(await shown(orderId)).toBe('run 1, parking 2');
    await orders.park(story(orderId, 2));
    await resume(story(orderId, 1, 2));
    expect([await shown(orderId), await open(orderId)]).toEqual(['run 2, parking 1', ['run 2, parking 1']]);
  });

  test('of a run that was reset, which believes in a parking that the run before it recorded, closes that', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId, 1, 3));
    const { runStartedAt } = parking(1, 3);
    const reset = { ...story(orderId), parking: { runId: 'run-of-the-reset', runStartedAt, number: 3 } };
    await resume(reset);
    expect([await shown(orderId), await open(orderId), await audit(orderId)]).toEqual([
      null,
      [],
      [['story', 'followed']],
    ]);
    // Closed for good, though it never had a mark of its own.
    expect(await orders.park(reset)).toBeNull();
    await orders.remind(reset);
    expect(await shown(orderId)).toBeNull();
  });

  test('from before parkings had identities is about what the workflow is parked at', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await orders.park(late(orderId));
    for (const _repeat of [1, 2]) await orders.resume({ orderId, workflowId: orderId, ...decision });
    expect([await open(orderId), await audit(orderId)]).toEqual([['pi_late'], [['story', 'followed']]]);
  });
});

describe('a reminder', () => {
  test('is told of each parked step, and of none that is over', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await orders.park(late(orderId));
    for (const request of [story(orderId), late(orderId)]) await orders.remind(request);
    await resume(story(orderId));
    // Closed, whoever did it: behind that nobody would see the workflow wait.
    expect(await orders.remind(story(orderId))).toEqual({ isOver: true });
    expect((await events(orderId)).filter((type) => type === 'order.parked.reminder')).toHaveLength(2);
    expect(await shown(orderId)).toBe('pi_late');
  });

  test('shows again what nobody would see: a run that was reset waits behind a decision that was followed', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await resume(story(orderId));
    const { runStartedAt } = parking(1, 1);
    const reset = { ...story(orderId), parking: { runId: 'run-of-the-reset', runStartedAt, number: 1 } };
    await orders.remind(reset);
    expect([await shown(orderId), (await events(orderId)).at(-1)]).toEqual(['run 1, parking 1', 'order.parked']);
    await resume(reset);
    expect(await shown(orderId)).toBeNull();
  });

  test('of the story of a closed order says that nothing is left to decide', async () => {
    const orderId = await acceptOrder(db);
    await orders.park(story(orderId));
    await orders.close({ orderId, ending });
    expect(await orders.remind(story(orderId))).toEqual({ isOver: true });
    await orders.park(late(orderId));
    expect(await orders.remind(late(orderId))).toEqual({ isOver: false });
  });
});

test('a payment that was followed to its end takes away what an earlier run of it left, and nothing newer', async () => {
  const orderId = await acceptOrder(db);
  await orders.park(late(orderId));
  await orders.park(story(orderId));
  await orders.clearParked(late(orderId, 'pi_late', 2, 0));
  expect(await open(orderId)).toEqual(['run 1, parking 1']);
  // A try that had been given up succeeds after all, when its workflow has parked.
  await orders.park(late(orderId, 'pi_late', 2, 1));
  await orders.clearParked(late(orderId, 'pi_late', 2, 0));
  expect(await open(orderId)).toEqual(['run 1, parking 1', 'pi_late']);
});

test('the schema lets a parking be closed, once, and nothing else', async () => {
  const orderId = await acceptOrder(db);
  await orders.park(story(orderId));
  const change = (what: string) =>
    sql`update parked_steps set ${sql.raw(what)} where order_id = ${orderId}`.execute(db);
  await expect(change("reason = 'another'")).rejects.toThrow('can only be closed');
  await resume(story(orderId));
  await expect(change('closed_at = null')).rejects.toThrow('can only be closed');
  await expect(sql`delete from parked_steps`.execute(db)).rejects.toThrow('append-only');
  await orders.park(story(orderId, 1, 2));
  const second = sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason)
    values ('local', ${orderId}, ${orderId}, 'run-1', now(), 3, 'charge-payment', 'x')`;
  await expect(second.execute(db)).rejects.toThrow('parked_steps_one_open');
});
