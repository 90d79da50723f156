// A warehouse and a carrier, as the tests of shipping act for them.
import { insist } from './insisting.ts';
import { postResolution } from './operators.ts';
import { getOrder, placeOrder } from './orders.ts';
import type { OrderBody, Stack } from './stack.ts';
import { until } from './until.ts';

export const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };

/** An order with something to ship, once it is confirmed and waits for the warehouse. */
export async function placeToShip(stack: Stack, quantity = 2, extra: object = {}): Promise<string> {
  const items = [{ sku: 'book', quantity }];
  const { id } = await placeOrder(stack.url, { items, extra: { shipping: address, ...extra } });
  await until(
    async () => (await getOrder(stack.url, id)).waiting?.for === 'warehouse',
    `${id} waits for the warehouse`,
    // A worker that was killed, and a busy machine.
    80_000,
  );
  return id;
}

export const shipmentsIn = (order: OrderBody) => order['shipments'] as Record<string, unknown>[];

/** `items`: what was packed, where the warehouse says so. */
export const packed = (stack: Stack, id: string, number = 1, items?: object[]): Promise<Response> =>
  insist(() =>
    fetch(`${stack.url}/orders/${id}/shipments/${number}/packed`, {
      method: 'POST',
      ...(items ? { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ items }) } : {}),
    }),
  );

/** Packs it, and waits until the carrier has made its label. */
export async function packAndLabel(stack: Stack, id: string, number = 1): Promise<void> {
  const answer = await packed(stack, id, number);
  if (answer.status !== 200) throw new Error(`POST packed: ${answer.status} ${await answer.text()}`);
  const isLabelled = async (): Promise<boolean> =>
    typeof shipmentsIn(await getOrder(stack.url, id))[number - 1]?.['trackingNumber'] === 'string';
  await until(isLabelled, `shipment ${number} of ${id} has a label`);
}

const toCarrier = (stack: Stack, path: string, body: object): Promise<Response> =>
  fetch(`${stack.carrierUrl}/_simulator/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Moves the newest parcel of the shipment to where it is said, or one step along. */
export async function advance(stack: Stack, id: string, to?: string, number = 1): Promise<void> {
  const answer = await toCarrier(stack, `parcels/${id}:shipment:${number}/advance`, to === undefined ? {} : { to });
  if (!answer.ok) throw new Error(`advance: ${answer.status} ${await answer.text()}`);
}

export const carrierFault = (stack: Stack, fault: object): Promise<Response> => toCarrier(stack, 'faults', fault);

export async function carrierJournal(stack: Stack, id: string, number = 1): Promise<{ effect: string }[]> {
  const answer = await fetch(`${stack.carrierUrl}/_simulator/journal?reference=${id}:shipment:${number}`);
  return ((await answer.json()) as { items: { effect: string }[] }).items;
}

export const cancelOrder = (stack: Stack, id: string): Promise<Response> =>
  insist(() =>
    fetch(`${stack.url}/orders/${id}/cancel`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ reason: 'changed my mind' }),
    }),
  );

/** An operator decides about what is parked longest. */
export const decide = (stack: Stack, id: string, action: string): Promise<Response> =>
  postResolution(stack.url, id, { action, reason: 'looked at it' });

export const becomes = (stack: Stack, id: string, status: string): Promise<void> =>
  until(async () => (await getOrder(stack.url, id)).status === status, `order ${id} becomes ${status}`);

export const parksAt = (stack: Stack, id: string, step: string): Promise<void> =>
  until(async () => (await getOrder(stack.url, id)).attention?.step === step, `order ${id} parks at ${step}`);

export async function onHand(stack: Stack): Promise<number> {
  return ((await (await fetch(`${stack.url}/products/book`)).json()) as { onHand: number }).onHand;
}
