// Looks every second while somebody watches, and says what it saw. What must stay true: what was seen too long ago is not said as if it were now.
import { setTimeout as sleep } from 'node:timers/promises';
import type { PartControl } from '../local/chaos.ts';
import type { Live } from './contract.ts';
import { fetchFaults } from './faults.ts';
import { createJournal } from './journal.ts';
import { allUnknown, createJudge, type JournalView } from './judge.ts';
import type { Load } from './load.ts';
import { createLooker } from './look.ts';

const PERIOD_MS = 1_000;
/** Two looks and a bit: one that is late is not missed at once. */
const STALE_MS = 2_500;

export type Watch = {
  /** Tells `hear` once a second until what is answered is called. */
  follow: (hear: (live: Live) => void) => () => void;
  /** The load wants to know how many orders are in flight: looks as long as it is on, also when nobody watches. */
  wake: () => void;
  stop: () => Promise<void>;
};
type Dependencies = { databaseUrl: string; simulatorUrl: string; load: Load; processes: Pick<PartControl, 'list'> };
type Latest = Pick<Live, 'counters' | 'rates' | 'latency' | 'invariants'>;

export function createWatch({ databaseUrl, simulatorUrl, load, processes }: Dependencies): Watch {
  const eyes = createEyes({ databaseUrl, simulatorUrl, load });
  const listeners = new Set<(live: Live) => void>();
  const stopping = new AbortController();
  let running: Promise<unknown> | null = null;

  async function say(): Promise<void> {
    const [parts, faults] = await Promise.all([processes.list(), fetchFaults(simulatorUrl)]);
    const at = new Date().toISOString();
    const live: Live = { at, ...eyes.latest(), processes: parts, load: load.state(), faults };
    for (const hear of listeners) hear(live);
  }
  const isWatched = (): boolean => (listeners.size > 0 || load.state().ordersPerSecond > 0) && !stopping.signal.aborted;
  const wake = (): void => void (running ??= run());
  async function repeat(work: () => Promise<void>): Promise<void> {
    while (isWatched()) {
      const begun = Date.now();
      await work();
      await sleep(Math.max(50, PERIOD_MS - (Date.now() - begun)), undefined, stopping).catch(() => undefined);
    }
  }
  async function run(): Promise<void> {
    // One that hangs must not hold up the other: processes and faults are told while the database is away.
    while (isWatched()) await Promise.all([repeat(eyes.look), repeat(say)]);
    running = null;
  }

  return {
    follow: (hear) => {
      listeners.add(hear);
      wake();
      return () => void listeners.delete(hear);
    },
    wake,
    stop: async () => {
      stopping.abort();
      await running;
      await eyes.close();
    },
  };
}

/** What was seen last, until it is too old. */
function createEyes({ databaseUrl, simulatorUrl, load }: Omit<Dependencies, 'processes'>) {
  const looker = createLooker(databaseUrl);
  const journal = createJournal(simulatorUrl);
  const judge = createJudge();
  let seen: { atMs: number; said: Latest } | null = null;
  let failure: unknown = null;

  /** After the rows: what they say was done must be in it. */
  const readJournal = (): Promise<JournalView> =>
    journal.read().then(
      ({ isWhole }) => ({ isThere: true, isWhole, of: journal.of, knows: journal.knows }),
      () => ({ isThere: false }),
    );
  async function look(): Promise<void> {
    // As it is now: what is accepted while we look may be younger than what we see.
    const [accepted, atMs] = [[...load.accepted()], Date.now()];
    const witness = { accepted: load.state().accepted, remembered: accepted.length, twice: [...load.twice()] };
    const found = await looker.look({ again: judge.again(), accepted });
    const invariants = judge.judge({ look: found, journal: await readJournal(), load: witness });
    const { counters, rates, latency } = found;
    load.noteInFlight(counters.inFlight);
    seen = { atMs, said: { counters, rates, latency, invariants } };
  }
  return {
    look: () =>
      look().then(
        () => void (failure = null),
        (error: unknown) => {
          failure = error;
          // Of what can not be seen nothing is said, not even for a moment.
          seen = null;
        },
      ),
    latest: (): Latest => {
      if (seen !== null && Date.now() - seen.atMs <= STALE_MS) return seen.said;
      return { counters: null, rates: null, latency: null, invariants: allUnknown(reasonOf(failure)) };
    },
    close: looker.close,
  };
}

/** What a server says that answers, but not what it was asked: a mistake of ours, or one that is starting up. */
function reasonOf(error: unknown): string | null {
  const { severity, message } = (error ?? {}) as { severity?: string; message?: string };
  return severity === undefined ? null : `The database answers: ${message ?? 'an error'}.`;
}
