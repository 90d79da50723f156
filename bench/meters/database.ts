// What a PostgreSQL server has done so far.
import type pg from 'pg';

/** `writes`: transactions that wrote (they alone get a number); `commits`: all of them, those that only read as well. */
export type DatabaseCounts = { commits: number; writes: number; walBytes: number };

/** Of the whole server: nothing else works on it. */
export async function countDatabase(client: pg.Pool | pg.Client): Promise<DatabaseCounts> {
  const { rows } = await client.query<{ commits: string; writes: string; wal: string }>(`
    select (select sum(xact_commit) from pg_stat_database) as commits,
           pg_snapshot_xmax(pg_current_snapshot())::text as writes,
           pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as wal`);
  const [row] = rows;
  if (!row) throw new Error('Expected the counts of a database; found none');
  return { commits: Number(row.commits), writes: Number(row.writes), walBytes: Number(row.wal) };
}
