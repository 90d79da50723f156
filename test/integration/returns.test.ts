// Returns on a real database: together they never bring more than was shipped, what came is restocked and given back for exactly once,
// and whoever decides leaves word for the return's workflow.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createWarehouses } from '../../src/adapters/postgres/warehouse.ts';
import { returnStatuses, returnTransitions } from '../../src/domain/return.ts';
import { rowRules, type Violation } from '../../src/verify/invariants.ts';
import { acceptedIn, after } from '../support/refunding.ts';
import { askedIn, startReturning, type Returning } from '../support/returning.ts';

let shop: Returning;
beforeAll(async () => {
  shop = await startReturning();
  const north = { tenant: 'local', id: 'north', name: 'North', priority: 200, ships: true };
  await createWarehouses({ db: shop.db }).put(north);
});
afterAll(async () => {
  for (const name of Object.keys(rowRules).filter((rule) => /come back|came back|return|on hand/.test(rule)))
    expect([name, (await sql.raw<Violation>(rowRules[name] ?? '').execute(shop.db)).rows]).toEqual([name, []]);
  await shop.close();
});

const eventsAfter = async (orderId: string, type: string): Promise<string[]> => {
  const types = await shop.eventsOf(orderId);
  return types.slice(types.lastIndexOf(type));
};
test('the database allows the transitions of the table, and no other', async () => {
  const { orderId } = await shop.sell({ quantity: 40 });
  const allowed: [string, string][] = [];
  for (const from of returnStatuses)
    for (const to of returnStatuses.filter((status) => status !== from)) {
      const isOver = (status: string): boolean => returnTransitions[status as typeof from].length === 0;
      const at = (status: string) => sql`
        closed_at = case when ${isOver(status)} then clock_timestamp() end,
        received_at = case when ${['received', 'completed'].includes(status)} then clock_timestamp() end,
        no_refund = '{"words":"none","isFinal":true}'`;
      await sql`
        insert into returns (order_id, number, tenant, wish, reason, actor, status, closed_at, received_at, no_refund)
        values (${orderId}, 900, 'local', 'refund', 'r', 'a', ${from}, ${isOver(from) ? '2026-01-01' : null},
                ${['received', 'completed'].includes(from) ? '2026-01-01' : null}, '{"words":"none","isFinal":true}')`.execute(
        shop.db,
      );
      const moving = sql`update returns set status = ${to}, ${at(to)} where order_id = ${orderId} and number = 900`;
      await moving.execute(shop.db).then(
        () => allowed.push([from, to]),
        (error: unknown) => expect(String(error)).toContain('can not become'),
      );
      await sql`delete from returns where order_id = ${orderId} and number = 900`.execute(shop.db);
    }
  const table = returnStatuses.flatMap((from) => returnTransitions[from].map((to) => [from, to]));
  expect(allowed.sort()).toEqual(table.sort());
});

describe('a return that is asked for', () => {
  test('is kept with its lines, its event and its mark, and leaves the order closed', async () => {
    const { orderId } = await shop.sell({ quantity: 3 });
    const asked = askedIn(await shop.ask(orderId, 2, { wish: 'exchange' }));
    expect(asked).toMatchObject({
      ...{ number: 1, status: 'requested', wish: 'exchange', actor: 'customer-1', refund: null, closedAt: null },
      items: [{ sku: 'book', quantity: 2, restocked: 0, writtenOff: 0, warehouse: null }],
    });
    expect((await shop.eventsOf(orderId)).at(-1)).toBe('return.requested');
    const due = await shop.marks.claimDue({ limit: 1_000 });
    expect(due).toContainEqual({ orderId, number: 1, hasNews: false, mark: expect.any(String) });
  });

  test('is the same under one key, and another body is refused', async () => {
    const { orderId } = await shop.sell();
    const same = { idempotencyKey: `key-${orderId}` };
    const first = await shop.ask(orderId, 1, same);
    const all = await Promise.all(Array.from({ length: 5 }, () => shop.ask(orderId, 1, same)));
    for (const repeat of all) expect(repeat).toEqual({ ...first, repeated: true });
    expect(await shop.ask(orderId, 1, { ...same, requestHash: 'other' })).toEqual({ keyReused: true });
  });

  test('names no more units than are left, whoever asks at the same time', async () => {
    const { orderId } = await shop.sell({ quantity: 5 });
    const all = await Promise.all(Array.from({ length: 8 }, () => shop.ask(orderId, 2)));
    expect(all.filter((one) => 'answer' in one)).toHaveLength(2);
    expect(await shop.ask(orderId, 2)).toEqual({ refused: 'units', sku: 'book', wanted: 2, left: 1 });
    await shop.decide(orderId, 'reject');
    expect(askedIn(await shop.ask(orderId, 3))).toMatchObject({ number: 3 });
  });

  test('counts what did not come with another, and what the money went back for', async () => {
    const orderId = await shop.approved(3);
    askedIn(await shop.receive(orderId, { restock: 1 }));
    // The refund of the return is no other refund.
    expect(await shop.ask(orderId, 3)).toMatchObject({ refused: 'units', left: 2 });
    acceptedIn(await shop.request(orderId, { items: [{ sku: 'book', quantity: 1 }] }));
    expect(await shop.ask(orderId, 2)).toMatchObject({ refused: 'units', left: 1 });
    const other = { items: [{ sku: 'pen', quantity: 1 }] };
    expect(await shop.ask(orderId, 1, other)).toEqual({ refused: 'unknown-line', sku: 'pen' });
  });

  test('is of what a carrier has, and of an order that is sold', async () => {
    expect(await shop.ask(await shop.ship({ isHandedOver: false }))).toEqual({ refused: 'nothing-shipped' });
    // Brought back by the carrier, it may be sent once more, until a person has taken it as it is.
    const broughtBack = await shop.ship();
    await sql`update shipments set status = 'returned', returned_at = now() where order_id = ${broughtBack}`.execute(
      shop.db,
    );
    expect(await shop.ask(broughtBack)).toEqual({ refused: 'nothing-shipped' });
    await sql`update shipments set accepted_at = now() where order_id = ${broughtBack}`.execute(shop.db);
    expect(await shop.ask(broughtBack)).not.toHaveProperty('refused');
    expect(askedIn(await shop.ask(await shop.ship())).status).toBe('requested');
    const { acceptOrder } = await import('../support/database.ts');
    expect(await shop.ask(await acceptOrder(shop.db))).toEqual({ refused: 'status', status: 'placed' });
    const { orderId } = await shop.sell();
    expect(await shop.ask(orderId, 1, { tenant: 'other' })).toEqual({ refused: 'unknown' });
  });

  test('has a number that Temporal can not know, when the database was restored from a backup', async () => {
    const { orderId } = await shop.sell({ quantity: 2 });
    await sql`update database_epoch set epoch = 3`.execute(shop.db);
    expect(askedIn(await shop.ask(orderId)).number).toBe(2_001);
    await sql`update database_epoch set epoch = 1`.execute(shop.db);
    expect(askedIn(await shop.ask(orderId)).number).toBe(2_002);
  });
});

describe('an answer', () => {
  test('is given once, is news to the workflow, and stands', async () => {
    const { orderId } = await shop.sell();
    askedIn(await shop.ask(orderId));
    const first = await shop.decide(orderId);
    expect(first).toMatchObject({ decided: { status: 'approved', decision: { actor: 'operator-1' } } });
    expect(await shop.hasNews(orderId)).toBe(true);
    expect(await shop.decide(orderId)).toEqual(first);
    expect(await shop.decide(orderId, 'reject')).toEqual({ refused: 'standing', status: 'approved' });
    expect(await eventsAfter(orderId, 'return.requested')).toEqual(['return.requested', 'return.approved']);
    expect(await shop.decide(orderId, 'approve', 2)).toEqual({ refused: 'absent' });
  });

  test('by the operator of a parked request yields to one that came before', async () => {
    const { orderId } = await shop.sell();
    askedIn(await shop.ask(orderId));
    await shop.decide(orderId);
    const no = { orderId, number: 1, actor: 'operator-2', reason: 'nobody answered' };
    expect(await shop.records.reject(no)).toMatchObject({ status: 'approved' });
    const { orderId: other } = await shop.sell();
    askedIn(await shop.ask(other));
    expect(await shop.records.reject({ ...no, orderId: other })).toMatchObject({ status: 'rejected' });
    expect(await shop.find(other)).toMatchObject({ status: 'rejected', decision: { actor: 'operator-2' } });
  });

  test('that comes while its workflow is being told makes the mark due again', async () => {
    const { orderId } = await shop.sell();
    askedIn(await shop.ask(orderId));
    const [claimed] = (await shop.marks.claimDue({ limit: 1_000 })).filter((one) => one.orderId === orderId);
    if (!claimed) throw new Error('Expected the return to be due; it is not');
    await shop.decide(orderId, 'reject');
    await shop.marks.noteRunning(claimed);
    expect(await shop.hasNews(orderId)).toBe(true);
    const [again] = (await shop.marks.claimDue({ limit: 1_000 })).filter((one) => one.orderId === orderId);
    if (!again) throw new Error('Expected the return to be due again; it is not');
    await shop.marks.noteRunning(again);
    // It is over, and its workflow knows.
    const { rows } = await sql`select launch_after from returns where order_id = ${orderId}`.execute(shop.db);
    expect(rows).toEqual([{ launch_after: null }]);
  });
});

describe('what came', () => {
  test('is for whoever waits for it, when it is restocked', async () => {
    const waiting = await shop.sell();
    await sql`
      insert into backorders (order_id, tenant, sku, quantity) values (${waiting.orderId}, 'local', 'book', 1)`.execute(
      shop.db,
    );
    const marks = async (): Promise<unknown[]> =>
      (await sql`select sku from stock_marks where sku = 'book'`.execute(shop.db)).rows;
    const orderId = await shop.approved(2);
    expect(await marks()).toEqual([]);
    askedIn(await shop.receive(orderId, { restock: 1, write_off: 1 }));
    expect(await marks()).toEqual([{ sku: 'book' }]);
    await sql`delete from backorders`.execute(shop.db);
    await sql`delete from stock_marks`.execute(shop.db);
  });

  test('is restocked where it was shipped from or written off, and given back for in the same commit', async () => {
    const orderId = await shop.approved(3);
    const before = await shop.onHand();
    const received = askedIn(await shop.receive(orderId, { restock: 1, write_off: 1 }));
    expect(received).toMatchObject({
      ...{ status: 'received', noRefund: null, refund: { number: 1, state: 'requested', amountMinor: 2_000 } },
      items: [{ sku: 'book', quantity: 3, restocked: 1, writtenOff: 1, warehouse: 'main' }],
    });
    expect(await shop.onHand()).toBe(before + 1);
    expect(await eventsAfter(orderId, 'return.received')).toEqual([
      ...['return.received', 'inventory.restocked', 'refund.requested'],
    ]);
    expect(await shop.hasNews(orderId)).toBe(true);
    expect(await shop.receive(orderId)).toEqual({ refused: 'standing', status: 'received' });
  });

  test('is put where it is said, also where there never was any', async () => {
    const orderId = await shop.approved(2);
    expect(await shop.receive(orderId, { restock: 1 }, { warehouse: 'moon' })).toEqual({
      ...{ refused: 'unknown-warehouse' },
    });
    expect((await shop.find(orderId)).status).toBe('approved');
    askedIn(await shop.receive(orderId, { restock: 2 }, { warehouse: 'north' }));
    expect(await shop.onHand('north')).toBe(2);
  });

  test('is no more than was asked for, and counts once whoever receives it at the same time', async () => {
    const orderId = await shop.approved(2);
    const tooMany = { restock: 2, write_off: 1 };
    expect(await shop.receive(orderId, tooMany)).toEqual({ refused: 'units', sku: 'book', wanted: 3, left: 2 });
    const before = await shop.onHand();
    const all = await Promise.all(Array.from({ length: 6 }, () => shop.receive(orderId, { restock: 2 })));
    expect(all.filter((one) => 'answer' in one)).toHaveLength(1);
    expect(await shop.onHand()).toBe(before + 2);
    const same = { idempotencyKey: `receipt-${orderId}` };
    const { orderId: other } = await shop.sell();
    askedIn(await shop.ask(other));
    expect(await shop.receive(other, { restock: 1 }, same)).toEqual({ refused: 'standing', status: 'requested' });
    await shop.decide(other);
    const first = await shop.receive(other, { restock: 1 }, same);
    expect(await shop.receive(other, { restock: 1 }, same)).toEqual({ ...first, repeated: true });
  });

  test('is here although it can not be given back for, and the return says why', async () => {
    const spent = await shop.approved(2);
    acceptedIn(await shop.request(spent, {}));
    await shop.activities().payRefund(after(0, { orderId: spent, number: 1 }));
    expect(askedIn(await shop.receive(spent, { restock: 2 }))).toMatchObject({
      ...{ status: 'received', refund: null, noRefund: 'Nothing is left of what was paid: all of it went back' },
    });
    // Nothing is owed: it is over by itself.
    expect(await shop.records.settle({ orderId: spent, number: 1 })).toMatchObject({ status: 'completed' });

    // A refund that is under way may be given up, and its money is there again.
    const waiting = await shop.approved(2);
    acceptedIn(await shop.request(waiting, {}));
    askedIn(await shop.receive(waiting, { restock: 2 }));
    expect(await shop.records.settle({ orderId: waiting, number: 1 })).toMatchObject({
      ...{ status: 'received', problem: '2000 are due, and a bank or another refund holds money of the order' },
    });

    const partly = await shop.approved(2);
    acceptedIn(await shop.request(partly, { amountMinor: 700 }));
    await shop.activities().payRefund(after(0, { orderId: partly, number: 1 }));
    askedIn(await shop.receive(partly, { restock: 2 }));
    const words = '2000 are due, 1300 are left to be refunded';
    expect(await shop.records.settle({ orderId: partly, number: 1 })).toEqual({
      ...{ status: 'received', refund: null, problem: words },
    });
  });

  test('is given back for later where a bank held its money, and is not taken for free meanwhile', async () => {
    const orderId = await shop.approved();
    const { rows } = await sql<{ id: string }>`
      select provider_id as id from payments where order_id = ${orderId}`.execute(shop.db);
    const paymentId = rows[0]?.id ?? '';
    const dispute = {
      ...{ disputeId: `dp_${paymentId}`, amountMinor: 1_000, currency: 'EUR', reason: 'fraudulent' },
      evidenceDueAt: null,
    };
    const taken = { movementId: `txn_${paymentId}`, amountMinor: -1_000 };
    const record = (state: 'open' | 'won', movements: (typeof taken)[]) =>
      shop.payments.recordDispute({ orderId, ordinal: 1, dispute: { ...dispute, state, movements } });
    await record('open', [taken]);
    askedIn(await shop.receive(orderId));
    const ref = { orderId, number: 1 };
    expect(await shop.records.settle(ref)).toMatchObject({
      status: 'received',
      problem: expect.stringContaining('bank'),
    });
    await record('won', [taken, { movementId: `txn_back_${paymentId}`, amountMinor: 1_000 }]);
    expect(await shop.records.askRefund(ref)).toMatchObject({
      problem: null,
      refund: { number: 1, state: 'requested' },
    });
  });
});

test('a wait keeps its end until it is renewed, is told of once when it is long, and goods that came are not expired', async () => {
  const { orderId } = await shop.sell();
  askedIn(await shop.ask(orderId));
  const ref = { orderId, number: 1 };
  const first = await shop.records.await({ ...ref, withinMs: 3_600_000, renew: false });
  const again = await shop.records.await({ ...ref, withinMs: 7_200_000, renew: false });
  expect(again.leftMs).toBeLessThanOrEqual(first.leftMs);
  expect((await shop.records.await({ ...ref, withinMs: 7_200_000, renew: true })).leftMs).toBeGreaterThan(3_600_000);
  for (const _ of [1, 2]) await shop.records.noteDelay(ref);
  expect(await eventsAfter(orderId, 'return.requested')).toEqual(['return.requested', 'return.delayed']);
  await shop.decide(orderId);
  expect(await shop.find(orderId)).toMatchObject({ until: null });
  await shop.records.await({ ...ref, withinMs: 1, renew: false });
  askedIn(await shop.receive(orderId));
  expect(await shop.records.expire(ref)).toMatchObject({ status: 'received' });

  const late = await shop.approved();
  expect(await shop.records.expire({ orderId: late, number: 1 })).toMatchObject({ status: 'expired' });
  expect(await shop.receive(late)).toEqual({ refused: 'standing', status: 'expired' });
  expect(askedIn(await shop.ask(late)).number).toBe(2);
});
