// Lists and searches: pages by cursor, never a page that starts anywhere, and nothing that the simulator does not know.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type Stripe from 'stripe';
import { errorOf, startSimulator, type Running } from './running.ts';

let running: Running;
let customerId: string;
/** Newest first, as they are listed. */
const made: string[] = [];

beforeAll(async () => {
  running = await startSimulator({ searchLagMs: 0 });
  const one = (await running.stripe().customers.create({})).id;
  const other = (await running.stripe().customers.create({})).id;
  customerId = one;
  for (let index = 0; index < 7; index += 1) {
    const customer = index < 2 ? one : other;
    const intent = await intents().create({ amount: 1_000, currency: 'eur', customer, metadata: { orderId: 'ord_1' } });
    made.unshift(intent.id);
  }
});
afterAll(() => running.stop());

const intents = () => running.stripe().paymentIntents;
const idsOf = ({ data }: { data: { id: string }[] }) => data.map(({ id }) => id);
const idAt = (place: number): string => made[place] ?? 'none';

describe('a list of payments', () => {
  test('is walked from page to page by the client of Stripe, each payment once', async () => {
    const walked: string[] = [];
    for await (const { id } of intents().list({ limit: 3 })) walked.push(id);
    expect(walked).toEqual(made);
  });

  test('goes back from a cursor to what is newer', async () => {
    const page = await intents().list({ limit: 2, ending_before: idAt(4) });
    expect([idsOf(page), page.has_more]).toEqual([made.slice(2, 4), true]);
    const first = await intents().list({ limit: 10, ending_before: idAt(2) });
    expect([idsOf(first), first.has_more]).toEqual([made.slice(0, 2), false]);
  });

  test('says whether there is more', async () => {
    expect((await intents().list({ limit: 6 })).has_more).toBe(true);
    expect((await intents().list({ limit: 7 })).has_more).toBe(false);
  });

  test('is refused after a payment that is not in it', async () => {
    for (const cursor of [{ starting_after: 'pi_unknown' }, { ending_before: 'pi_unknown' }])
      expect(await errorOf(intents().list(cursor))).toMatchObject({ statusCode: 400, code: 'resource_missing' });
    const both = { starting_after: idAt(0), ending_before: idAt(1) };
    expect(await errorOf(intents().list(both))).toMatchObject({ statusCode: 400 });
  });

  test('may be of one customer, and of a time', async () => {
    expect(idsOf(await intents().list({ customer: customerId }))).toEqual(made.slice(5));
    const now = Math.floor(Date.now() / 1_000);
    expect(idsOf(await intents().list({ created: { gte: now - 3_600, lt: now + 60 } }))).toEqual(made);
    expect(idsOf(await intents().list({ created: { gt: now + 60 } }))).toEqual([]);
    expect(idsOf(await intents().list({ created: 1 }))).toEqual([]);
  });

  test.each<[string, object]>([
    ['a time in words', { created: { gte: 'yesterday' } }],
    ['a bound that there is not', { created: { after: 1 } }],
    ['a page of nothing', { limit: 0 }],
    ['a page of too many', { limit: 101 }],
  ])('is refused with %s', async (_what, parameters) => {
    expect(await errorOf(intents().list(parameters))).toMatchObject({ statusCode: 400 });
  });
});

test('a search is walked page by page, too', async () => {
  const query = "metadata['orderId']:'ord_1'";
  const walked: string[] = [];
  for await (const { id } of intents().search({ query, limit: 3 })) walked.push(id);
  expect(walked).toEqual(made);
  expect(await errorOf(intents().search({ query, page: 'somewhere' }))).toMatchObject({ statusCode: 400 });
});

test('refunds are listed by payment', async () => {
  const paid = () =>
    intents().create({ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true });
  const refund = (id: string) => running.stripe().refunds.create({ payment_intent: id, amount: 100 });
  const [{ id: one }, { id: other }] = [await paid(), await paid()];
  const refunds = [await refund(one), await refund(one)].map(({ id }) => id);
  await refund(other);
  const walked: string[] = [];
  for await (const { id } of running.stripe().refunds.list({ payment_intent: one, limit: 1 })) walked.push(id);
  expect(walked).toEqual(refunds.reverse());
});

describe('a list of disputes', () => {
  const disputes = () => running.stripe().disputes;
  const opened: { dispute: string; payment: string }[] = [];

  beforeAll(async () => {
    for (let index = 0; index < 3; index += 1) {
      const wanted = { amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true };
      const { id: payment } = await intents().create(wanted);
      const answer = await running.control(`payment_intents/${payment}/dispute`, {});
      opened.unshift({ dispute: ((await answer.json()) as { id: string }).id, payment });
    }
  });

  test('is walked from page to page, newest first, also once one is decided and after a restart', async () => {
    const expected = opened.map(({ dispute }) => dispute);
    const walk = async (): Promise<string[]> => {
      const walked: string[] = [];
      for await (const { id } of disputes().list({ limit: 2 })) walked.push(id);
      return walked;
    };
    expect(await walk()).toEqual(expected);
    await running.control(`disputes/${expected[1] ?? ''}/decide`, { outcome: 'lost' });
    expect(await walk()).toEqual(expected);
    await running.reopen();
    expect(await walk()).toEqual(expected);
  });

  test('may be of one payment, and of a time', async () => {
    const [, one] = opened;
    expect(idsOf(await disputes().list({ payment_intent: one?.payment ?? '' }))).toEqual([one?.dispute]);
    const now = Math.floor(Date.now() / 1_000);
    const recent = await disputes().list({ created: { gte: now - 3_600, lt: now + 60 } });
    expect(idsOf(recent)).toEqual(opened.map(({ dispute }) => dispute));
    expect(idsOf(await disputes().list({ created: { gte: now + 60 } }))).toEqual([]);
  });

  test.each<[string, object]>([
    ['a cursor that is not in it', { starting_after: 'du_unknown' }],
    ['a time in words', { created: { gte: 'yesterday' } }],
    ['a bound that there is not', { created: { after: 1 } }],
    ['a page of too many', { limit: 101 }],
    ['what it does not know', { status: 'lost' }],
  ])('is refused with %s', async (_what, parameters) => {
    expect(await errorOf(disputes().list(parameters))).toMatchObject({ statusCode: 400 });
  });
});

test('events are listed newest first, by type, before and after a restart', async () => {
  const { id } = await intents().create({ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa' });
  await intents().cancel(id);
  const list = (parameters: Stripe.EventListParams = {}) => running.stripe().events.list({ limit: 2, ...parameters });
  const before = await list();
  expect(before.data.map(({ type }) => type)).toEqual(['payment_intent.canceled', 'payment_intent.created']);
  const [canceled] = (await list({ type: 'payment_intent.canceled' })).data;
  expect(canceled?.data.object).toMatchObject({ id, status: 'canceled' });
  await running.reopen();
  expect((await list()).data).toEqual(before.data);
});
