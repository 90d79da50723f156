// What scenes act with: the api as any client has it, the provider's simulator, and the processes of the stack. What must stay true: only
// products and orders of this run are touched, and they are left so that nothing waits for anybody.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Order } from '#client';
import type { Session } from '../session.ts';
import { createApi, type Api, type Placed, type Wish } from './api.ts';
import type { OrderFacts } from './facts.ts';
import type { Processes } from './processes.ts';
import type { Playground } from './where.ts';

const POLL_MS = 100;
/** For what takes a second or two; a slow machine takes longer. */
const PATIENCE_MS = 30_000;
const TIDY_MS = 5_000;

type Waiting = {
  withinMs?: number;
  /** Something to say now and then. */
  everyMs?: number;
  meanwhile?: () => Promise<string>;
};
export type Stage = ReturnType<typeof createStage>;

/** `run`: what tells the products and customers of this run from those of others. */
export function createStage(
  { client, io }: Session,
  { run, simulator, processes, tell }: Playground & { run: string; tell: (what: string) => void },
) {
  const api = createApi(client, io.signal);
  const placed = new Set<string>();
  const product = productsOf(api, run);
  return {
    tell,
    now: io.now,
    order: api.order,
    explanation: api.explanation,
    shelf: api.shelf,
    cancel: api.cancel,
    retry: api.retry,
    arm: simulator.arm,
    journal: simulator.journal,
    product,
    /** What most scenes sell. */
    beans: (): Promise<string> => product('beans', 'Espresso beans', 50),
    place: async (wish: Wish): Promise<Placed> => {
      const answer = await api.place({ ...wish, customer: `demo-${run}-${wish.customer}` });
      placed.add(answer.order.id);
      return answer;
    },
    /** Reads the order until it is so, or for so long; answers with what it is then. */
    until: async (id: string, isSo: (order: Order) => boolean, waiting: Waiting = {}): Promise<Order> => {
      const { withinMs = PATIENCE_MS, everyMs = PATIENCE_MS, meanwhile } = waiting;
      const begun = io.now();
      for (let told = begun; ; await sleep(POLL_MS, undefined, { signal: io.signal })) {
        const found = await api.order(id);
        if (isSo(found) || io.now() - begun > withinMs) return found;
        if (!meanwhile || io.now() - told < everyMs) continue;
        told = io.now();
        tell(await meanwhile());
      }
    },
    facts: async (id: string): Promise<OrderFacts> => {
      const [order, events, explanation, journal] = await Promise.all([
        api.order(id),
        api.events(id),
        api.explanation(id),
        simulator.journal(id),
      ]);
      return { order, events, explanation, journal };
    },
    processes: (): Processes => {
      if (!processes) throw new Error('Nobody can kill a process of this stack');
      return processes;
    },
    placed: (): readonly string[] => [...placed],
    /** At the end, also after Ctrl-C: no fault of ours strikes any more, and no order of ours waits. False where one may still strike. */
    tidy: async (): Promise<boolean> => {
      const isHealed = await simulator.heal(placed);
      const patient = createApi(client, AbortSignal.timeout(TIDY_MS));
      await Promise.allSettled([...placed].map((id) => settle(patient, id)));
      return isHealed;
    },
  };
}

/** Makes a product of this run's own when it is wanted first. */
function productsOf(api: Api, run: string): (name: string, title: string, onHand: number) => Promise<string> {
  const made = new Set<string>();
  return async (name, title, onHand) => {
    const sku = `demo-${run}-${name}`;
    if (!made.has(sku)) await api.makeProduct({ sku, name: `${title} (orders demo)`, onHand });
    made.add(sku);
    return sku;
  };
}

async function settle(api: Api, id: string): Promise<void> {
  const { attention, waiting } = await api.order(id);
  if (attention) await api.retry(id, 'orders demo has ended');
  else if (waiting) await api.cancel(id, 'orders demo has ended');
}
