// How load comes: closed loops (whoever asks, asks again once it is answered) and open ones (at a rate, whatever becomes of it).
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrderClient, Placed, Refused } from './client.ts';
import type { Completions } from './completions.ts';
import { arrivals } from './schedule.ts';

/** One order and when it was seen to have ended; null while it is not. */
export type Followed = Placed & { endedAt: number | null };
export type Sent = { begunAt: number; seconds: number; orders: Followed[]; refused: Refused[] };

type Parts = { client: OrderClient; completions: Completions | null };

/** `untilEnded`: whoever asks waits until its order has ended. `stopAt`: no more than so many orders. */
export async function closedLoop(
  { client, completions }: Parts,
  options: { concurrency: number; seconds: number; untilEnded: boolean; stopAt?: number },
): Promise<Sent> {
  const { concurrency, seconds, untilEnded, stopAt = Infinity } = options;
  const sent: Sent = { begunAt: performance.now(), seconds, orders: [], refused: [] };
  const until = sent.begunAt + seconds * 1_000;
  let begun = 0;
  const customer = async (): Promise<void> => {
    while (performance.now() < until && begun < stopAt) {
      begun += 1;
      const ended = follow(sent, completions, await client.place());
      if (untilEnded) await ended;
      // What is refused at once must not be asked for a thousand times a second.
      if (sent.refused.length > 0) await sleep(10);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, customer));
  return sent;
}

/** Orders come when they are due; nobody waits for the one before. */
export async function openLoop(
  { client, completions }: Parts,
  options: { perSecond: number; seconds: number },
): Promise<Sent> {
  const sent: Sent = { begunAt: performance.now(), seconds: options.seconds, orders: [], refused: [] };
  const placing: Promise<unknown>[] = [];
  for (const due of arrivals(options)) {
    const at = sent.begunAt + due;
    const pause = at - performance.now();
    if (pause > 0) await sleep(pause);
    placing.push(client.place(at).then((answer) => void follow(sent, completions, answer)));
  }
  await Promise.all(placing);
  return sent;
}

/** Resolves when the order has ended, at once where nobody looks. */
function follow(sent: Sent, completions: Completions | null, answer: Placed | Refused): Promise<void> {
  if (!('orderId' in answer)) {
    sent.refused.push(answer);
    return Promise.resolve();
  }
  const followed: Followed = { ...answer, endedAt: null };
  sent.orders.push(followed);
  if (!completions) return Promise.resolve();
  return completions.of(answer.orderId).then((at) => void (followed.endedAt = at));
}

/** Waits until everything that was accepted has ended, or the time is over; what has not is an invariant's business. */
export async function drain(completions: Completions | null, withinMs: number): Promise<void> {
  for (const until = performance.now() + withinMs; completions && performance.now() < until; await sleep(20))
    if (completions.waiting() === 0) return;
}
