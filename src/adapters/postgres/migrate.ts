import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Kysely, Migrator, PostgresDialect, sql, type Migration } from 'kysely';
import pg from 'pg';

const directory = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/**
 * Applies every migration that is not applied yet, in the order of the file names, each once, also when several
 * processes start it together (Kysely locks). Returns the names applied now; throws with the file's name on failure.
 */
export async function migrateToLatest({ connectionString }: { connectionString: string }): Promise<string[]> {
  const db = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 10_000 }) }),
  });
  try {
    const migrator = new Migrator({ db, provider: { getMigrations: readMigrations } });
    const { error, results = [] } = await migrator.migrateToLatest();
    if (error !== undefined) {
      const failed = results.find(({ status }) => status === 'Error');
      throw new Error(`Migration ${failed?.migrationName ?? '(before the first)'} failed`, { cause: error });
    }
    return results.map(({ migrationName }) => migrationName);
  } finally {
    await db.destroy();
  }
}

/** The newest migration this code knows; an api on an older database says so instead of failing order by order. */
export async function newestMigration(): Promise<string> {
  const newest = (await migrationNames()).at(-1);
  if (newest === undefined) throw new Error(`No migrations found in ${directory}`);
  return newest;
}

/** Whether the migration has been applied to this database. */
export async function isMigrated(db: Kysely<unknown>, name: string): Promise<boolean> {
  const { rows } = await sql<{ name: string }>`select name from kysely_migration where name = ${name}`.execute(db);
  return rows.length > 0;
}

/** A probe: rejects while the database lacks the migration. */
export const migrationCheck = (db: Kysely<unknown>, name: string) => async (): Promise<void> => {
  if (!(await isMigrated(db, name)))
    throw new Error(`The database lacks migration ${name}: run the migrations of this version`);
};

async function migrationNames(): Promise<string[]> {
  const files = await readdir(directory);
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .sort();
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const names = await migrationNames();
  const entries = names.map(async (name): Promise<[string, Migration]> => {
    const text = await readFile(`${directory}${name}.sql`, 'utf8');
    return [name, { up: async (db: Kysely<unknown>) => void (await sql.raw(text).execute(db)) }];
  });
  return Object.fromEntries(await Promise.all(entries));
}
