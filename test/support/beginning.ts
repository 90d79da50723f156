// Orders as a version before this one began them: accepted over HTTP, and their workflows started with the input of that time.
import { WorkflowNotFoundError } from '@temporalio/client';
import { PROCESS_ORDER, type Bounds, type OrderInput } from '../../src/contracts/process-order.ts';
import { placeOrder, putProduct } from './orders.ts';
import type { Stack } from './stack.ts';
import { refuse } from './stuck.ts';
import { patient, type Wait } from './waiting.ts';

export type Begun = { id: string; wait: Wait };

// Nobody listens there: orders are accepted, and their workflows are left to this test.
const NOWHERE = { TEMPORAL_ADDRESS: '127.0.0.1:9' };

/**
 * An order for every wait, with its faults, each of a customer of its own. The present api would give a workflow what the kept
 * code never heard of, and what only orders begun since are to have: that is left out.
 */
export async function beginOrders(stack: Stack, waits: readonly Wait[]): Promise<Begun[]> {
  const api = await stack.startApi(NOWHERE);
  await putProduct(stack.url, 'book');
  const placed = await Promise.all(
    waits.map(async (wait, index) => {
      const { paymentMethod = 'pm_card_visa', paymentRetryMinutes } = wait.begun;
      const extra = paymentRetryMinutes === undefined ? {} : { paymentRetryMinutes };
      return { wait, order: await placeOrder(stack.url, { paymentMethod, customerId: `customer-${index}`, extra }) };
    }),
  );
  await api.stop(12_000);
  return Promise.all(
    placed.map(async ({ wait, order: { id, totalMinor, currency } }) => {
      const { faults = [], refused = [], bounds, paymentRetryMinutes } = wait.begun;
      for (const fault of faults) await stack.fault({ ...fault, match: { orderId: id } });
      for (const effect of refused) await refuse(stack, id, effect);
      const own: Bounds = { ...patient, ...bounds, paymentRetryMs: (paymentRetryMinutes ?? 0) * 60_000 };
      const input: OrderInput = {
        ...{ orderId: id, itemCount: 1, totalMinor: Number(totalMinor), currency: String(currency) },
        bounds: own,
      };
      await stack.temporal.workflow.start(PROCESS_ORDER, { taskQueue: 'orders', workflowId: id, args: [input] });
      return { id, wait };
    }),
  );
}

/** The workflows that run, by their ids: all, or those of one order. */
export async function runningWorkflows({ temporal }: Pick<Stack, 'temporal'>, orderId = ''): Promise<string[]> {
  const ids: string[] = [];
  const query = `ExecutionStatus = 'Running' and WorkflowId starts_with '${orderId}'`;
  for await (const { workflowId } of temporal.workflow.list({ query })) ids.push(workflowId);
  return ids.sort();
}

/** What the tasks of a workflow failed of, as a worker does when a history does not replay; null when none did. */
export async function failureOf({ temporal }: Pick<Stack, 'temporal'>, workflowId: string): Promise<string | null> {
  try {
    const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
    const failed = (events ?? []).flatMap(({ workflowTaskFailedEventAttributes: task }) => (task ? [task] : []));
    return failed.at(-1)?.failure?.message ?? null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}
