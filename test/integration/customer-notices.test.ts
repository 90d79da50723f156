// Notices in the rows, over a real database: none is left out and none comes twice, whoever dies or comes late; and of an order nobody waits.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { crashBeforeCommit } from '../../src/adapters/postgres/crash-before-commit.ts';
import { createNoticeDesk } from '../../src/adapters/postgres/notice-desk.ts';
import { createNoticeFeed, createNoticeMarks } from '../../src/adapters/postgres/notice-feed.ts';
import { createNoticeRecords } from '../../src/adapters/postgres/notice-work.ts';
import { createCustomerNotices } from '../../src/background/customer-notices.ts';
import { EventType } from '../../src/contracts/events.ts';
import { noticeKinds, type NoticeTry } from '../../src/domain/customer-notice.ts';
import type { NoticeClaim, NoticeParts } from '../../src/ports/customer-notice.ts';
import { acceptOrder, silent } from '../support/database.ts';
import { openFigures } from '../support/figures.ts';

const DAY_MS = 86_400_000;
const request = { limit: 100, kinds: noticeKinds, maxAgeMs: 2 * DAY_MS, paymentDelayMs: 60_000 };
const items = [{ sku: 'book', warehouse: 'main', quantity: 1 }];
const sold = { totalMinor: 1_000, currency: 'EUR', items };
const name = 'confirmed';

let shop: Awaited<ReturnType<typeof openFigures>>;
const feedOf = () => createNoticeFeed({ db: shop.db });
const records = () => createNoticeRecords({ db: shop.db });
const desk = () => createNoticeDesk({ db: shop.db });

beforeAll(async () => {
  shop = await openFigures();
});
beforeEach(async () => {
  await shop.number();
  await sql`truncate customer_notices, notice_feed, order_contacts`.execute(shop.db);
  await feedOf().begin();
});
afterAll(() => shop.close());

async function placeFor(email: string | null = 'jane@example.com'): Promise<string> {
  const orderId = await acceptOrder(shop.db);
  if (email !== null)
    expect(
      await desk().replaceContact({ tenant: 'local', orderId, contact: { email, name: null, locale: null } }),
    ).toBe(true);
  return orderId;
}

/** An order that is sold, with its notice. */
async function soldOrder(): Promise<string> {
  const orderId = await placeFor();
  await shop.change(orderId, EventType.orderConfirmed, sold);
  await shop.number();
  await feedOf().feed(request);
  return orderId;
}

const noticesOf = async (orderId: string) => (await desk().list({ tenant: 'local', orderId })) ?? [];
const noticeOf = async (orderId: string) => (await noticesOf(orderId))[0];
const claim = (orderId: string, { round = 1, leaseMs = 60_000 } = {}): Promise<NoticeClaim> =>
  records().claim({ orderId, name, round, leaseMs });
const settle = (orderId: string, attempt: number, result: NoticeTry, round = 1) =>
  records().settle({ orderId, name, round, attempt, result });

test('a notice is written once for what customers are told of, and only where there is somebody to tell', async () => {
  const [told, untold] = [await placeFor(), await placeFor(null)];
  for (const orderId of [told, untold]) await shop.change(orderId, EventType.orderConfirmed, sold);
  await shop.change(told, EventType.paymentActionRequired, { ordinal: 1, until: null });
  await shop.number();
  const dies = (): never => {
    throw new Error('it dies');
  };
  const dying = createNoticeFeed({ db: crashBeforeCommit(shop.db, dies) });
  await expect(dying.feed(request)).rejects.toThrow('it dies');
  expect(await noticesOf(told)).toEqual([]);
  await Promise.all(Array.from({ length: 4 }, () => feedOf().feed({ ...request, limit: 2 })));
  while ((await feedOf().feed({ ...request, limit: 2 })).isMore);
  expect((await noticesOf(told)).map((notice) => [notice.name, notice.state])).toEqual([
    ['confirmed', 'waiting'],
    ['payment-action-1', 'waiting'],
  ]);
  expect(await noticesOf(untold)).toEqual([]);
  // A restored database tells once more, by another event.
  await shop.change(told, EventType.orderConfirmed, sold);
  await shop.number();
  await feedOf().feed(request);
  expect(await noticesOf(told)).toHaveLength(2);
  // Who has to pay is left alone for a while.
  const due = await createNoticeMarks({ db: shop.db }).claimDue({ limit: 10 });
  expect(due).toEqual([{ orderId: told, name, round: 1, withinMs: expect.any(Number) }]);
  expect(Math.abs((due[0]?.withinMs ?? 0) - 2 * DAY_MS)).toBeLessThan(60_000);
});

test('what happened before mails were wanted is not told, whenever they were stopped meanwhile', async () => {
  const before = await placeFor();
  await shop.change(before, EventType.orderConfirmed, sold);
  await shop.number();
  await sql`truncate notice_feed`.execute(shop.db);
  await feedOf().begin();
  const after = await soldOrder();
  expect([await noticesOf(before), (await noticesOf(after)).length]).toEqual([[], 1]);
  // It goes on where it was.
  const meanwhile = await placeFor();
  await shop.change(meanwhile, EventType.orderConfirmed, sold);
  await shop.number();
  await feedOf().begin();
  await feedOf().feed(request);
  expect(await noticesOf(meanwhile)).toHaveLength(1);
});

test('what is too old, or not wanted, is not told', async () => {
  const orderId = await placeFor();
  await shop.change(orderId, EventType.orderConfirmed, sold);
  await shop.change(orderId, EventType.orderCancelled, { reason: 'r', actor: 'a' });
  await shop.number();
  await sql`update notice_feed set fed_to = 0`.execute(shop.db);
  const { tooLate } = await feedOf().feed({ ...request, limit: 10_000, kinds: ['confirmed'], maxAgeMs: 0 });
  expect(tooLate).toBe(1);
  expect(await noticesOf(orderId)).toEqual([]);
});

test('written and not started is started, again and again until it is noted', async () => {
  const orderId = await soldOrder();
  const marks = createNoticeMarks({ db: shop.db });
  expect(await marks.claimDue({ limit: 5 })).toHaveLength(1);
  expect(await marks.claimDue({ limit: 5 })).toEqual([]);
  await sql`update customer_notices set launch_after = now()`.execute(shop.db);
  const [notice] = await marks.claimDue({ limit: 5 });
  if (!notice) throw new Error('Expected it to be due');
  // Its workflow is over, and the row knows nothing of that.
  await marks.noteOver(notice);
  expect(await noticeOf(orderId)).toMatchObject({ state: 'skipped', failure: expect.stringContaining('restored') });
});

test('whoever has it has it alone; of one that is not heard of again nobody knows, three times', async () => {
  const orderId = await soldOrder();
  expect(await claim(orderId)).toMatchObject({
    attempt: 1,
    matter: { kind: name, contact: { email: 'jane@example.com' } },
  });
  expect(await claim(orderId)).toEqual({ busyForMs: expect.any(Number) });
  for (const attempt of [2, 3]) {
    await sql`update customer_notices set held_until = now() - interval '1 second'`.execute(shop.db);
    expect(await claim(orderId)).toMatchObject({ attempt });
  }
  // The first comes late: another has begun since.
  expect(await settle(orderId, 1, { outcome: 'later', why: 'x' })).toBe('sending');
  await sql`update customer_notices set held_until = now() - interval '1 second'`.execute(shop.db);
  expect(await claim(orderId)).toEqual({ over: 'failed', ended: name });
  expect(await claim(orderId)).toEqual({ over: 'failed' });
  // What was sent was sent, whoever comes with it.
  expect(await settle(orderId, 2, { outcome: 'sent' })).toBe('sent');
  expect(await noticeOf(orderId)).toMatchObject({ state: 'sent', attempts: 3, failure: null });
});

test('a try that was put off leaves it to be tried, and one that is refused ends it', async () => {
  const orderId = await soldOrder();
  await claim(orderId);
  expect(await settle(orderId, 1, { outcome: 'later', why: 'RCPT TO: 450' })).toBe('waiting');
  expect(await noticeOf(orderId)).toMatchObject({ state: 'waiting', failure: 'RCPT TO: 450' });
  await claim(orderId);
  expect(await settle(orderId, 2, { outcome: 'refused', why: 'RCPT TO: 550' })).toBe('refused');
  expect(await claim(orderId)).toEqual({ over: 'refused' });
});

test('a mail that was lost three times behind its words is given up', async () => {
  const orderId = await soldOrder();
  const states: string[] = [];
  for (const attempt of [1, 2, 3]) {
    await claim(orderId);
    states.push(await settle(orderId, attempt, { outcome: 'unknown', why: 'CONN: (ECONNECTION)' }));
  }
  expect(states).toEqual(['waiting', 'waiting', 'failed']);
});

test('it ends when its time is over, when nobody is to be told any more, and when the books know nothing of it', async () => {
  const [late, gone] = [await soldOrder(), await soldOrder()];
  await sql`update customer_notices set expires_at = now() where order_id = ${late}`.execute(shop.db);
  await sql`delete from order_contacts where order_id = ${gone}`.execute(shop.db);
  expect(await claim(late)).toEqual({ over: 'failed', ended: name });
  expect(await claim(gone)).toEqual({ over: 'skipped', ended: name });
  expect(await records().claim({ orderId: late, name: 'shipped-1', round: 1, leaseMs: 1 })).toEqual({ gone: true });
});

test('an operator has it sent again as another mail, and what was under way before moves nothing', async () => {
  const orderId = await soldOrder();
  const resend = () => desk().resend({ tenant: 'local', orderId, name, actor: 'ops', reason: 'r' });
  expect(await resend()).toEqual({ refused: 'open', state: 'waiting' });
  await claim(orderId);
  await settle(orderId, 1, { outcome: 'refused', why: 'x' });
  expect(await desk().resend({ tenant: 'other', orderId, name, actor: 'ops', reason: 'r' })).toEqual({
    refused: 'unknown',
  });
  expect(await resend()).toMatchObject({ notice: { state: 'waiting', round: 2, attempts: 0, decidedBy: 'ops' } });
  expect(await claim(orderId)).toEqual({ over: 'skipped' });
  expect(await settle(orderId, 1, { outcome: 'sent' })).toBe('skipped');
  expect(await claim(orderId, { round: 2 })).toMatchObject({ attempt: 1 });
});

test('nobody who works on an order waits for its notice, nor the other way round', async () => {
  const orderId = await placeFor();
  await shop.change(orderId, EventType.orderConfirmed, sold);
  await shop.number();
  await shop.db.transaction().execute(async (tx) => {
    await sql`select 1 from orders where id = ${orderId} for update`.execute(tx);
    await feedOf().feed(request);
    expect(await claim(orderId)).toMatchObject({ attempt: 1 });
    expect(await settle(orderId, 1, { outcome: 'sent' })).toBe('sent');
  });
});

test('how many wait, and since when, is shown by a worker, as is a mail server that fails', async () => {
  await soldOrder();
  await sql`update customer_notices set due_since = now() - interval '1 hour'`.execute(shop.db);
  let fault: string | null = null;
  const parts: NoticeParts = {
    ...{
      feed: feedOf(),
      marks: createNoticeMarks({ db: shop.db }),
      kinds: noticeKinds,
      maxAgeMs: DAY_MS,
      paymentDelayMs: 0,
    },
    starter: { startNotice: () => Promise.resolve('running') },
    fault: () => fault,
  };
  const notices = createCustomerNotices({ parts, logger: silent });
  notices.start();
  await notices.stop();
  const shown = Object.fromEntries(notices.gauges.map((gauge) => [gauge.name, gauge.read()[0]?.value]));
  expect(shown).toEqual({ customer_notices_waiting: 1, customer_notices_oldest_seconds: expect.closeTo(3_600, -2) });
  expect(await notices.probes.notices?.()).toBe('1 notices wait');
  fault = 'CONN: (ESOCKET)';
  await expect(notices.probes.notices?.()).rejects.toThrow('the mail server: CONN: (ESOCKET); 1 notices wait');
});

test('an address that is given while its order is erased is something new of it, which its age takes away', async () => {
  const orderId = await placeFor();
  await sql`update orders set status = 'cancelled', closed_at = now(), launch_after = null where id = ${orderId}`.execute(
    shop.db,
  );
  const given: Promise<boolean>[] = [];
  await shop.db.transaction().execute(async (tx) => {
    await sql`update orders set erased_at = clock_timestamp() where id = ${orderId}`.execute(tx);
    const contact = { email: 'late@example.com', name: null, locale: null };
    given.push(desk().replaceContact({ tenant: 'local', orderId, contact }));
    // Long enough for it to come to the order's row.
    await sql`select pg_sleep(0.3)`.execute(tx);
    await sql`delete from order_contacts where order_id = ${orderId}`.execute(tx);
  });
  expect(await Promise.all(given)).toEqual([true]);
  const { rows } = await sql<{ isNews: boolean }>`
    select updated_at > erased_at as "isNews" from orders where id = ${orderId}`.execute(shop.db);
  expect(rows).toEqual([{ isNews: true }]);
});
