import type { Database, Tx } from '../../../src/adapters/postgres/database.ts';

/** The transaction as a database: whoever begins a transaction of their own on it works within this one. */
export function within(tx: Tx): Database {
  const joining = {
    setIsolationLevel: () => joining,
    execute: <T>(work: (same: Tx) => Promise<T>): Promise<T> => work(tx),
  };
  return new Proxy(tx, {
    get: (target, name) => {
      if (name === 'transaction') return () => joining;
      const value: unknown = Reflect.get(target, name, target);
      // Its private fields are the target's.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
