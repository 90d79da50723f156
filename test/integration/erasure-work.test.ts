// How an erasure is carried out, on a real database: in small steps, whatever dies, and never of an order that still needs what it holds.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { crashBeforeCommit } from '../../src/adapters/postgres/crash-before-commit.ts';
import { createErasureWork } from '../../src/adapters/postgres/erasure-work.ts';
import { ERASED } from '../../src/domain/erasure.ts';
import { canariesIn, dumpOf, startErasing, type Erasing } from '../support/erasing.ts';
import { acceptedIn } from '../support/refunding.ts';

let shop: Erasing;
beforeAll(async () => {
  shop = await startErasing();
});
afterAll(() => shop.close());

describe('an order that still needs what it holds', () => {
  const holds: [string, (orderId: string) => Promise<unknown>, (orderId: string) => Promise<unknown>][] = [
    [
      'open',
      (id) =>
        sql`update orders set ships = true, closed_at = null, launch_after = now() where id = ${id}`.execute(shop.db),
      (id) => sql`update orders set closed_at = now(), launch_after = null where id = ${id}`.execute(shop.db),
    ],
    [
      'parked',
      (id) =>
        sql`insert into parked_steps (tenant, order_id, workflow_id, run_id, run_started_at, number, step, reason)
            values ('local', ${id}, ${id}, 'run', now(), 1, 'follow-payment', 'r')`.execute(shop.db),
      (id) => sql`update parked_steps set closed_at = now() where order_id = ${id}`.execute(shop.db),
    ],
    [
      'refund',
      async (id) => acceptedIn(await shop.request(id, { amountMinor: 1 })),
      (id) =>
        sql`update refunds set state = 'completed', launch_after = null, settled_at = now() where order_id = ${id}`.execute(
          shop.db,
        ),
    ],
    [
      'return',
      (id) =>
        sql`insert into returns (order_id, number, tenant, wish, reason, actor) values (${id}, 1, 'local', 'refund', 'r', 'a')`.execute(
          shop.db,
        ),
      (id) => sql`update returns set status = 'rejected', closed_at = now() where order_id = ${id}`.execute(shop.db),
    ],
    [
      'amendment',
      (id) =>
        sql`insert into amendments (order_id, number, tenant, reason, actor, before, after, changes_address, shipping)
            values (${id}, 1, 'local', 'r', 'a', '{}', '{}', true, '{"name":"Ada"}')`.execute(shop.db),
      (id) =>
        sql`update amendments set state = 'applied', shipping = null, launch_after = null, settled_at = now() where order_id = ${id}`.execute(
          shop.db,
        ),
    ],
    [
      'capture',
      (id) =>
        sql`insert into payment_captures (order_id, number, tenant, ordinal, is_rest, amount_minor) values (${id}, 1, 'local', 1, true, 0)`.execute(
          shop.db,
        ),
      (id) =>
        sql`update payment_captures set state = 'captured', settled_at = now() where order_id = ${id}`.execute(shop.db),
    ],
    [
      'dispute',
      (id) =>
        sql`insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency)
            values (${`du ${id}`}, 'local', ${id}, 1, 'open', 'fraudulent', 1, 'EUR')`.execute(shop.db),
      (id) => sql`update disputes set state = 'lost', unsettled = false where order_id = ${id}`.execute(shop.db),
    ],
    [
      'answer',
      (id) =>
        sql`update idempotency_keys set answer_status = null, answer_body = null, answer_due_at = now() + interval '1 minute' where order_id = ${id}`.execute(
          shop.db,
        ),
      (id) => sql`update idempotency_keys set answer_due_at = now() where order_id = ${id}`.execute(shop.db),
    ],
  ];
  test.each(holds)('keeps it while it is held by: %s; and it goes when that is over', async (because, begin, end) => {
    const { orderId } = await shop.sell();
    await sql`update orders set shipping = '{"name":"Ada","country":"DE"}' where id = ${orderId}`.execute(shop.db);
    const customerId = await shop.customerOf(orderId);
    const other = await shop.sellTo(customerId);
    await begin(orderId);
    const { id } = await shop.ask(customerId);
    await shop.workOff();
    expect(await shop.find(id)).toMatchObject({
      ...{ state: 'waiting', finishedAt: null, waitingOrders: 1, erased: { orders: 1 } },
      waiting: [{ orderId, because }],
    });
    expect(await shop.erasedAt(orderId)).toBeNull();
    expect(await shop.erasedAt(other)).not.toBeNull();
    const { rows: kept } = await sql`select shipping ->> 'name' as name from orders where id = ${orderId}`.execute(
      shop.db,
    );
    expect(kept).toEqual([{ name: 'Ada' }]);

    await end(orderId);
    await shop.lookNow(id);
    await shop.workOff();
    expect(await shop.find(id)).toMatchObject({ state: 'finished', waitingOrders: 0, erased: { orders: 2 } });
    const { rows: left } = await sql`select shipping ->> 'name' as name from orders where id = ${orderId}`.execute(
      shop.db,
    );
    expect(left).toEqual([{ name: null }]);
  });
});

describe('an erasure', () => {
  test('goes through many orders in small steps, and nothing of a step that dies before its commit is there', async () => {
    const { customerId, orders } = await shop.sellMany(7);
    await sql`update orders set metadata = '{"note":"canary"}' where customer_id = ${customerId}`.execute(shop.db);
    const { id } = await shop.ask(customerId);
    let steps = 0;
    const dying = createErasureWork({
      settleMs: 0,
      db: crashBeforeCommit(shop.db, () => {
        steps += 1;
        if (steps === 2) throw new Error('killed');
      }),
    });
    const state = async () => {
      const { rows } = await sql<{ erased: number; events: number }>`
        select count(*) filter (where erased_at is not null and metadata = '{}')::int as erased,
               (select count(*)::int from events where order_id = any(${orders}) and event_type = 'order.personal_data_erased') as events
        from orders where customer_id = ${customerId}`.execute(shop.db);
      return rows[0];
    };
    await dying.advance({ limit: 2 });
    expect(await state()).toEqual({ erased: 2, events: 2 });
    await expect(dying.advance({ limit: 2 })).rejects.toThrow('killed');
    expect(await state()).toEqual({ erased: 2, events: 2 });
    expect(await shop.find(id)).toMatchObject({ state: 'running', erased: { orders: 2 } });
    // Another has its turn first; then it goes on where it was.
    expect(await shop.work().advance({ limit: 2 })).toBeNull();
    await sql`update erasures set due_at = now() where id = ${id}`.execute(shop.db);
    await shop.workOff(2);
    expect(await state()).toEqual({ erased: 7, events: 7 });
    expect(await shop.find(id)).toMatchObject({ state: 'finished', erased: { orders: 7 } });
  });

  test('goes on with the others where one can not be erased, and says which', async () => {
    const { customerId, orders } = await shop.sellMany(5);
    const { id } = await shop.ask(customerId);
    const [, , bad = ''] = orders;
    await sql`create function refuse_to_erase() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$`.execute(
      shop.db,
    );
    await sql`create trigger refuse_to_erase before update of erased_at on orders for each row when (new.id = ${sql.lit(bad)}) execute function refuse_to_erase()`.execute(
      shop.db,
    );
    const step = await shop.work().advance({ limit: 20 });
    expect(step).toMatchObject({ orders: 4, isFinished: false });
    expect(step?.failures).toEqual([{ orderId: bad, error: expect.objectContaining({ message: 'not this one' }) }]);
    await sql`drop trigger refuse_to_erase on orders`.execute(shop.db);
    await shop.lookNow(id);
    await shop.workOff();
    expect(await shop.find(id)).toMatchObject({ state: 'finished', erased: { orders: 5 } });
  });

  test('is carried out once, however many are at it', async () => {
    const { customerId, orders } = await shop.sellMany(8);
    await shop.ask(customerId);
    await shop.ask(customerId);
    await Promise.all(Array.from({ length: 4 }, () => shop.workOff(1)));
    await shop.workOff();
    const { rows } = await sql`
      select order_id, count(*)::int from events where order_id = any(${orders}) and event_type = 'order.personal_data_erased'
      group by order_id having count(*) > 1`.execute(shop.db);
    expect(rows).toEqual([]);
  });

  test('finds what is busy later, and waits for nobody', async () => {
    const { orderId } = await shop.sell();
    const customerId = await shop.customerOf(orderId);
    const { id } = await shop.ask(customerId);
    await shop.db.transaction().execute(async (tx) => {
      await sql`select 1 from orders where id = ${orderId} for update`.execute(tx);
      await shop.workOff();
      expect(await shop.find(id)).toMatchObject({ waiting: [{ orderId, because: 'busy' }] });
    });
    await shop.lookNow(id);
    await shop.workOff();
    expect(await shop.find(id)).toMatchObject({ state: 'finished', erased: { orders: 1 } });
  });

  test('sees an order that was being placed when it was asked for', async () => {
    const { orderId } = await shop.sell();
    const customerId = `c-${randomUUID()}`;
    let id = '';
    await shop.db.transaction().execute(async (tx) => {
      await sql`update orders set customer_id = ${customerId}, placed_at = now() where id = ${orderId}`.execute(tx);
      ({ id } = await shop.ask(customerId));
      while (await shop.work(1_000).advance({ limit: 20 }));
      expect(await shop.find(id)).toMatchObject({ state: 'running', erased: {} });
    });
    await sql`update erasures set due_at = now() where id = ${id}`.execute(shop.db);
    await shop.workOff();
    expect(await shop.find(id)).toMatchObject({ state: 'finished', erased: { orders: 1 } });
  });

  test('sees it also where a page ended behind it meanwhile', async () => {
    const [{ orderId: late }, customerId] = [await shop.sell(), `c-${randomUUID()}`];
    let id = '';
    await shop.db.transaction().execute(async (tx) => {
      await sql`update orders set customer_id = ${customerId}, placed_at = now() where id = ${late}`.execute(tx);
      await shop.sellTo(customerId);
      ({ id } = await shop.ask(customerId));
      await shop.work(1_000).advance({ limit: 1 });
    });
    await sql`select pg_sleep(1.1)`.execute(shop.db);
    await sql`update erasures set due_at = now() where id = ${id}`.execute(shop.db);
    while (await shop.work(1_000).advance({ limit: 1 }));
    expect(await shop.find(id)).toMatchObject({ state: 'finished', erased: { orders: 2 } });
  });

  test('is about orders that were placed before, of this customer and tenant alone', async () => {
    const { orderId } = await shop.sell();
    const customerId = await shop.customerOf(orderId);
    const foreign = await shop.sellTo(customerId);
    const another = await shop.sellTo(`${customerId}-2`);
    await sql`update orders set tenant = 'other' where id = ${foreign}`.execute(shop.db);
    const { rows } = await sql<{ at: string }>`select now()::text as at`.execute(shop.db);
    const later = await shop.sellTo(customerId);
    await shop.ask(customerId, { placedBefore: rows[0]?.at ?? '' });
    await shop.workOff();
    const erased = await Promise.all([orderId, foreign, another, later].map(shop.erasedAt));
    expect(erased.map((at) => at !== null)).toEqual([true, false, false, false]);
    await sql`update orders set tenant = 'local' where id = ${foreign}`.execute(shop.db);
  });

  test('takes what came after an earlier one, and says nothing where nothing is new', async () => {
    const { orderId } = await shop.sell();
    const customerId = await shop.customerOf(orderId);
    await shop.ask(customerId);
    await shop.workOff();
    const tellsOf = async () =>
      (await shop.eventsOf(orderId)).filter((type) => type === 'order.personal_data_erased').length;
    await shop.ask(customerId);
    await shop.workOff();
    expect(await tellsOf()).toBe(1);
    await sql`insert into returns (order_id, number, tenant, wish, reason, actor, status, closed_at) values (${orderId}, 1, 'local', 'refund', 'canary', 'a', 'rejected', now())`.execute(
      shop.db,
    );
    await shop.ask(customerId);
    await shop.workOff();
    expect(await tellsOf()).toBe(2);
    expect(canariesIn(await dumpOf(shop.db))).toEqual([]);
  });

  test('is asked for once under a key, and the key of an erased order still binds', async () => {
    const { orderId } = await shop.sell();
    const customerId = await shop.customerOf(orderId);
    const key = { idempotencyKey: randomUUID() };
    const first = acceptedIn(await shop.request(orderId, { amountMinor: 1 }, { ...key, reason: 'canary' }));
    await sql`update refunds set state = 'completed', launch_after = null, settled_at = now() where order_id = ${orderId}`.execute(
      shop.db,
    );
    const same = { idempotencyKey: randomUUID() };
    const { id } = await shop.ask(customerId, same);
    expect((await shop.ask(customerId, same)).id).toBe(id);
    await shop.workOff();
    const repeat = await shop.request(orderId, { amountMinor: 1 }, { ...key, reason: 'canary' });
    expect(repeat).toMatchObject({ repeated: true });
    expect(acceptedIn(repeat)).toEqual({ ...first, reason: ERASED });
    expect(await shop.request(orderId, { amountMinor: 1 }, { ...key, requestHash: 'other' })).toEqual({
      keyReused: true,
    });
    const { rows } = await sql`select count(*)::int as refunds from refunds where order_id = ${orderId}`.execute(
      shop.db,
    );
    expect(rows).toEqual([{ refunds: 1 }]);
  });
});
