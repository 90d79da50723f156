// For crash points: a database whose transactions pass a point when their work is done and their commit is not.
import type { IsolationLevel, TransactionBuilder } from 'kysely';
import type { Database, Tx } from './database.ts';

/** The same database, with `beforeCommit` called inside every transaction; the database itself when there is none. */
export const crashBeforeCommit = (db: Database, beforeCommit: (() => void) | null): Database =>
  beforeCommit ? replacing(db, { transaction: () => guarded(db.transaction(), beforeCommit) }) : db;

const guarded = (builder: TransactionBuilder<unknown>, beforeCommit: () => void): TransactionBuilder<unknown> =>
  replacing(builder, {
    setIsolationLevel: (level: IsolationLevel) => guarded(builder.setIsolationLevel(level), beforeCommit),
    execute: <T>(work: (tx: Tx) => Promise<T>): Promise<T> =>
      builder.execute(async (tx) => {
        const result = await work(tx);
        beforeCommit();
        return result;
      }),
  });

/** Kysely's objects keep private fields, so everything else is called on the object itself. */
const replacing = <T extends object>(object: T, replaced: Readonly<Record<string, unknown>>): T =>
  new Proxy(object, {
    get(target, name) {
      if (typeof name === 'string' && name in replaced) return replaced[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
