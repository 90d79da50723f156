// Keeps a process from working on a database that was restored from a backup and is behind what Temporal has seen of it. What
// must stay true: nothing is created, moved, numbered or started before somebody has looked, but for one thing: while Temporal
// is away orders are still accepted, and looked at as soon as it is back.
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseWitness } from '../contracts/process-order.ts';
import { contradictionsOf, describeContradictions, type Contradiction, type DatabaseState } from '../domain/restore.ts';
import type { OrderWitnesses, RestoreRecords } from '../ports/restore.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop } from './loop.ts';

const PAUSE_MS = 1_000;
// After it was sound: a database is replaced below running processes only by mistake, but then they should notice.
const LOOK_AGAIN_MS = 60_000;
// A contradiction is believed when it is still there after this long.
const SECOND_LOOK_MS = 1_500;

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

const HOW = 'Nothing is created or changed before `npm run recover` (docs/operations.md); reads work';

/** Looks at the start and every minute. `onChange` is called when the database turns out to be behind, and when it no longer is. */
export function createRestoreGuard(options: {
  records: RestoreRecords;
  witnesses: OrderWitnesses;
  logger: Logger;
  onChange?: () => void;
  secondLookMs?: number;
}): RestoreGuard {
  const { records, logger, onChange } = options;
  let known: DatabaseState = { epoch: 0, position: 0, behind: null };
  let lookedAt: number | null = null;
  let temporalIsAway = false;

  let endFirstLook: () => void;
  const firstLook = new Promise<void>((resolve) => (endFirstLook = resolve));

  async function turn(): Promise<boolean> {
    try {
      await look();
    } finally {
      endFirstLook();
    }
    return false;
  }

  async function look(): Promise<void> {
    update(await records.read());
    const isDue = lookedAt === null || performance.now() - lookedAt > LOOK_AGAIN_MS;
    if (known.behind || !isDue) return;
    try {
      await lookForNewer(options);
      temporalIsAway = false;
    } catch (error) {
      temporalIsAway = true;
      throw error;
    }
    // First what was found, then that it was looked for.
    update(await records.read());
    lookedAt = performance.now();
  }

  function update(state: DatabaseState): void {
    const changed = (state.behind === null) !== (known.behind === null);
    known = state;
    if (!changed) return;
    if (state.behind)
      logger.fatal({ evidence: state.behind.evidence }, 'this database is behind: see docs/operations.md');
    else logger.info({ epoch: state.epoch }, 'the database was recovered');
    onChange?.();
  }

  const loop = createLoop({ name: 'restore-guard', pauseMs: PAUSE_MS, work: turn, logger });
  return {
    ...loop,
    refusal: () => {
      if (known.behind) return { kind: 'behind', detail: toldToAll(known.behind) };
      if (lookedAt !== null || temporalIsAway) return null;
      return { kind: 'looking', detail: 'Whether this database is the newest is being looked at' };
    },
    mayWork: () => lookedAt !== null && known.behind === null,
    isBehind: () => known.behind !== null,
    firstLook,
    witness: () => ({ epoch: known.epoch, position: known.position }),
    check: () => (known.behind ? Promise.reject(new Error(toldToAll(known.behind))) : loop.check()),
  };
}

/** Without the orders: whose they are is nobody else's business. The log and the table have the first of them. */
const toldToAll = ({ evidence }: { evidence: string }): string => `${evidence.split('. ')[0] ?? ''}. ${HOW}`;

/** Raises the alarm when Temporal has seen more of this database than it knows itself. Throws when Temporal can not be asked. */
export async function lookForNewer(options: {
  records: RestoreRecords;
  witnesses: OrderWitnesses;
  secondLookMs?: number;
}): Promise<void> {
  const { records, secondLookMs = SECOND_LOOK_MS } = options;
  const first = await findContradictions(options);
  if (first.found.length === 0) return;
  await sleep(secondLookMs);
  const second = await findContradictions(options);
  const lasting = second.found.filter(({ orderId }) => first.found.some((other) => other.orderId === orderId));
  if (lasting.length === 0) return;
  await records.raiseAlarm({
    epoch: second.epoch,
    evidence: describeContradictions(lasting, second.position > 0),
  });
}

async function findContradictions({
  records,
  witnesses,
}: {
  records: RestoreRecords;
  witnesses: OrderWitnesses;
}): Promise<{ found: Contradiction[]; epoch: number; position: number }> {
  // The order matters: what the witnesses tell of was committed before, so these reads must see it. The epoch comes first: a
  // recovery that ends in between makes an alarm void (see raiseAlarm).
  const { epoch } = await records.read();
  const listed = await witnesses.newest();
  const known = await records.findKnown({ orderIds: [...new Set(listed.map(({ orderId }) => orderId))] });
  const state = { ...(await records.read()), epoch };
  return { found: contradictionsOf({ state, witnesses: listed, known }), epoch, position: state.position };
}
