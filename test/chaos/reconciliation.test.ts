// Every kind of drift that can be made from outside, all at once: found, named, repaired where that is safe, and otherwise in
// front of a person, once.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { typeidUnboxed } from 'typeid-js';
import { PROCESS_ORDER } from '../../src/contracts/process-order.ts';
import { heal, payByHand, refundByHand, closedBreaker } from '../support/operators.ts';
import { eventTypesOf, getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { foundIn, reconcile } from '../support/reconciling.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const AUTHENTICATION = 'pm_card_authenticationRequired';
const STRANGER = typeidUnboxed('order');
const FAKE = `pi_${randomBytes(8).toString('hex')}`;
const NO_REFUND = `re_${randomBytes(8).toString('hex')}`;
let stack: Stack;

beforeAll(async () => {
  // No webhooks: what happens at the provider is told by nobody.
  stack = await startTestStack({
    env: {
      ...closedBreaker,
      RECONCILE_GRACE_MS: '1500',
      PROVIDER_OUTAGE_LIMIT_MS: '2500',
      PROVIDER_FIRST_PAUSE_MS: '200',
    },
  });
  for (const sku of ['book', 'pen', 'ink']) await putProduct(stack.url, sku);
});
afterAll(() => stack.close());

const describeRun = (workflowId: string) => stack.temporal.workflow.getHandle(workflowId).describe();
const rowOf = async <T extends object>(query: string, ...values: unknown[]): Promise<T> => {
  const { rows } = await stack.db.query<T>(query, values);
  if (!rows[0]) throw new Error(`Expected a row of ${query}; found none`);
  return rows[0];
};

async function confirmed(): Promise<string> {
  const { id } = await placeOrder(stack.url);
  expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
  return id;
}

async function waiting(): Promise<string> {
  const { id } = await placeOrder(stack.url, { paymentMethod: AUTHENTICATION });
  await until(async () => (await getOrder(stack.url, id)).waiting !== null, `${id} waits for its customer`);
  return id;
}

/** Waits for its customer, and then parks because the provider does not answer when it is asked again. */
async function parked(): Promise<string> {
  const id = await waiting();
  await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always', match: { orderId: id } });
  await stack.temporal.workflow.getHandle(id).signal('paymentNews');
  await until(async () => (await getOrder(stack.url, id)).attention !== null, `${id} parks`);
  return id;
}

/** Back to the first workflow task: nothing that came after it was ever decided. */
async function reset(workflowId: string): Promise<void> {
  const { runId } = await describeRun(workflowId);
  await stack.temporal.workflowService.resetWorkflowExecution({
    namespace: stack.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'for the test',
    requestId: randomBytes(8).toString('hex'),
    // A 64-bit integer in the types of the API, whose package is not ours to depend on.
    workflowTaskFinishEventId: 4 as never,
  });
}

/** A payment that nobody confirms. */
async function authorizeByHand(orderId: string): Promise<string> {
  const answer = await fetch(`${stack.simulatorUrl}/v1/payment_intents`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_local' },
    body: new URLSearchParams({
      amount: '1000',
      currency: 'eur',
      payment_method: 'pm_card_visa',
      'metadata[orderId]': orderId,
    }),
  });
  return ((await answer.json()) as { id: string }).id;
}

const stateAtProvider = async (paymentId: string): Promise<string> => {
  const answer = await fetch(`${stack.simulatorUrl}/v1/payment_intents/${paymentId}`, {
    headers: { Authorization: 'Bearer sk_test_local' },
  });
  return ((await answer.json()) as { status: string }).status;
};

/** Everything that a repair could change. */
async function everything(): Promise<unknown> {
  const tables = [
    'orders',
    'payments',
    'ledger',
    'reservations',
    'stock',
    'payment_notices',
    'events',
    'resolution_audit',
  ];
  const rows = await Promise.all(
    tables.map((table) =>
      stack.db.query<object>(`select to_jsonb(t) - 'position' as row from ${table} t order by t::text`),
    ),
  );
  return rows.map((result) => result.rows);
}

test('finds every drift by its name, repairs what is safe, parks the rest once, and is clean the second time', async () => {
  const gone = await waiting();
  const overdue = await waiting();
  const silent = await parked();
  const stale = await parked();
  const orphaned = await confirmed();
  const charged = await confirmed();
  const refunded = await confirmed();
  const unbacked = await confirmed();
  const unreturned = await confirmed();
  const unclaimed = await confirmed();
  const closedHolder = await confirmed();
  await heal(stack);

  // One that is parked behind its end already, so that its workflow can be lost.
  await refundByHand(stack, orphaned);
  await until(async () => {
    const { counts } = await reconcile(stack.url);
    return counts['repaired'] === 1 || (await getOrder(stack.url, orphaned)).attention !== null;
  }, 'the refund is found');
  await until(
    async () => (await getOrder(stack.url, orphaned)).attention !== null,
    'the refund is in front of a person',
  );
  const { workflowId: follower } = await rowOf<{ workflowId: string }>(
    `select workflow_id as "workflowId" from parked_steps where order_id = $1 and closed_at is null`,
    orphaned,
  );

  await stack.temporal.workflow.getHandle(gone).terminate('for the test');
  await stack.temporal.workflow.getHandle(follower).terminate('for the test');
  await reset(stale);
  await until(async () => (await describeRun(stale)).historyLength > 10, 'the order that was reset goes on');
  await stack.db.query(`update reservations set expires_at = now() - interval '1 hour' where order_id = $1`, [overdue]);
  // As in a database that was restored: the row of the parking is gone, the workflow waits.
  await stack.db.query('update orders set attention = null where id = $1', [silent]);
  await stack.db.query('alter table parked_steps disable trigger parked_steps_append_only');
  await stack.db.query('delete from parked_steps where order_id = $1', [silent]);
  await stack.db.query('alter table parked_steps enable trigger parked_steps_append_only');
  const charge = await payByHand(stack, charged);
  const lostCharge = await payByHand(
    stack,
    STRANGER.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
  );
  const refund = await refundByHand(stack, refunded);
  const authorization = await authorizeByHand(unclaimed);
  await stack.db.query(
    `insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency)
     values ('local', $1, 1, 'captured', $2, 700, 'EUR')`,
    [unbacked, FAKE],
  );
  await stack.db.query(
    `insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency)
     values ('local', $1, 1, 'refunded', $2, -300, 'EUR')`,
    [unreturned, NO_REFUND],
  );
  await stack.db.query(
    `update reservations set state = 'held', expires_at = now() - interval '1 hour' where order_id = $1`,
    [closedHolder],
  );
  await stack.db.query(`update stock set on_hand = on_hand + 1 where sku = 'pen'`);
  await stack.db.query(
    `insert into payment_notices (event_id, event_type, payment_id, received_at, due_at)
     values ('evt_lost', 'payment_intent.succeeded', 'pi_of_nobody', now() - interval '1 hour', now() + interval '1 hour')`,
  );
  await stack.temporal.workflow.start(PROCESS_ORDER, {
    taskQueue: 'nobody-polls-this',
    workflowId: STRANGER,
    args: [],
  });
  const waits = (name: string, object: string) => `${name} ${object} waits`;
  const reported = [
    `hold-of-closed-order ${closedHolder} reported`,
    `notice-overdue evt_lost reported`,
    `payment-without-order ${lostCharge} reported`,
    `stock-on-hand-differs local/main/pen reported`,
    `stock-reserved-differs local/main/book reported`,
    `workflow-without-order ${STRANGER} reported`,
  ];
  const repaired = [
    `capture-unknown ${charge}`,
    `hold-overdue ${overdue}`,
    `parked-row-missing ${silent}`,
    `parked-row-stale ${stale}`,
    `parked-without-workflow ${orphaned}`,
    `payment-unclaimed ${authorization}`,
    `refund-unknown ${refund}`,
    `workflow-gone ${gone}`,
  ];
  const expected = (outcome: string) => [...reported, ...repaired.map((drift) => `${drift} ${outcome}`)].sort();

  // What is younger than the grace period is not looked at.
  await until(async () => foundIn(await reconcile(stack.url, { dryRun: true })).length === 16, 'all is old enough');
  const before = await everything();
  const dry = await reconcile(stack.url, { dryRun: true });
  expect(foundIn(dry)).toEqual(
    [...expected('found'), `capture-missing ${FAKE} found`, `refund-missing ${NO_REFUND} found`].sort(),
  );
  expect(await everything()).toEqual(before);

  const first = await reconcile(stack.url);
  expect(foundIn(first)).toEqual(
    [...expected('repaired'), `capture-missing ${FAKE} parked`, `refund-missing ${NO_REFUND} parked`].sort(),
  );

  await until(async () => (await describeRun(gone)).status.name === 'RUNNING', 'the lost order is taken up again');
  await until(async () => (await stateAtProvider(authorization)) === 'canceled', 'the unclaimed payment is void');
  await until(
    async () => (await stack.journal(charged)).filter(({ effect }) => effect === 'refunded').length === 1,
    'the charge is given back',
  );
  for (const id of [silent, refunded, unbacked, unreturned, orphaned])
    await until(async () => (await getOrder(stack.url, id)).attention !== null, `${id} is in front of a person`);
  expect((await getOrder(stack.url, stale)).attention).toBeNull();
  expect(await getOrder(stack.url, refunded)).toMatchObject({ payment: { refundedMinor: 1_000 } });

  const second = await reconcile(stack.url);
  expect(foundIn(second)).toEqual(
    [...reported, waits('capture-missing', FAKE), waits('refund-missing', NO_REFUND)].sort(),
  );
  for (const id of [unbacked, unreturned])
    expect((await eventTypesOf(stack.url, id)).filter((type) => type === 'order.parked')).toHaveLength(1);
}, 180_000);
