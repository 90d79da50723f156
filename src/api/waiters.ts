import type { Order, OrderReading } from '../ports/order.ts';
import type { Logger } from '../runtime/logger.ts';
import { outsideTraces } from '../runtime/tracing/trace.ts';

// How late a waiting client may hear that its order settled. One query per tick serves everybody who waits.
const TICK_MS = 50;

export type Waiters = {
  /** The order once it settles, or null when `withinMs` pass first or `signal` aborts. Never throws. */
  waitFor: (request: { orderId: string; withinMs: number; signal: AbortSignal }) => Promise<Order | null>;
};

/** Waiting for orders to settle without asking Temporal and without LISTEN (which serialises commits). */
export function createWaiters({ reading, logger }: { reading: OrderReading; logger: Logger }): Waiters {
  const waiting = new Map<string, Set<(order: Order | null) => void>>();
  let ticking = false;

  async function tick(): Promise<void> {
    try {
      const settled = await reading.findSettled({ orderIds: [...waiting.keys()] });
      for (const order of settled) for (const wake of waiting.get(order.id) ?? []) wake(order);
    } catch (error) {
      // Whoever waits runs into its own time limit; the next tick asks again.
      logger.warn({ err: error }, 'could not ask which orders have settled');
    }
    if (waiting.size > 0) setTimeout(() => void tick(), TICK_MS);
    else ticking = false;
  }

  function add(orderId: string, wake: (order: Order | null) => void): void {
    const others = waiting.get(orderId) ?? new Set();
    waiting.set(orderId, others.add(wake));
    if (ticking) return;
    ticking = true;
    outsideTraces(() => setTimeout(() => void tick(), TICK_MS));
  }

  function remove(orderId: string, wake: (order: Order | null) => void): void {
    const others = waiting.get(orderId);
    others?.delete(wake);
    if (others?.size === 0) waiting.delete(orderId);
  }

  return {
    waitFor: ({ orderId, withinMs, signal }) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => settle(null), withinMs);
        const onAbort = (): void => settle(null);
        signal.addEventListener('abort', onAbort, { once: true });
        add(orderId, settle);
        function settle(order: Order | null): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          remove(orderId, settle);
          resolve(order);
        }
      }),
  };
}
