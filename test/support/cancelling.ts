// A row as far as cancelling is concerned, and a customer who cancels: what the workflow tests of cancelling share.
import type { WorkflowHandle } from '@temporalio/client';
import { endingFailure, soldFailure } from '../../src/contracts/failures.ts';
import { cancelUpdate, type CancelAnswer } from '../../src/contracts/messages.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { processOrder } from '../../src/workflows/process-order.ts';
import type { Script } from './workflow.ts';

export type Handle = WorkflowHandle<typeof processOrder>;

export const cancellation = { actor: 'customer-1', reason: 'changed my mind' };
export const cancelled = { status: 'cancelled', ...cancellation } as const;
export const undone = ['findFurtherPayments', 'refundPayment', 'releaseInventory', 'closeOrder'];

/** The order's row as far as a cancellation is concerned; `script` is what the activities do to it. */
export function row(more: Script = {}): { script: Script; isSold: () => boolean } {
  let ending: Ending | null = null;
  let sold = false;
  const fix = (wanted: Ending): Ending => {
    if (sold) throw soldFailure('order');
    return (ending ??= wanted);
  };
  return {
    isSold: () => sold,
    script: {
      cancelOrder: ({ actor, reason }): CancelAnswer =>
        sold ? { sold } : { ending: fix({ status: 'cancelled', actor, reason }) },
      confirmOrder: () => {
        if (ending) throw endingFailure(ending);
        sold = true;
      },
      refundPayment: ({ ending: wanted }) => void fix(wanted),
      releaseInventory: ({ ending: wanted }) => void fix(wanted),
      closeOrder: ({ ending: wanted }) => fix(wanted),
      ...more,
    },
  };
}

export const cancel = (handle: Handle): Promise<CancelAnswer> =>
  handle.executeUpdate(cancelUpdate, { args: [cancellation], updateId: 'cancel' });

/** A call that lasts until it is let go. */
export function held(): { begun: Promise<void>; letGo: () => void; call: () => Promise<void> } {
  let begin = (): void => undefined;
  let letGo = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const over = new Promise<void>((resolve) => (letGo = resolve));
  return { begun, letGo: () => letGo(), call: () => (begin(), over) };
}
