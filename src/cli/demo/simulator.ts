// The payment provider on a developer's machine: its faults on demand, and its journal. What must stay true: a fault is about one order
// of ours, and every one that was made is taken back, whatever happens.
import { setTimeout as sleep } from 'node:timers/promises';
import type { JournalItem } from './facts.ts';

const ANSWER_MS = 5_000;
const HEAL_TRIES = 4;
const HEAL_PAUSE_MS = 300;

type FaultWish = {
  operation: 'confirm' | 'any';
  mode: 'drop_after_effect' | 'delay' | 'error_500';
  times: number | 'always';
  delayMs?: number;
};
type Fault = { struck: () => Promise<number>; lift: () => Promise<void> };
type Listed = { items: { id: string; match: { orderId?: string } }[] };
export type Simulator = ReturnType<typeof createSimulator>;

export function createSimulator(url: string, signal: AbortSignal) {
  const base = `${url}/_simulator`;
  async function read<T>(path: string, init: RequestInit = {}, stop: AbortSignal | null = signal): Promise<T> {
    const patience = AbortSignal.timeout(ANSWER_MS);
    const answer = await fetch(`${base}${path}`, {
      ...init,
      signal: stop ? AbortSignal.any([stop, patience]) : patience,
    });
    if (!answer.ok) throw new Error(`The simulator answers ${answer.status} at ${path}`);
    return (await answer.json()) as T;
  }
  /** Also once Ctrl-C was pressed. One that is gone already has gone with a restart of the simulator. */
  const lift = (id: string): Promise<Response> =>
    fetch(`${base}/faults/${id}`, { method: 'DELETE', signal: AbortSignal.timeout(ANSWER_MS) });

  return {
    isThere: (): Promise<boolean> =>
      read('/health').then(
        () => true,
        () => false,
      ),
    /** From now on, for requests about this order alone. */
    arm: async (orderId: string, wish: FaultWish): Promise<Fault> => {
      const body = JSON.stringify({ ...wish, match: { orderId } });
      const headers = { 'Content-Type': 'application/json' };
      const { id } = await read<{ id: string }>('/faults', { method: 'POST', headers, body });
      return {
        struck: async () => (await read<{ struck: number }>(`/faults/${id}`)).struck,
        lift: async () => void (await lift(id)),
      };
    },
    journal: async (orderId: string): Promise<JournalItem[]> =>
      (await read<{ items: JournalItem[] }>(`/journal?orderId=${encodeURIComponent(orderId)}`)).items,
    /**
     * Takes back what is still to strike these orders, and no others'. It is asked what that is: the answer to a fault that was made in
     * the moment of a Ctrl-C never came. False when it could not be done.
     */
    heal: async (orderIds: ReadonlySet<string>): Promise<boolean> => {
      for (let tries = 1; tries <= HEAL_TRIES; tries += 1) {
        try {
          const { items } = await read<Listed>('/faults', {}, null);
          const ours = items.filter(({ match }) => orderIds.has(match.orderId ?? ''));
          if (ours.length === 0) return true;
          await Promise.all(ours.map(({ id }) => lift(id)));
        } catch {
          await sleep(HEAL_PAUSE_MS);
        }
      }
      return false;
    },
  };
}
