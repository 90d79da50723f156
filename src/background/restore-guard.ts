// Keeps a process from working on a database that was restored from a backup and is behind what Temporal has seen of it. What
// must stay true: nothing is created, moved, numbered or started before somebody has looked, but for one thing: while Temporal
// is away orders are still accepted, and looked at as soon as it is back. An alarm is heard within a second, however long a
// look takes: `npm run recover` counts on it.
import type { DatabaseWitness } from '../contracts/process-order.ts';
import type { DatabaseState } from '../domain/restore.ts';
import type { OrderWitnesses, RestoreRecords } from '../ports/restore.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop } from './loop.ts';
import { lookForNewer, TemporalSilent } from './restore-look.ts';

const PAUSE_MS = 1_000;
// After it was sound: a database is replaced below running processes only by mistake, but then they should notice.
const LOOK_AGAIN_MS = 60_000;
// Temporal's lists come from a store of their own, and may be slow while all else is well: it is given more time with every
// try, so that a process does not stand still for ever behind a list that takes a little longer than a limit.
const FIRST_PATIENCE_MS = 3_000;
const MOST_PATIENCE_MS = 30_000;

/** Why nothing may be created or moved now. `looking`: nobody knows yet. */
export type Refusal = { kind: 'looking' | 'behind'; detail: string };

export type RestoreGuard = Loop & {
  /** For requests that create or move something; null: they may. */
  refusal: () => Refusal | null;
  /** For loops that start, number or pass on: only once somebody has looked and found the database sound. */
  mayWork: () => boolean;
  isBehind: () => boolean;
  /** Resolves when the first look is over, whatever came of it. */
  firstLook: Promise<void>;
  /** What the starter of a workflow knows of the database. */
  witness: () => DatabaseWitness;
};

type Options = {
  records: RestoreRecords;
  witnesses: OrderWitnesses;
  logger: Logger;
  onChange?: () => void;
  secondLookMs?: number;
};

const HOW = 'Nothing is created or changed before `npm run recover` (docs/operations.md); reads work';

/** Looks at the start and every minute. `onChange` is called when the database turns out to be behind, and when it no longer is. */
export function createRestoreGuard(options: Options): RestoreGuard {
  const { logger } = options;
  const stopping = new AbortController();
  const state = createKnownState(options);
  let lookedAt: number | null = null;
  const silence = createSilence({ logger, mayWork: () => lookedAt !== null });

  let endFirstLook: () => void;
  const firstLook = new Promise<void>((resolve) => (endFirstLook = resolve));

  async function look(): Promise<void> {
    const isDue = lookedAt === null || performance.now() - lookedAt > LOOK_AGAIN_MS;
    if (!isDue) return;
    await state.refresh();
    if (state.now().behind) return;
    try {
      const patience = { withinMs: silence.patienceMs(), signal: stopping.signal };
      await lookForNewer({ ...options, patience });
    } catch (error) {
      if (stopping.signal.aborted) return;
      if (!(error instanceof TemporalSilent)) throw error;
      return silence.lasts(error);
    }
    silence.ends();
    // First what was found, then that it was looked for.
    await state.refresh();
    lookedAt = performance.now();
  }

  const every = (name: string, turn: () => Promise<void>): Loop =>
    createLoop({ name, pauseMs: PAUSE_MS, work: () => turn().then(() => false), logger });
  const listening = every('restore-guard', state.refresh);
  const looking = every('restore-look', () => look().finally(endFirstLook));
  return {
    start: () => {
      listening.start();
      looking.start();
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([listening.stop(), looking.stop()]);
    },
    check: async () => {
      const { behind } = state.now();
      if (behind) throw new Error(toldToAll(behind));
      await listening.check();
      silence.check();
      await looking.check();
    },
    refusal: () => {
      const { behind } = state.now();
      if (behind) return { kind: 'behind', detail: toldToAll(behind) };
      if (lookedAt !== null || silence.isNow()) return null;
      return { kind: 'looking', detail: 'Whether this database is the newest is being looked at' };
    },
    mayWork: () => lookedAt !== null && state.now().behind === null,
    isBehind: () => state.now().behind !== null,
    firstLook,
    witness: () => ({ epoch: state.now().epoch, position: state.now().position }),
  };
}

/** A call that starts or moves something: as it is while it may be made, rejected while it must not. */
export const onlyWhenSound =
  <Request, Answer>(
    { mayWork }: Pick<RestoreGuard, 'mayWork'>,
    call: (request: Request) => Promise<Answer>,
  ): ((request: Request) => Promise<Answer>) =>
  async (request) => {
    if (!mayWork()) throw new Error('Whether this database is the newest is not known: nothing is started by it');
    return call(request);
  };

/** What the database says of itself, as it was read last. */
function createKnownState({ records, logger, onChange }: Options) {
  let known: DatabaseState = { epoch: 0, position: 0, behind: null };
  let refreshing = Promise.resolve();

  function update(state: DatabaseState): void {
    const changed = (state.behind === null) !== (known.behind === null);
    known = state;
    if (!changed) return;
    if (state.behind)
      logger.fatal({ evidence: state.behind.evidence }, 'this database is behind: see docs/operations.md');
    else logger.info({ epoch: state.epoch }, 'the database was recovered');
    onChange?.();
  }

  return {
    now: (): DatabaseState => known,
    /** One after the other: an older answer must not take the place of a newer one. */
    refresh: (): Promise<void> =>
      (refreshing = refreshing.catch(() => undefined).then(async () => update(await records.read()))),
  };
}

/** Without the orders: whose they are is nobody else's business. The log and the table have the first of them. */
const toldToAll = ({ evidence }: { evidence: string }): string => `${evidence.split('. ')[0] ?? ''}. ${HOW}`;

/** That Temporal's lists do not answer: since when, why, and what it means, said in the log when it begins and when it ends. */
function createSilence({ logger, mayWork }: { logger: Logger; mayWork: () => boolean }) {
  let now: { since: string; tries: number; why: string } | null = null;
  const meaning = (): string =>
    mayWork()
      ? 'the database was sound when it was looked at last, and all goes on'
      : 'nobody knows whether this database is the newest. Orders are accepted; nothing is started, numbered or worked on before there is an answer';

  return {
    isNow: () => now !== null,
    patienceMs: () => Math.min(FIRST_PATIENCE_MS * 2 ** (now?.tries ?? 0), MOST_PATIENCE_MS),
    lasts: ({ message: why, cause }: TemporalSilent): void => {
      if (!now)
        logger.warn({ err: cause }, `Temporal’s list of workflows does not answer, it is asked again: ${meaning()}`);
      now = { since: now?.since ?? new Date().toISOString(), tries: (now?.tries ?? 0) + 1, why };
    },
    ends: (): void => {
      if (now) logger.info({ since: now.since, tries: now.tries }, 'Temporal’s list of workflows answers again');
      now = null;
    },
    check: (): void => {
      if (!now) return;
      const { since, tries, why } = now;
      throw new Error(
        `Temporal’s list of workflows does not answer since ${since} (${tries} tries, ${why}): ${meaning()}`,
      );
    },
  };
}
