// How an order is brought to a wait, seen there, and got on from it.
import { WorkflowNotFoundError } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { Bounds } from '../../src/contracts/process-order.ts';
import { postResolution } from './operators.ts';
import { getOrder } from './orders.ts';
import type { OrderBody, Stack } from './stack.ts';

/** What the order is placed with, and which of its calls and effects fail until all is healed. */
type Begun = {
  paymentMethod?: string;
  paymentRetryMinutes?: number;
  bounds?: Partial<Bounds>;
  faults?: readonly Readonly<Record<string, unknown>>[];
  refused?: readonly string[];
};
export type Wait = {
  name: string;
  begun: Begun;
  /** What brings the order there, beside being begun. */
  arrive?: (stack: Stack, id: string) => Promise<void>;
  /** It is tried again after longer and longer pauses: so it arrives when all the others are there. */
  isLate?: true;
  isThere: (stack: Stack, id: string) => Promise<boolean>;
  /** What somebody does about it when all is well again; tried until it is done. */
  goOn?: (stack: Stack, id: string) => Promise<void>;
  ends: { status: string; payment?: Partial<OrderBody['payment']> };
};

/** What fails is tried for longer than any test takes. */
export const patient: Bounds = {
  providerOutageLimitMs: 3_600_000,
  stepOutageLimitMs: 3_600_000,
  undoAttempts: 1_000,
  providerPauses: { firstMs: 300, slowMs: 1_000 },
  parkedReminderMs: 3_600_000,
  customerWaitMs: 3_600_000,
};
/** What fails parks soon: a step at the provider, one of our own, an undo of either. */
export const hasty = {
  charge: { providerOutageLimitMs: 4_000 },
  step: { stepOutageLimitMs: 4_000 },
  undo: { undoAttempts: 2 },
};

export const parkedAt =
  (step: string) =>
  async (stack: Stack, id: string): Promise<boolean> =>
    (await getOrder(stack.url, id)).attention?.step === step;

export const waitsForCustomer = async (stack: Stack, id: string): Promise<boolean> =>
  (await getOrder(stack.url, id)).waiting?.for === 'customer';

/** An activity that has failed, and will be tried again. */
export const retries =
  (activity: string) =>
  async (stack: Stack, workflowId: string): Promise<boolean> => {
    try {
      const { raw } = await stack.temporal.workflow.getHandle(workflowId).describe();
      const pending = (raw.pendingActivities ?? []).find(({ activityType }) => activityType?.name === activity);
      return (pending?.attempt ?? 0) > 1;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  };

export async function sleepsBetweenTries(stack: Stack, id: string): Promise<boolean> {
  const { events } = await stack.temporal.workflow.getHandle(id).fetchHistory();
  return (events ?? []).some(({ timerStartedEventAttributes }) => timerStartedEventAttributes);
}

/** Decides about the order if it is parked; what is refused because it just went on is no matter. */
export const decide =
  (action: string, value?: (stack: Stack, id: string) => Promise<string>) =>
  async (stack: Stack, id: string): Promise<void> => {
    if ((await getOrder(stack.url, id)).attention === null) return;
    const said = value ? { action, value: await value(stack, id) } : { action };
    const { status } = await postResolution(stack.url, id, { ...said, reason: 'all is well again' });
    if (![202, 409].includes(status)) throw new Error(`Expected the decision to be taken; found ${status}`);
  };

export async function cancel(stack: Stack, id: string): Promise<void> {
  const body = JSON.stringify({ reason: 'changed my mind' });
  const headers = { 'Content-Type': 'application/json' };
  const { status } = await fetch(`${stack.url}/orders/${id}/cancel`, { method: 'POST', headers, body });
  if (![202, 503].includes(status)) throw new Error(`Expected the order to be cancelled; found ${status}`);
}

export async function authenticate(stack: Stack, id: string): Promise<void> {
  const { rows } = await stack.db.query<{ id: string }>(
    'select provider_id as id from payments where order_id = $1 and not stray',
    [id],
  );
  await fetch(`${stack.simulatorUrl}/_simulator/payment_intents/${rows[0]?.id ?? ''}/authenticate`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ outcome: 'succeed' }),
  });
}

export async function giveAnotherCard(stack: Stack, id: string): Promise<void> {
  if (!(await waitsForCustomer(stack, id))) return decide('retry')(stack, id);
  await fetch(`${stack.url}/orders/${id}/payment-method`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ paymentMethod: 'pm_card_visa' }),
  });
}

/** Once: by hand twice would be money twice. */
export function once(
  make: (stack: Stack, id: string) => Promise<string>,
): (stack: Stack, id: string) => Promise<string> {
  const made = new Map<string, Promise<string>>();
  return (stack, id) => {
    const found = made.get(id) ?? make(stack, id);
    made.set(id, found);
    return found;
  };
}
