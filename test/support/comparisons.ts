// Comparisons of the books that find something, each driven for real. The recording keeps the history of the workflow that
// compares; its stack has no webhooks, so that what happens at the provider is told by nobody.
import { disputePayment } from './bank.ts';
import { providerIdOf } from './follow-ups.ts';
import { payByHand } from './operators.ts';
import { getOrder, placeOrder, settledOrder, type Wanted } from './orders.ts';
import { foundIn, reconcile } from './reconciling.ts';
import type { Stack } from './stack.ts';
import { until } from './until.ts';

/** What is older may be compared: short, so that nobody waits for it. */
export const shortGrace = { RECONCILE_GRACE_MS: '1500' };

export type Comparison = {
  name: string;
  /** Answers with the id of the reconciliation, which is its workflow's too. */
  walk: (stack: Stack) => Promise<string>;
};

export const comparisons: readonly Comparison[] = [
  {
    name: 'reconcile-repairs-a-charge-and-a-lost-workflow',
    walk: async (stack) => {
      const sold = await soldOrder(stack);
      const waiting = await waitingOrder(stack);
      const charge = await payByHand(stack, sold);
      await stack.temporal.workflow.getHandle(waiting).terminate('for the recording');
      return compared(stack, [`capture-unknown ${charge} repaired`, `workflow-gone ${waiting} repaired`]);
    },
  },
  {
    // As the path before it, since disputes are compared.
    name: 'reconcile-repairs-a-dispute-and-a-lost-workflow',
    walk: async (stack) => {
      const sold = await soldOrder(stack);
      const waiting = await waitingOrder(stack);
      const dispute = await disputePayment(stack, await providerIdOf(stack, sold));
      await stack.temporal.workflow.getHandle(waiting).terminate('for the recording');
      return compared(stack, [`dispute-unknown ${dispute} repaired`, `workflow-gone ${waiting} repaired`]);
    },
  },
];

/** A sold order; answers with its id. */
export async function soldOrder(stack: Stack, wanted: Wanted = {}): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  const { status } = await settledOrder(stack.url, id);
  if (status !== 'confirmed') throw new Error(`Expected order ${id} to be sold; found ${status}`);
  return id;
}

async function waitingOrder(stack: Stack): Promise<string> {
  const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_authenticationRequired' });
  await until(async () => (await getOrder(stack.url, id)).waiting !== null, `${id} waits for its customer`);
  return id;
}

/** Compares once everything is old enough to be seen; answers with the comparison that found just that. */
async function compared(stack: Stack, expected: readonly string[]): Promise<string> {
  await until(
    async () => foundIn(await reconcile(stack.url, { dryRun: true })).length === expected.length,
    'all is old enough',
  );
  const report = await reconcile(stack.url);
  if (foundIn(report).join() !== [...expected].sort().join())
    throw new Error(`Expected to find ${expected.join()}; found ${foundIn(report).join()}`);
  return report.id;
}
