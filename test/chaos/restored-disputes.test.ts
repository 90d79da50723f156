// Disputes behind a restored backup: of orders that had been closed in it, nobody else would look what became of their payments.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { decide, disputePayment } from '../support/bank.ts';
import { soldOrder } from '../support/comparisons.ts';
import { parks, providerIdOf } from '../support/follow-ups.ts';
import { closeChecked } from '../support/invariants.ts';
import { eventTypesOf, getOrder, putProduct } from '../support/orders.ts';
import { runRecover } from '../support/recovering.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const ids: Record<string, string> = {};
const idOf = (name: string): string => ids[name] ?? 'none';
const paymentOf = (name: string): Promise<string> => providerIdOf(stack, idOf(name));

beforeAll(async () => {
  // No webhooks: what a recovery finds, nobody else has told.
  stack = await startTestStack();
  await putProduct(stack.url, 'book', { onHand: 100 });
  for (const name of ['known before', 'disputed since', 'quiet']) ids[name] = await soldOrder(stack);
  const known = await disputePayment(stack, await paymentOf('known before'));
  await stack.db.query(
    `insert into payment_notices (event_id, event_type, payment_id, order_id, due_at)
     values ('by-hand', 'reconciliation.follow', $1, $2, now())`,
    [await paymentOf('known before'), idOf('known before')],
  );
  await parks(stack, idOf('known before'), 'is open');
  const { restore } = await stack.database.backUp();

  // The gap: what the backup does not know.
  await decide(stack, known, { outcome: 'won' });
  await disputePayment(stack, await paymentOf('disputed since'));
  ids['placed since'] = await soldOrder(stack);
  for (const process of [stack.api, stack.worker]) await process?.stop(0);
  await restore();
  await stack.startApi({}, Number(new URL(stack.url).port), '/healthz');
  await until(async () => (await (await fetch(`${stack.url}/readyz`)).text()).includes('database-behind'), 'noticed');
  await stack.startWorker({}, '/healthz');
}, 120_000);
afterAll(() => closeChecked(stack, { accepted: Object.values(ids) }));

const noticed = async (): Promise<unknown> =>
  (
    await stack.db.query(
      `select order_id as id, event_type as type from payment_notices where event_id like 'recovery_%' order by order_id`,
    )
  ).rows;

test('are found by a recovery, and each of their payments is looked at once', async () => {
  const dry = await runRecover(stack, ['--dry-run']);
  expect(dry).toMatchObject({ code: 0, said: expect.stringContaining('2 disputed payments of closed orders') });
  for (const name of ['known before', 'disputed since'])
    expect(dry.said).toContain(`disputed   ${idOf(name)}: what became of ${await paymentOf(name)} is looked at`);
  expect(await noticed()).toEqual([]);

  expect((await runRecover(stack)).code).toBe(0);
  // The order of the gap is closed by its own story, which has its payment looked at as well.
  await until(async () => (await getOrder(stack.url, idOf('placed since'))).status === 'confirmed', 'it is sold');
  const expected = [
    { id: idOf('known before'), type: 'reconciliation.follow' },
    { id: idOf('disputed since'), type: 'reconciliation.follow' },
    { id: idOf('placed since'), type: 'payment.of_recovered_order' },
  ];
  expect(await noticed()).toEqual(expected.sort((one, other) => (one.id < other.id ? -1 : 1)));

  await parks(stack, idOf('disputed since'), 'is open');
  await until(async () => (await getOrder(stack.url, idOf('known before'))).attention === null, 'the win is known');
  expect(await getOrder(stack.url, idOf('known before'))).toMatchObject({ payment: { disputedMinor: 0 } });
  expect((await eventTypesOf(stack.url, idOf('known before'))).at(-1)).toBe('order.resumed');
  expect(await getOrder(stack.url, idOf('quiet'))).toMatchObject({ attention: null, status: 'confirmed' });
}, 90_000);
