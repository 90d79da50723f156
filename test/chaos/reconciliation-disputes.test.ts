// Disputes whose webhooks are lost: opened, won, lost, of orders that go on and of orders that are over, made now and long ago. Each is
// found, recorded and put in front of a person where one must answer; and nothing is done twice.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decide, disputePayment } from '../support/bank.ts';
import { shortGrace, soldOrder } from '../support/comparisons.ts';
import { parks, providerIdOf } from '../support/follow-ups.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, parkOrders, postResolution } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct } from '../support/orders.ts';
import { foundIn, reconcile } from '../support/reconciling.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];
beforeAll(async () => {
  // No webhooks: what happens at the provider is told by nobody.
  stack = await startTestStack({
    env: { ...closedBreaker, ...shortGrace, PROVIDER_OUTAGE_LIMIT_MS: '2500', PROVIDER_FIRST_PAUSE_MS: '200' },
  });
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(() => closeChecked(stack, { accepted }));

async function sold(): Promise<string> {
  const id = await soldOrder(stack);
  accepted.push(id);
  return id;
}

/** An order whose charge is parked while the provider has its money. */
async function paidAndParked(): Promise<string> {
  await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always' });
  const [id = ''] = await parkOrders(stack, { fault: { operation: 'confirm', mode: 'drop_after_effect' } });
  accepted.push(id);
  return id;
}

async function cancelled(): Promise<string> {
  const id = await paidAndParked();
  await postResolution(stack.url, id, { action: 'compensate', reason: 'the customer went away' });
  await until(async () => (await getOrder(stack.url, id)).status === 'cancelled', 'the order is cancelled');
  return id;
}

const disputeOf = async (id: string, opening: object = {}): Promise<string> =>
  disputePayment(stack, await providerIdOf(stack, id), opening);

async function booked(): Promise<unknown> {
  const tables = ['orders', 'payments', 'ledger', 'disputes', 'payment_notices', 'events', 'parked_steps'];
  const rows = tables.map((table) =>
    stack.db.query<object>(`select to_jsonb(t) - 'position' as row from ${table} t order by t::text`),
  );
  return (await Promise.all(rows)).map((result) => result.rows);
}

/** A comparison of what was made from now on: of older disputes only those of which more is to come are in it. */
const reconcileNew = (body: object = {}) => reconcile(stack.url, { since: new Date().toISOString(), ...body });

const stateOf = async (disputeId: string): Promise<unknown> => {
  const { rows } = await stack.db.query<object>(
    `select d.state, coalesce((select sum(-amount_minor) from ledger l where l.dispute_id = d.dispute_id), 0)::int as held
     from disputes d where d.dispute_id = $1`,
    [disputeId],
  );
  return rows[0];
};

const ids: Record<'won' | 'lost' | 'inquiry' | 'cancelled' | 'open', string> = {
  ...{ won: '', lost: '', inquiry: '', cancelled: '', open: '' },
};
const disputes = { ...ids };

describe('disputes that nobody told of', () => {
  test('are found, recorded, and in front of a person; a dry run changes nothing, and a second run finds nothing', async () => {
    ids.won = await sold();
    ids.lost = await sold();
    ids.inquiry = await sold();
    ids.cancelled = await cancelled();
    ids.open = await paidAndParked();
    for (const name of ['won', 'lost', 'cancelled', 'open'] as const) disputes[name] = await disputeOf(ids[name]);
    disputes.inquiry = await disputeOf(ids.inquiry, { inquiry: true });
    const expected = (outcome: string): string[] =>
      Object.values(disputes)
        .map((dispute) => `dispute-unknown ${dispute} ${outcome}`)
        .sort();

    await until(async () => foundIn(await reconcile(stack.url, { dryRun: true })).length === 5, 'all is old enough');
    const before = await booked();
    expect(foundIn(await reconcile(stack.url, { dryRun: true }))).toEqual(expected('found'));
    expect(await booked()).toEqual(before);

    expect(foundIn(await reconcile(stack.url))).toEqual(expected('repaired'));
    for (const name of ['won', 'lost', 'inquiry', 'cancelled'] as const) await parks(stack, ids[name], 'is open');
    await until(async () => (await stateOf(disputes.open)) !== undefined, 'the dispute of the open order is recorded');
    expect(await stateOf(disputes.won)).toEqual({ state: 'open', held: 1_000 });
    expect(await stateOf(disputes.inquiry)).toEqual({ state: 'open', held: 0 });
    // An order that goes on is left to its own story.
    expect(await getOrder(stack.url, ids.open)).toMatchObject({
      status: 'reserved',
      attention: { step: 'charge-payment' },
    });

    expect(foundIn(await reconcile(stack.url))).toEqual([]);
    for (const name of ['won', 'lost', 'inquiry', 'cancelled'] as const)
      expect((await eventTypesOf(stack.url, ids[name])).filter((type) => type === 'payment.disputed')).toHaveLength(1);
  }, 90_000);

  test('and are decided long after they were made are found as well, with what that moved', async () => {
    await decide(stack, disputes.won, { outcome: 'won' });
    await decide(stack, disputes.lost, { outcome: 'lost', reinstated: 300 });
    await decide(stack, disputes.inquiry, { outcome: 'chargeback' });
    await decide(stack, disputes.cancelled, { outcome: 'won' });
    const decided = ['won', 'lost', 'inquiry', 'cancelled'] as const;
    const expected = (outcome: string): string[] =>
      decided.map((name) => `dispute-unknown ${disputes[name]} ${outcome}`).sort();

    await until(async () => foundIn(await reconcileNew({ dryRun: true })).length === decided.length, 'old enough');
    const before = await booked();
    expect(foundIn(await reconcileNew({ dryRun: true }))).toEqual(expected('found'));
    expect(await booked()).toEqual(before);
    expect(foundIn(await reconcileNew())).toEqual(expected('repaired'));

    await until(async () => (await getOrder(stack.url, ids.won)).attention === null, 'won: the money is back');
    await parks(stack, ids.lost, 'is lost');
    await parks(stack, ids.inquiry, '0 are left');
    await until(
      async () => (await getOrder(stack.url, ids.cancelled)).attention === null,
      'the cancelled order is well',
    );
    expect(await stateOf(disputes.won)).toEqual({ state: 'won', held: 0 });
    expect(await stateOf(disputes.lost)).toEqual({ state: 'lost', held: 700 });
    expect(await stateOf(disputes.inquiry)).toEqual({ state: 'open', held: 1_000 });
    expect(foundIn(await reconcileNew())).toEqual([]);
    expect(foundIn(await reconcile(stack.url))).toEqual([]);
  }, 90_000);

  test('keep an open order from being sold, once it goes on', async () => {
    expect((await postResolution(stack.url, ids.open, { action: 'retry', reason: 'it is well' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, ids.open)).attention?.step === 'confirm-order', 'it parks');
    await decide(stack, disputes.open, { outcome: 'won' });
    await until(async () => foundIn(await reconcileNew({ dryRun: true })).length === 1, 'the win is old enough');
    expect(foundIn(await reconcileNew())).toEqual([`dispute-unknown ${disputes.open} repaired`]);
    await until(async () => (await getOrder(stack.url, ids.open)).payment.disputedMinor === 0, 'the money is back');
    expect((await postResolution(stack.url, ids.open, { action: 'retry', reason: 'won' })).status).toBe(202);
    await until(async () => (await getOrder(stack.url, ids.open)).status === 'confirmed', 'it is sold');
  }, 60_000);
});

test('a dispute that our books alone have is put in front of a person, once, and is acknowledged for good', async () => {
  const { id } = await placeOrder(stack.url);
  await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'it is sold');
  await stack.db.query(
    `insert into disputes (dispute_id, tenant, order_id, ordinal, state, reason, amount_minor, currency)
     values ('du_of_nobody', 'local', $1, 1, 'lost', 'general', 400, 'EUR')`,
    [id],
  );
  await stack.db.query(
    `insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency, dispute_id)
     values ('local', $1, 1, 'disputed', 'txn_of_nobody', -400, 'EUR', 'du_of_nobody')`,
    [id],
  );
  const missing = (outcome: string) => [`dispute-missing du_of_nobody ${outcome}`];
  await until(async () => foundIn(await reconcile(stack.url, { dryRun: true })).length === 1, 'it is old enough');
  expect(foundIn(await reconcile(stack.url))).toEqual(missing('parked'));
  await parks(stack, id, 'du_of_nobody');
  expect(foundIn(await reconcile(stack.url))).toEqual(missing('waits'));
  expect((await eventTypesOf(stack.url, id)).filter((type) => type === 'order.parked')).toHaveLength(1);
  expect((await postResolution(stack.url, id, { action: 'skip', reason: 'it is known' })).status).toBe(202);
  await until(async () => (await getOrder(stack.url, id)).attention === null, 'somebody has decided');
  expect(foundIn(await reconcile(stack.url))).toEqual(missing('acknowledged'));
  // Not what an order is worth: the books were made wrong, for this test.
  await stack.db.query('alter table ledger disable trigger user');
  await stack.db.query(`delete from ledger where provider_object = 'txn_of_nobody'`);
  await stack.db.query('alter table ledger enable trigger user');
  accepted.push(id);
}, 60_000);
