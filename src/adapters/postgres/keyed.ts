// What is accepted once for each key. What must stay true: the key, the effect and the first answer are one commit; what is refused
// binds nothing and leaves nothing behind.
import type { RecordedAnswer } from '../../ports/acceptance.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';

type Keyed = { tenant: string; idempotencyKey: string; requestHash: string };
export type Once = { answer: RecordedAnswer; repeated: boolean } | { keyReused: true };

/** Carries a refusal out of a transaction, which must be rolled back. */
export class Refused<Why> extends Error {
  readonly why: Why;

  constructor(why: Why) {
    super('refused');
    this.why = why;
  }
}

/** What the work answers with, or what it refuses (by throwing `Refused`). */
export async function orRefusal<T, Why>(work: () => Promise<T>): Promise<T | Why> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused) return error.why as Why;
    throw error;
  }
}

/** Does the work in one transaction with its key; a repeat gets the first answer. */
export const acceptOnce = <Why>(
  db: Database,
  request: Keyed,
  work: (tx: Tx) => Promise<RecordedAnswer>,
): Promise<Once | Why> =>
  orRefusal<Once, Why>(() =>
    inTransaction(db, async (tx) => {
      if (!(await claimKey(tx, { ...request, orderId: null }))) {
        const bound = await findKey(tx, request);
        const same = bound?.requestHash === request.requestHash ? bound.answer : null;
        return same ? { answer: same, repeated: true } : { keyReused: true };
      }
      const answer = await work(tx);
      await recordAnswer(tx, request, answer);
      return { answer, repeated: false };
    }),
  );
