// First answers under a client's key, for requests that have had their effect before the answer is recorded: the effect has
// a name made of the key, so a repeat that comes in between finds it done.
import type { AnswerBook } from '../../ports/resolution.ts';
import { inTransaction, type Database } from './database.ts';
import { claimKey, findKey, recordAnswer } from './idempotency.ts';

export const createAnswerBook = ({ db }: { db: Database }): AnswerBook => ({
  find: (key) => findKey(db, key),

  bind: ({ answer, ...request }) =>
    inTransaction(db, async (tx) => {
      if (await claimKey(tx, { ...request, orderId: null })) {
        await recordAnswer(tx, request, answer);
        return { answer, repeated: false };
      }
      const bound = await findKey(tx, request);
      if (bound?.requestHash !== request.requestHash || !bound.answer) return { keyReused: true };
      return { answer: bound.answer, repeated: true };
    }),
});
