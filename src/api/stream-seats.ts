// How many streams are open. What must stay true: one caller can not take the room of the others, and none more than the process has.
import { Problem } from './middleware/problems.ts';

const RETRY = { 'Retry-After': '10' };

/** `perCaller`: of one key; `inAll`: of this process. */
export type StreamLimits = { perCaller: number; inAll: number };
export type StreamSeats = {
  /** Takes a place; answers with how to give it back. Throws a Problem when there is none. */
  take: (caller: string) => () => void;
};

export function createStreamSeats({ perCaller, inAll }: StreamLimits): StreamSeats {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    take(caller) {
      const own = taken.get(caller) ?? 0;
      if (own >= perCaller)
        throw new Problem('too-many-streams', `At most ${perCaller} streams of a key are open at a time`, {
          headers: RETRY,
        });
      if (all >= inAll) throw new Problem('overloaded', 'Too many streams are open here', { headers: RETRY });
      taken.set(caller, own + 1);
      all += 1;
      return () => {
        const left = (taken.get(caller) ?? 1) - 1;
        if (left === 0) taken.delete(caller);
        else taken.set(caller, left);
        all -= 1;
      };
    },
  };
}
