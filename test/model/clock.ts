// The database's clock, made to follow the one of the test server: what is due after days is due once those days were skipped.
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sql } from 'kysely';
import pg from 'pg';
import type { Database } from '../../src/adapters/postgres/database.ts';

// Below this nobody notices: every wait of a test is hours long.
const NOTICEABLE_MS = 1_000;

/** Puts a clock of the test's own before PostgreSQL's: to be called before anything connects through the pools. */
export async function installClock(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const name = new URL(databaseUrl).pathname.slice(1);
    await client.query(`
      create schema clock;
      create table clock.shift (by interval not null);
      insert into clock.shift values (interval '0');
      create function clock.now() returns timestamptz language sql stable
        as 'select pg_catalog.now() + by from clock.shift';
      create function clock.clock_timestamp() returns timestamptz language sql volatile
        as 'select pg_catalog.clock_timestamp() + by from clock.shift';
      -- Defaults were bound to PostgreSQL's own clock when their tables were made.
      do $$ declare c record; begin
        for c in select table_name, column_name from information_schema.columns
                 where table_schema = 'public' and column_default = 'clock_timestamp()'
        loop execute format('alter table public.%I alter %I set default clock.clock_timestamp()', c.table_name, c.column_name); end loop;
      end $$;
      alter database ${name} set search_path = clock, pg_catalog, public;`);
  } finally {
    await client.end();
  }
}

/** Moves the database's clock to where the test server's is; to be called before whatever asks it. */
export function createClock(db: Database, environment: TestWorkflowEnvironment): { sync: () => Promise<void> } {
  let shiftMs = 0;
  return {
    sync: async () => {
      const wanted = (await environment.currentTimeMs()) - Date.now();
      if (wanted - shiftMs < NOTICEABLE_MS) return;
      shiftMs = wanted;
      // Never back: activities run beside each other.
      await sql`update clock.shift set by = greatest(by, ${Math.round(wanted)} * interval '1 millisecond')`.execute(db);
    },
  };
}
