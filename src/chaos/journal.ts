// What the provider's journal says of each order, followed page by page: what is asked for each second is only what came since.
import { signs, type JournalItem } from '../verify/invariants.ts';

/** What the provider did for an order: how often it took money, and what of it is not given back. */
export type Took = { times: number; netMinor: number };
type Page = { items: JournalItem[]; next: number; isLast: boolean };

const LIMIT_MS = 800;
const PAGES_AT_ONCE = 4;
/** Two numbers for each; those whose first line is the oldest are forgotten, and not judged any more. */
const MOST_ORDERS = 200_000;

export type Journal = {
  /** Reads on; resolves when it is read to its end, or a few pages further. Throws when the simulator can not be asked. */
  read: () => Promise<{ isWhole: boolean }>;
  of: (orderId: string) => Took;
  /** Whether what is known of the order is all there is. */
  knows: (orderId: string) => boolean;
};

export function createJournal(simulatorUrl: string): Journal {
  const books = new Map<string, Took>();
  const forgotten = new Set<string>();
  let next = 0;

  function take({ effect, amountMinor, orderId }: JournalItem): void {
    const sign = signs[effect] ?? 0;
    if (sign === 0 || orderId === null) return;
    const was = books.get(orderId) ?? { times: 0, netMinor: 0 };
    books.set(orderId, {
      times: was.times + (effect === 'captured' ? 1 : 0),
      netMinor: was.netMinor + sign * amountMinor,
    });
  }
  function forget(): void {
    for (const id of books.keys()) {
      if (books.size <= MOST_ORDERS) return;
      books.delete(id);
      forgotten.add(id);
    }
  }
  return {
    read: async () => {
      for (let pages = 0; pages < PAGES_AT_ONCE; pages += 1) {
        const page = await fetchPage(simulatorUrl, next);
        for (const item of page.items) take(item);
        next = page.next;
        if (page.isLast) return (forget(), { isWhole: true });
      }
      return { isWhole: false };
    },
    of: (orderId) => books.get(orderId) ?? { times: 0, netMinor: 0 },
    knows: (orderId) => !forgotten.has(orderId),
  };
}

async function fetchPage(simulatorUrl: string, after: number): Promise<Page> {
  const answer = await fetch(`${simulatorUrl}/_simulator/journal?after=${after}`, {
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  if (!answer.ok) throw new Error(`The journal answered ${answer.status}`);
  return (await answer.json()) as Page;
}
