// How a path of an order is walked: placed, parked under a fault, decided about.
import { resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import { getOrder, placeOrder, settledOrder, type Wanted } from './orders.ts';
import type { OrderBody, Stack } from './stack.ts';
import { until } from './until.ts';

export type Path = {
  name: string;
  /** What becomes of the order. */
  ends: { status: string; attention?: null; payment?: Partial<OrderBody['payment']> };
  /** Walks the path and answers with the order's id. */
  walk: (stack: Stack) => Promise<string>;
};

export async function waitsForCustomer(stack: Stack, id: string): Promise<void> {
  const isWaiting = async (): Promise<boolean> => (await getOrder(stack.url, id)).waiting?.for === 'customer';
  await until(isWaiting, `order ${id} waits for its customer`);
}

export async function walkTo(stack: Stack, wanted: Wanted): Promise<string> {
  const { id } = await placeOrder(stack.url, wanted);
  await settledOrder(stack.url, id);
  return id;
}

/** Places an order under a lasting fault, waits until it is parked at the step, and heals the provider. */
export async function parkAt(
  stack: Stack,
  wanted: Wanted,
  step: string,
  fault: Record<string, unknown>,
): Promise<string> {
  await stack.fault(fault);
  const { id } = await placeOrder(stack.url, wanted);
  await until(async () => (await getOrder(stack.url, id)).attention?.step === step, `order ${id} parks at ${step}`);
  await fetch(`${stack.simulatorUrl}/_simulator/faults`, { method: 'DELETE' });
  return id;
}

export async function resolve(stack: Stack, id: string, action: Resolution['action'], value?: string): Promise<void> {
  const said = { action, actor: 'operator-1', reason: 'the provider is well again' };
  const resolution = { ...said, ...(value === undefined ? {} : { value }) };
  const parkedAt = (await getOrder(stack.url, id)).attention?.step;
  await stack.temporal.workflow.getHandle(id).executeUpdate(resolveUpdate, { args: [resolution] });
  // It may have parked again at another step before anybody looks.
  const hasGoneOn = async (): Promise<boolean> => (await getOrder(stack.url, id)).attention?.step !== parkedAt;
  await until(hasGoneOn, `order ${id} is no longer parked at ${parkedAt ?? 'any step'}`);
  if (action !== 'compensate') await settledOrder(stack.url, id);
  else await until(async () => ['cancelled', 'reserved'].includes((await getOrder(stack.url, id)).status), 'the undo');
}
