// The paths of orders that somebody has to look at before they are charged.
import { insist } from './insisting.ts';
import { ended, getOrder, placeOrder } from './orders.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';
import type { Path } from './walking.ts';

/** Orders of more than twenty units are reviewed; nobody need wait long for the end of the time. */
export const shortReviews = {
  REVIEW_UNITS_ABOVE: '20',
  REVIEW_ESCALATE_MS: '3000',
  REVIEW_LIMIT_MS: '12000',
};

export const reviewPaths: readonly Path[] = [
  {
    name: 'reviewed-and-approved',
    ends: { status: 'confirmed', payment: { state: 'captured', capturedMinor: 21_000 } },
    walk: async (stack) => decided(stack, await inReview(stack), 'approve', 'confirmed'),
  },
  {
    name: 'reviewed-and-rejected',
    ends: { status: 'rejected', payment: { capturedMinor: 0 } },
    walk: async (stack) => decided(stack, await inReview(stack), 'reject', 'rejected'),
  },
  {
    name: 'review-escalated-then-expired',
    ends: { status: 'rejected', payment: { capturedMinor: 0 } },
    walk: async (stack) => {
      const id = await inReview(stack);
      await ended(stack.url, id, 'rejected');
      return id;
    },
  },
  {
    name: 'cancelled-in-review',
    ends: { status: 'cancelled', payment: { capturedMinor: 0 } },
    walk: async (stack) => {
      const id = await inReview(stack);
      await post(`${stack.url}/orders/${id}/cancel`, { reason: 'changed my mind' });
      await ended(stack.url, id, 'cancelled');
      return id;
    },
  },
];

async function inReview(stack: Stack): Promise<string> {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity: 21 }] });
  await until(async () => (await getOrder(stack.url, id)).waiting?.for === 'review', 'it waits for its review');
  return id;
}

async function decided(stack: Stack, id: string, decision: string, status: string): Promise<string> {
  await post(`${stack.url}/orders/${id}/review`, { decision, reason: 'looked at it' });
  await ended(stack.url, id, status);
  return id;
}

async function post(url: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await insist(() => fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
  if (!answer.ok) throw new Error(`POST ${url}: ${answer.status} ${await answer.text()}`);
}
