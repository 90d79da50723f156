// Every way an amendment can go, each driven for real. The e2e tests assert what becomes of it; the recording keeps the history of its
// workflow, and of the order's.
import { randomUUID } from 'node:crypto';
import { insist } from './insisting.ts';
import { becomes, cancelOrder, decide, parksAt, placeToShip } from './shipping.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

export type AmendmentBody = {
  number: number;
  state: string;
  chargeMinor: number;
  refundNumber: number | null;
  refusal: { code: string } | null;
  after: { totalMinor: number };
};
export type AmendPath = {
  name: string;
  /** What becomes of the amendment, the first one of its order, and of the order's total. */
  ends: { state: string; code?: string; totalMinor: number };
  /** Whether the order's workflow comes to its end; its history is kept then. */
  isOver: boolean;
  walk: (stack: Stack) => Promise<string>;
};

const books = (quantity: number) => ({ items: [{ sku: 'book', quantity }] });
const dearer = { ...books(3), paymentMethod: 'pm_card_visa' };

export const amendPaths: readonly AmendPath[] = [
  {
    name: 'amended-to-more-then-cancelled',
    ends: { state: 'applied', totalMinor: 3_000 },
    isOver: true,
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await amend(stack.url, id, dearer);
      await settledAmendment(stack.url, id);
      const answer = await cancelOrder(stack, id);
      if (answer.status !== 202) throw new Error(`POST cancel: ${answer.status} ${await answer.text()}`);
      await becomes(stack, id, 'cancelled');
      return id;
    },
  },
  {
    name: 'amended-to-less',
    ends: { state: 'applied', totalMinor: 1_000 },
    isOver: false,
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await amend(stack.url, id, books(1));
      await settledAmendment(stack.url, id);
      return id;
    },
  },
  {
    name: 'amendment-declined',
    ends: { state: 'refused', code: 'payment.declined', totalMinor: 2_000 },
    isOver: false,
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await amend(stack.url, id, { ...dearer, paymentMethod: 'pm_card_chargeDeclined' });
      await settledAmendment(stack.url, id);
      return id;
    },
  },
  {
    name: 'amendment-answer-lost',
    ends: { state: 'applied', totalMinor: 3_000 },
    isOver: false,
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await stack.fault({ operation: 'confirm', mode: 'drop_after_effect', match: { orderId: id } });
      await amend(stack.url, id, dearer);
      await settledAmendment(stack.url, id);
      return id;
    },
  },
  {
    name: 'amendment-parked-then-given-up',
    ends: { state: 'refused', code: 'amendment.given_up', totalMinor: 2_000 },
    isOver: false,
    walk: async (stack) => {
      const id = await placeToShip(stack);
      await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always', match: { orderId: id } });
      await stack.fault({ operation: 'confirm', mode: 'drop_after_effect', times: 'always', match: { orderId: id } });
      await amend(stack.url, id, dearer);
      await parksAt(stack, id, 'charge-amendment');
      await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
      await decide(stack, id, 'compensate');
      await settledAmendment(stack.url, id);
      return id;
    },
  },
];

export async function versionOf(url: string, id: string): Promise<string> {
  return (await fetch(`${url}/orders/${id}`)).headers.get('etag') ?? '';
}

/** POSTs an amendment of the order as it is now, unless a version is given. */
export async function postAmendment(
  url: string,
  id: string,
  wish: object,
  { key = randomUUID(), version = '' } = {},
): Promise<Response> {
  return fetch(`${url}/orders/${id}/amendments`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
      'If-Match': version === '' ? await versionOf(url, id) : version,
    },
    body: JSON.stringify({ reason: 'changed', ...wish }),
  });
}

/** An order that waits for its warehouse may tell something meanwhile: then it is read again. */
export async function amend(url: string, id: string, wish: object): Promise<AmendmentBody> {
  for (let left = 5; ; left -= 1) {
    const sent = { key: randomUUID(), version: await versionOf(url, id) };
    const answer = await insist(() => postAmendment(url, id, wish, sent));
    if (answer.status === 202) return (await answer.json()) as AmendmentBody;
    if (answer.status !== 412 || left === 0) throw new Error(`POST amendment: ${answer.status} ${await answer.text()}`);
  }
}

export async function findAmendment(url: string, id: string, number = 1): Promise<AmendmentBody> {
  return (await (await fetch(`${url}/orders/${id}/amendments/${number}`)).json()) as AmendmentBody;
}

/** Waits until the amendment has come to its end. */
export async function settledAmendment(url: string, id: string, number = 1): Promise<AmendmentBody> {
  const isSettled = async (): Promise<boolean> => (await findAmendment(url, id, number)).state !== 'pending';
  await until(isSettled, `amendment ${number} of ${id} is settled`, 60_000);
  return findAmendment(url, id, number);
}
