// Customers told by mail, by workers that are killed while they do it and a mail server that refuses, puts off, is silent and goes away:
// each is told, of each thing by one mail (or by the same mail once more), and no order waits for any of it.
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { startMailServer, type MailServer } from '../support/mail-server.ts';
import { mailingTo, noticeOf, noticesOf, placeFor, resendNotice, type PlacedFor } from '../support/noticing.ts';
import { getOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let server: MailServer;
const accepted: string[] = [];

beforeAll(async () => {
  server = await startMailServer({ password: 'p' });
  stack = await startTestStack({ worker: false, env: mailingTo(server) });
  await putProduct(stack.url, 'book');
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
  await server.close();
});

async function place(wanted: Parameters<typeof placeFor>[1] = {}): Promise<PlacedFor> {
  const placed = await placeFor(stack, wanted);
  accepted.push(placed.id);
  return placed;
}

const sentTo = async ({ id, email }: PlacedFor, name = 'confirmed', withinMs = 30_000): Promise<void> => {
  await until(async () => (await noticeOf(stack, id, name))?.state === 'sent', `${name} of ${email} is sent`, withinMs);
};
const idsOf = ({ email }: PlacedFor): string[] => server.takenBy(email).map(({ messageId }) => messageId);
const messageId = ({ id }: PlacedFor, name: string): string => `<${id}.notice.${name}@shop.example>`;

test('each is told once, whoever dies; what nobody knows is sent once more as the same mail', async () => {
  // A crash at a commit loses all of it, one behind the mail only the knowledge of it; test/integration/customer-notices has the rest.
  const points = ['inside noticeFeed.feed', 'after mailSender.send'] as const;
  const orders = new Map<string, PlacedFor>();
  for (const point of points) {
    const crashing = await stack.startDoomedWorker(point);
    orders.set(point, await place());
    expect(await crashing.ended).toBe('signal SIGKILL');
  }
  await stack.startWorker();
  for (const order of orders.values()) {
    await sentTo(order);
    expect(new Set(idsOf(order))).toEqual(new Set([messageId(order, 'confirmed')]));
  }
  // One mail was sent and not kept, whosever it was.
  expect([...orders.values()].flatMap(idsOf)).toHaveLength(orders.size + 1);
}, 120_000);

test('one that is put off is tried again, one that is refused is not, until somebody has it sent', async () => {
  const [later, never, silent] = [await place(), await place(), await place()];
  server.feelFor(later.email, ['greylist', 'full', 'greylist']);
  server.feelFor(never.email, ['no-such-user']);
  server.feelFor(silent.email, ['silent', 'silent', 'silent', 'silent']);
  await sentTo(later);
  expect(idsOf(later)).toHaveLength(1);
  expect(await noticeOf(stack, later.id, 'confirmed')).toMatchObject({ attempts: 4, failure: null });
  await until(async () => (await noticeOf(stack, never.id, 'confirmed'))?.state === 'refused', 'it is refused');
  expect(await noticeOf(stack, never.id, 'confirmed')).toMatchObject({
    attempts: 1,
    failure: 'RCPT TO: 550 5.1.1 (EENVELOPE)',
  });

  const right = `right-${never.email}`;
  const answer = await fetch(`${stack.url}/orders/${never.id}/contact`, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: right }),
  });
  expect(answer.status).toBe(204);
  expect((await resendNotice(stack, never.id, 'confirmed')).status).toBe(202);
  await sentTo(never);
  expect(idsOf(never)).toEqual([]);
  expect(server.takenBy(right).map((mail) => mail.messageId)).toEqual([messageId(never, 'confirmed.r2')]);

  // What Temporal keeps of it, the refusal and the pauses as well, names nobody.
  for (const { id, email } of [later, never]) {
    const history = await stack.temporal.workflow.getHandle(`${id}:notice:confirmed`).fetchHistory();
    const kept = JSON.stringify(historyToJSON(history));
    expect(kept).toContain('sendCustomerNotice');
    for (const word of [email, 'Jane', 'greylisted']) expect([word, kept.includes(word)]).toEqual([word, false]);
  }

  // Who takes everything and answers nothing has it three times, and no more.
  await until(async () => (await noticeOf(stack, silent.id, 'confirmed'))?.state === 'failed', 'it is given up');
  expect(new Set(idsOf(silent))).toEqual(new Set([messageId(silent, 'confirmed')]));
  expect(idsOf(silent)).toHaveLength(3);
}, 60_000);

test('who has to pay is told so, and not once it is paid or over; an order without an address is told nothing', async () => {
  const card = { paymentMethod: 'pm_card_threeDSecure2Required' };
  const waits = await place(card);
  await sentTo(waits, 'payment-action-1');
  expect(server.takenBy(waits.email)[0]?.subject).toContain('confirm the payment');
  await fetch(`${stack.url}/orders/${waits.id}/cancel`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ reason: 'changed my mind' }),
  });
  await sentTo(waits, 'cancelled');
  const failureOf = async (name: string): Promise<unknown> => {
    expect((await resendNotice(stack, waits.id, name)).status).toBe(202);
    await until(async () => (await noticeOf(stack, waits.id, name))?.state === 'skipped', `${name} is not told`);
    return (await noticeOf(stack, waits.id, name))?.failure;
  };
  expect(await failureOf('payment-action-1')).toBe('it is no longer so');
  // Whom it went to is forgotten.
  await stack.db.query('delete from order_contacts where order_id = $1', [waits.id]);
  expect(await failureOf('cancelled')).toBe('there is no address (any more)');
  expect(server.takenBy(waits.email)).toHaveLength(2);
  expect((await resendNotice(stack, waits.id, 'shipped-1')).status).toBe(404);
}, 60_000);

test('a mail server that is away holds up no order, shows, and has all of it when it is back', async () => {
  await server.stop();
  const orders = await Promise.all([place(), place({ paymentMethod: 'pm_card_chargeDeclined' })]);
  const ends = await Promise.all(orders.map(({ id }) => settledOrder(stack.url, id, 8_000)));
  expect(ends.map(({ status }) => status)).toEqual(['confirmed', 'rejected']);
  const failure = async (): Promise<unknown> => (await noticesOf(stack, orders[0].id))[0]?.failure;
  await until(async () => (await failure()) === 'CONN: (ESOCKET)', 'its absence is told');
  expect((await resendNotice(stack, orders[0].id, 'confirmed')).status).toBe(409);
  await server.start();
  await Promise.all([sentTo(orders[0]), sentTo(orders[1], 'rejected')]);
  expect(orders.map((order) => idsOf(order).length)).toEqual([1, 1]);
  expect(server.takenBy(orders[1].email)[0]?.raw).toContain('The payment was declined.');
  expect((await getOrder(stack.url, orders[0].id)).status).toBe('confirmed');
}, 60_000);
