// The journal as somebody follows it who looks every second: page by page, also over a restart.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';
import { startSimulator, type Running } from './running.ts';

let running: Running;
beforeAll(async () => {
  running = await startSimulator();
});
afterAll(() => running.stop());

type Page = { items: JournalItem[]; next: number; isLast: boolean };
const read = async (after: string): Promise<Page> =>
  (await (await running.control(`journal?after=${after}`)).json()) as Page;
const pay = (orderId: string): Promise<unknown> =>
  running.stripe().paymentIntents.create({
    ...{ amount: 1_000, currency: 'eur', payment_method: 'pm_card_visa', confirm: true, metadata: { orderId } },
    automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
  });

test('each page begins where the last one ended, and what was read stays where it was', async () => {
  await pay('order_1');
  const first = await read('0');
  expect(first).toEqual({ items: await running.journal(), next: first.items.length, isLast: true });
  expect(first.items.map(({ orderId }) => orderId)).toContain('order_1');
  expect(await read(String(first.next))).toEqual({ items: [], next: first.next, isLast: true });
  await running.reopen();
  await pay('order_2');
  const second = await read(String(first.next));
  expect(new Set(second.items.map(({ orderId }) => orderId))).toEqual(new Set(['order_2']));
  expect([...first.items, ...second.items]).toEqual(await running.journal());
});

test('a place that is none is refused', async () => {
  for (const wrong of ['-1', '', 'x', '1e3'])
    expect((await running.control(`journal?after=${wrong}`)).status).toBe(400);
});
