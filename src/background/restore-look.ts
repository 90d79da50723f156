// Looks whether Temporal has seen more of this database than it knows itself. What must stay true: nothing is believed at first
// sight, and silence is told apart from an answer that finds nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { contradictionsOf, describeContradictions, type Contradiction } from '../domain/restore.ts';
import type { OrderWitnesses, RestoreRecords, WitnessPatience } from '../ports/restore.ts';

// A contradiction is believed when it is still there after this long.
const SECOND_LOOK_MS = 1_500;

/** Temporal was asked, and did not answer: nothing is known. */
export class TemporalSilent extends Error {}

export type LookOptions = {
  records: RestoreRecords;
  witnesses: OrderWitnesses;
  patience: WitnessPatience;
  secondLookMs?: number;
};

/**
 * Raises the alarm when Temporal has seen more of this database than it knows itself. Throws TemporalSilent when Temporal does
 * not answer in time (milliseconds, in `patience`), and what the database fails with.
 */
export async function lookForNewer(options: LookOptions): Promise<void> {
  const { records, patience, secondLookMs = SECOND_LOOK_MS } = options;
  const first = await findContradictions(options);
  if (first.found.length === 0) return;
  await sleep(secondLookMs, undefined, patience.signal ? { signal: patience.signal } : {});
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
  patience,
}: LookOptions): Promise<{ found: Contradiction[]; epoch: number; position: number }> {
  // The order matters: what the witnesses tell of was committed before, so these reads must see it. The epoch comes first: a
  // recovery that ends in between makes an alarm void (see raiseAlarm).
  const { epoch } = await records.read();
  const listed = await answered(witnesses.newest(patience));
  const known = await records.findKnown({ orderIds: [...new Set(listed.map(({ orderId }) => orderId))] });
  const state = { ...(await records.read()), epoch };
  const found: Contradiction[] = [];
  for (const contradiction of contradictionsOf({ state, witnesses: listed, known }))
    if (await stands(contradiction)) found.push(contradiction);
  return { found, epoch, position: state.position };

  /** An end that was never recorded is not missing here: somebody has completed the workflow in another way. */
  async function stands({ orderId, endedRunId }: Contradiction): Promise<boolean> {
    return endedRunId === null || answered(witnesses.sawEndRecorded({ orderId, runId: endedRunId, ...patience }));
  }
}

async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw new TemporalSilent(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
