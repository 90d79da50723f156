// Every way the captures of an order that is paid as it ships can go, each driven for real. The recording keeps the histories of the
// workflow that captures; what becomes of the orders is asserted in test/e2e/captures.test.ts.
import { randomUUID } from 'node:crypto';
import { captureOrderId } from '../../src/contracts/capture-order.ts';
import { insist } from './insisting.ts';
import { heal, postResolution } from './operators.ts';
import { getOrder, putProduct } from './orders.ts';
import { advance, becomes, packAndLabel, parksAt, placeToShip } from './shipping.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export type CapturePath = { name: string; walk: (stack: Stack) => Promise<{ orderId: string; workflowId: string }> };

const asItShips = { capture: 'per-shipment' };

export const capturePaths: readonly CapturePath[] = [
  {
    name: 'capture-of-a-shipment',
    walk: async (stack) => {
      const orderId = await placeToShip(stack, 2, asItShips);
      await packAndLabel(stack, orderId);
      await advance(stack, orderId);
      await captured(stack, orderId, 2_000);
      await advance(stack, orderId);
      return ended(stack, orderId);
    },
  },
  {
    name: 'capture-parked-then-retried',
    walk: async (stack) => {
      const orderId = await placeToShip(stack, 2, asItShips);
      const fault = { operation: 'capture', mode: 'error_500', times: 'always', match: { orderId } };
      await stack.fault(fault);
      await packAndLabel(stack, orderId);
      await advance(stack, orderId);
      await advance(stack, orderId);
      await parksAt(stack, orderId, 'capture-payment');
      await heal(stack);
      await decideCapture(stack, orderId, { action: 'retry' });
      await captured(stack, orderId, 2_000);
      return ended(stack, orderId);
    },
  },
  {
    name: 'capture-parked-then-given-up',
    walk: async (stack) => {
      const orderId = await placeToShip(stack, 2, asItShips);
      await expire(stack, orderId);
      await packAndLabel(stack, orderId);
      await advance(stack, orderId);
      await advance(stack, orderId);
      await until(async () => (await parkedSteps(stack, orderId)).includes('capture-payment'), 'the capture parks');
      await decideCapture(stack, orderId, { action: 'compensate' });
      await until(async () => !(await parkedSteps(stack, orderId)).includes('capture-payment'), 'it is given up');
      return ended(stack, orderId);
    },
  },
];

/** What is in the books as taken for the order comes to so much. */
export const captured = (stack: Stack, orderId: string, amountMinor: number): Promise<void> =>
  until(
    async () => (await getOrder(stack.url, orderId)).payment.capturedMinor === amountMinor,
    `${amountMinor} are captured`,
  );

export async function parkedSteps(stack: Stack, orderId: string): Promise<string[]> {
  const { rows } = await stack.db.query<{ step: string }>(
    'select step from parked_steps where order_id = $1 and closed_at is null order by since',
    [orderId],
  );
  return rows.map(({ step }) => step);
}

/** The bank releases what nobody has captured in time. */
export async function expire(stack: Stack, orderId: string): Promise<void> {
  const { rows } = await stack.db.query<{ id: string }>('select provider_id as id from payments where order_id = $1', [
    orderId,
  ]);
  const answer = await fetch(`${stack.simulatorUrl}/_simulator/payment_intents/${rows[0]?.id ?? ''}/expire`, {
    method: 'POST',
  });
  if (!answer.ok) throw new Error(`expire: ${answer.status} ${await answer.text()}`);
}

export const decideCapture = (stack: Stack, orderId: string, decision: object): Promise<Response> =>
  postResolution(stack.url, orderId, { step: 'capture-payment', reason: 'looked at it', ...decision });

/** Delivered, and nothing is to be captured of it any more. */
async function ended(stack: Stack, orderId: string): Promise<{ orderId: string; workflowId: string }> {
  await becomes(stack, orderId, 'delivered');
  const workflowId = captureOrderId({ orderId, ordinal: 1 });
  await until(async () => {
    const { rows } = await stack.db.query('select 1 from payments where order_id = $1 and capture_after is not null', [
      orderId,
    ]);
    return rows.length === 0;
  }, 'nothing is to be captured');
  await stack.temporal.workflow.getHandle(workflowId).result();
  return { orderId, workflowId };
}

/** Books in one warehouse and pens (3.33 EUR) in another: an order of both is two shipments. */
export async function putTwoWarehouses(stack: Stack): Promise<void> {
  await putProduct(stack.url, 'book', { onHand: 1_000 });
  await putProduct(stack.url, 'pen', { onHand: 0, priceMinor: 333 });
  const headers = { 'Content-Type': 'application/json' };
  await fetch(`${stack.url}/warehouses/east`, {
    method: 'PUT',
    headers,
    body: JSON.stringify({ name: 'East', priority: 900 }),
  });
  const body = JSON.stringify({ delta: 1_000, reason: 'delivery', warehouse: 'east' });
  const keyed = { ...headers, 'Idempotency-Key': randomUUID() };
  const request = { method: 'POST', headers: keyed, body };
  const answer = await insist(() => fetch(`${stack.url}/products/pen/stock-adjustments`, request));
  if (!answer.ok) throw new Error(`stock: ${answer.status} ${await answer.text()}`);
}
