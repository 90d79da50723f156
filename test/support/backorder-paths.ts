// Every way an order can go that waits for stock after its sale, each driven for real: asserted in test/e2e/backorders.test.ts, and kept as
// histories for the replay tests.
import { randomUUID } from 'node:crypto';
import { stockNewsSignal } from '../../src/contracts/messages.ts';
import { insist } from './insisting.ts';
import { getOrder, placeOrder, putProduct } from './orders.ts';
import { advance, becomes, cancelOrder, decide, packAndLabel, parksAt, shipmentsIn } from './shipping.ts';
import type { ShippingPath } from './shipping-paths.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };

/** An order of so much of a product of its own, of which there is less, once it is sold and waits. */
export async function placeToWait(
  stack: Stack,
  { quantity = 3, onHand = 1, onShortage = 'split' }: { quantity?: number; onHand?: number; onShortage?: string } = {},
): Promise<{ id: string; sku: string }> {
  const sku = `book-${randomUUID()}`;
  await putProduct(stack.url, sku, { onHand });
  const { id } = await placeOrder(stack.url, {
    items: [{ sku, quantity }],
    extra: { shipping: { ...address, onShortage } },
  });
  const waits = async (): Promise<boolean> => {
    const { rows } = await stack.db.query('select 1 from backorders where order_id = $1 and until is not null', [id]);
    return rows.length > 0;
  };
  await until(waits, `${id} waits for stock`, 80_000);
  return { id, sku };
}

export async function bringStock(stack: Stack, sku: string, delta: number): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
  const request = { method: 'POST', headers, body: JSON.stringify({ delta, reason: 'delivery' }) };
  const answer = await insist(() => fetch(`${stack.url}/products/${sku}/stock-adjustments`, request));
  if (!answer.ok) throw new Error(`POST stock-adjustments: ${answer.status} ${await answer.text()}`);
}

/** The time of an order is over in which its stock should have come. */
export async function runOut(stack: Stack, id: string): Promise<void> {
  await stack.db.query("update backorders set until = clock_timestamp() where order_id = $1 and state = 'waiting'", [
    id,
  ]);
  await stack.temporal.workflow.getHandle(id).signal(stockNewsSignal);
}

export const planned = (stack: Stack, id: string, count: number): Promise<void> =>
  until(
    async () => shipmentsIn(await getOrder(stack.url, id)).length === count,
    `${id} has ${count} shipments`,
    80_000,
  );

/** Packs, dispatches and delivers it. */
export async function deliver(stack: Stack, id: string, number: number): Promise<void> {
  await packAndLabel(stack, id, number);
  await advance(stack, id, 'dispatched', number);
  await advance(stack, id, 'delivered', number);
}

type BackorderPath = ShippingPath & { ends: object };

export const backorderPaths: readonly BackorderPath[] = [
  {
    name: 'waits-for-stock-and-ships-as-it-comes',
    shipments: [],
    ends: { status: 'delivered', payment: { capturedMinor: 3_000, refundedMinor: 0 } },
    walk: async (stack) => {
      const { id, sku } = await placeToWait(stack);
      await planned(stack, id, 1);
      await deliver(stack, id, 1);
      await becomes(stack, id, 'shipped');
      await bringStock(stack, sku, 5);
      await planned(stack, id, 2);
      await deliver(stack, id, 2);
      await becomes(stack, id, 'delivered');
      return id;
    },
  },
  {
    name: 'waits-for-stock-and-ships-together',
    shipments: [],
    ends: { status: 'delivered', payment: { capturedMinor: 3_000, refundedMinor: 0 } },
    walk: async (stack) => {
      const { id, sku } = await placeToWait(stack, { onShortage: 'wait' });
      await bringStock(stack, sku, 2);
      await planned(stack, id, 1);
      await deliver(stack, id, 1);
      await becomes(stack, id, 'delivered');
      return id;
    },
  },
  {
    name: 'waits-for-stock-of-which-some-never-comes',
    shipments: [],
    ends: { status: 'delivered', payment: { capturedMinor: 3_000, refundedMinor: 2_000 } },
    walk: async (stack) => {
      const { id } = await placeToWait(stack);
      await planned(stack, id, 1);
      await runOut(stack, id);
      await deliver(stack, id, 1);
      await becomes(stack, id, 'delivered');
      const isPaid = async () => (await getOrder(stack.url, id)).payment['refundedMinor'] === 2_000;
      await until(isPaid, 'the rest is given back', 80_000);
      return id;
    },
  },
  {
    name: 'waits-for-stock-of-which-some-is-never-sent',
    shipments: [2],
    ends: {
      status: 'delivered',
      payment: { capturedMinor: 3_000, refundedMinor: 2_000 },
      items: [{ quantity: 3, shippedQuantity: 1, deliveredQuantity: 1 }],
    },
    walk: async (stack) => {
      const { id, sku } = await placeToWait(stack);
      await planned(stack, id, 1);
      await deliver(stack, id, 1);
      await becomes(stack, id, 'shipped');
      await bringStock(stack, sku, 2);
      await planned(stack, id, 2);
      // Packed and labelled, it is never handed over: a person takes it out of the order.
      await packAndLabel(stack, id, 2);
      await parksAt(stack, id, 'dispatch-shipment');
      await decide(stack, id, 'skip');
      await becomes(stack, id, 'delivered');
      const isPaid = async () => (await getOrder(stack.url, id)).payment['refundedMinor'] === 2_000;
      await until(isPaid, 'what it cost is given back', 80_000);
      return id;
    },
  },
  {
    name: 'waits-for-stock-that-never-comes',
    shipments: [],
    ends: { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 3_000, refundedMinor: 3_000 } },
    walk: async (stack) => {
      const { id } = await placeToWait(stack, { onHand: 0, onShortage: 'wait' });
      await runOut(stack, id);
      await becomes(stack, id, 'cancelled');
      return id;
    },
  },
  {
    name: 'waits-for-stock-and-is-cancelled',
    shipments: [],
    ends: { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 3_000, refundedMinor: 3_000 } },
    walk: async (stack) => {
      const { id } = await placeToWait(stack);
      await planned(stack, id, 1);
      const answer = await cancelOrder(stack, id);
      if (answer.status !== 202) throw new Error(`POST cancel: ${answer.status} ${await answer.text()}`);
      await becomes(stack, id, 'cancelled');
      return id;
    },
  },
];
