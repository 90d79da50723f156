// Deals the faults of the schedule, lane by lane, and remembers when each was under way.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault, FaultKind, Lane } from './schedule.ts';
import type { Strikes } from './strikes.ts';

// A fault that finds nothing to strike takes up to a quarter of a minute. On a machine that is busy orders stand still for a minute or
// two after a restart, and three more chances were over by then.
const MORE_CHANCES_MS = 180_000;

/** A fault that was dealt; from when until all was well again (milliseconds since the epoch). */
export type Struck = {
  kind: FaultKind;
  detail: string;
  struck: boolean;
  from: number;
  to: number;
  /** Orders whose workflow it has ended. */
  ended: readonly string[];
};

export type FaultRunner = {
  struck: readonly Struck[];
  /** Deals faults until told to stop; resolves when every lane has dealt each of its kinds, and what it began is over. */
  run: () => Promise<void>;
  stop: () => void;
};

/** `say` hears of every fault when it is over. */
export function createFaultRunner(options: {
  lanes: readonly Lane[];
  strikes: Strikes;
  say: (text: string) => void;
}): FaultRunner {
  const { lanes, strikes, say } = options;
  const struck: Struck[] = [];
  let stopped = false;

  async function runLane(lane: Lane): Promise<void> {
    for (let dealt = 0; !stopped || dealt < lane.kinds.length; dealt += 1) await deal(lane.next());
    // What found nothing to strike gets other chances, while orders still come in.
    for (const until = Date.now() + MORE_CHANCES_MS; missedOf(lane).length > 0 && Date.now() < until;)
      for (const kind of missedOf(lane)) await deal(lane.again(kind));
  }

  const missedOf = ({ kinds }: Lane): FaultKind[] =>
    kinds.filter((kind) => !struck.some((fault) => fault.kind === kind && fault.struck));

  async function deal(fault: Fault): Promise<void> {
    await sleep(fault.gapMs);
    const from = Date.now();
    const { detail, hit, ended = [] } = await strikes[fault.kind](fault);
    struck.push({ kind: fault.kind, detail, struck: hit, from, to: Date.now(), ended });
    const took = ((Date.now() - from) / 1_000).toFixed(1);
    say(`${fault.kind}${detail ? `: ${detail}` : ''}${hit ? '' : ' (did not strike)'}, well after ${took} s`);
  }

  return {
    struck,
    run: async () => void (await Promise.all(lanes.map(runLane))),
    stop: () => void (stopped = true),
  };
}
