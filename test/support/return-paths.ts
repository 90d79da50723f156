// Every way a return can go, each driven for real. The e2e tests assert what becomes of it; the recording keeps the history of its
// workflow.
import { randomUUID } from 'node:crypto';
import { insist } from './insisting.ts';
import { getOrder, type Wanted } from './orders.ts';
import { postResolution } from './operators.ts';
import { sold } from './refund-paths.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** Short enough that nobody's answer, and goods that never come, are waited for; the latter long enough to send them. */
export const shortReturns = { RETURN_APPROVAL_LIMIT_MS: '4000', RETURN_GOODS_LIMIT_MS: '15000' };

export type ReturnBody = Record<string, unknown> & {
  number: number;
  status: string;
  refund: { number: number; state: string; amountMinor: number } | null;
  noRefund: string | null;
  exchange: { orderId: string } | null;
};
export type ReturnPath = {
  name: string;
  /** What becomes of the return, the first one of its order, and of the order's money. */
  ends: { status: string; refundedMinor: number };
  walk: (stack: Stack) => Promise<{ orderId: string; workflowId: string }>;
};

export const returnPaths: readonly ReturnPath[] = [
  {
    name: 'return-comes-and-is-refunded',
    ends: { status: 'completed', refundedMinor: 1_000 },
    walk: async (stack) => {
      const orderId = await asked(stack);
      await decideReturn(stack.url, orderId, 'approve');
      await receiveReturn(stack.url, orderId, [{ quantity: 1, disposition: 'restock' }]);
      return ended(stack, orderId);
    },
  },
  {
    name: 'return-rejected',
    ends: { status: 'rejected', refundedMinor: 0 },
    walk: async (stack) => {
      const orderId = await asked(stack);
      await decideReturn(stack.url, orderId, 'reject');
      return ended(stack, orderId);
    },
  },
  {
    name: 'return-nobody-answers-then-rejected',
    ends: { status: 'rejected', refundedMinor: 0 },
    walk: async (stack) => {
      const orderId = await asked(stack);
      const first = await parks(stack, orderId, 'approve-return');
      await resolve(stack, orderId, 'approve-return', 'retry');
      await parks(stack, orderId, 'approve-return', first);
      await resolve(stack, orderId, 'approve-return', 'compensate');
      return ended(stack, orderId);
    },
  },
  {
    name: 'return-goods-never-come',
    ends: { status: 'expired', refundedMinor: 0 },
    walk: async (stack) => {
      const orderId = await asked(stack);
      await decideReturn(stack.url, orderId, 'approve');
      return ended(stack, orderId);
    },
  },
  {
    name: 'return-refund-given-up-then-taken-as-it-is',
    ends: { status: 'completed', refundedMinor: 0 },
    walk: async (stack) => {
      const orderId = await asked(stack, { paymentMethod: 'pm_card_refundFail' });
      await decideReturn(stack.url, orderId, 'approve');
      await receiveReturn(stack.url, orderId, [{ quantity: 1, disposition: 'write_off' }]);
      let since = '';
      for (const action of ['retry', 'skip'] as const) {
        since = await parks(stack, orderId, 'pay-refund', since);
        await resolve(stack, orderId, 'pay-refund', 'compensate');
        since = await parks(stack, orderId, 'refund-return', since);
        await resolve(stack, orderId, 'refund-return', action);
      }
      return ended(stack, orderId);
    },
  },
];

const post = (url: string, body: object, key: string = randomUUID()): Promise<Response> =>
  insist(() =>
    fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(body),
    }),
  );

/** POSTs a return of so many books. */
export const postReturn = (
  url: string,
  orderId: string,
  { quantity = 1, key, ...more }: { quantity?: number; key?: string } & Record<string, unknown> = {},
): Promise<Response> =>
  post(
    `${url}/orders/${orderId}/returns`,
    { items: [{ sku: 'book', quantity }], reason: 'it does not fit', ...more },
    key,
  );

export const postDecision = (url: string, orderId: string, decision: 'approve' | 'reject'): Promise<Response> =>
  post(`${url}/orders/${orderId}/returns/1/${decision}`, { reason: 'looked at it' });

type Came = readonly { quantity: number; disposition: 'restock' | 'write_off' }[];
export const postReceipt = (
  url: string,
  orderId: string,
  came: Came,
  { key, ...more }: { key?: string } & Record<string, unknown> = {},
): Promise<Response> =>
  post(
    `${url}/orders/${orderId}/returns/1/receive`,
    { items: came.map((one) => ({ sku: 'book', ...one })), ...more },
    key,
  );

async function expectBody(answer: Response): Promise<ReturnBody> {
  if (!answer.ok) throw new Error(`POST return: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as ReturnBody;
}
export const decideReturn = async (url: string, orderId: string, decision: 'approve' | 'reject'): Promise<ReturnBody> =>
  expectBody(await postDecision(url, orderId, decision));
export const receiveReturn = async (url: string, orderId: string, came: Came): Promise<ReturnBody> =>
  expectBody(await postReceipt(url, orderId, came));
export const requestReturn = async (
  url: string,
  orderId: string,
  wish: Record<string, unknown> = {},
): Promise<ReturnBody> => expectBody(await postReturn(url, orderId, wish));

export async function findReturn(url: string, orderId: string): Promise<ReturnBody> {
  return expectBody(await fetch(`${url}/orders/${orderId}/returns/1`));
}

/** Waits until the return has come to its end. */
export async function endedReturn(url: string, orderId: string): Promise<ReturnBody> {
  const isOver = async (): Promise<boolean> => (await findReturn(url, orderId))['closedAt'] !== null;
  await until(isOver, `the return of ${orderId} is over`, 60_000);
  return findReturn(url, orderId);
}

/** A sold order of one book of which a return is asked for. */
async function asked(stack: Stack, wanted: Wanted = {}): Promise<string> {
  const orderId = await sold(stack, wanted);
  await requestReturn(stack.url, orderId);
  return orderId;
}

/** Waits until the order shows that it is parked there, anew where a parking is named; answers since when. */
async function parks(stack: Stack, orderId: string, step: string, but = ''): Promise<string> {
  const sinceOf = async (): Promise<string> => {
    const { attention } = await getOrder(stack.url, orderId);
    return attention?.step === step ? attention.since : '';
  };
  await until(async () => !['', but].includes(await sinceOf()), `${orderId} parks at ${step}`, 60_000);
  return sinceOf();
}

async function resolve(stack: Stack, orderId: string, step: string, action: string): Promise<void> {
  const answer = await postResolution(stack.url, orderId, { action, step, reason: 'looked at it' });
  if (answer.status !== 202) throw new Error(`POST resolution: ${answer.status} ${await answer.text()}`);
}

const workflowOf = (orderId: string): string => `${orderId}:return:1`;

async function ended(stack: Stack, orderId: string): Promise<{ orderId: string; workflowId: string }> {
  await endedReturn(stack.url, orderId);
  const handle = stack.temporal.workflow.getHandle(workflowOf(orderId));
  // One that was decided at once may not have been started yet.
  const isKnown = (): Promise<boolean> =>
    handle.describe().then(
      () => true,
      () => false,
    );
  await until(isKnown, `the workflow of the return of ${orderId} is started`);
  await handle.result();
  return { orderId, workflowId: handle.workflowId };
}
