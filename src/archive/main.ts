// `npm run archive`: takes out of the database what of closed orders nobody asks it for (docs/scaling.md).
import { parseArgs } from 'node:util';
import { openDatabase, STEP_PATIENCE } from '../adapters/postgres/database.ts';
import { createStockArchive } from '../adapters/postgres/stock-archive.ts';
import { ConfigurationError, loadKeysConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { archive } from './archive.ts';
import { createArchiveFolder } from './folder.ts';

const USAGE = `npm run archive -- --older-than-days <days> [--to <folder>] [--apply], with DATABASE_URL set
  Of orders that were closed so many days ago (30 at least): the stock movements that hold, free and sell. They are added up, written to
  files (a row a line, with SHA-256 digests) and taken out of the database. Orders, keys and answers, ledger, events and everything else stay.

  --apply    does it; without it, it is only said how much that would be
  --to       where the files go; default ./archive`;

const DAY_MS = 24 * 3_600_000;
/** Whoever wants to know what went wrong last month finds it where it was. */
const LEAST_DAYS = 30;
const FAILED = 2;

class Refused extends Error {}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    await run(readOptions(args));
    return 0;
  } catch (error) {
    const isPlain = error instanceof Refused || error instanceof ConfigurationError;
    const { message, stack } = error as Error;
    say(isPlain ? message : `It failed, and can be run again: ${stack ?? message}`);
    return FAILED;
  }
}

type Options = { days: number; to: string; apply: boolean };

function readOptions(args: string[]): Options {
  const options = {
    'older-than-days': { type: 'string' },
    to: { type: 'string' },
    apply: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args, options, strict: true, allowPositionals: false });
    const days = Number(values['older-than-days']);
    if (!Number.isFinite(days) || days < LEAST_DAYS) throw new Error(`--older-than-days: ${LEAST_DAYS} at least`);
    return { days, to: values.to ?? 'archive', apply: values.apply ?? false };
  } catch (error) {
    throw new Refused(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

async function run({ days, to, apply }: Options): Promise<void> {
  const { DATABASE_URL: connectionString } = loadKeysConfig();
  const logger = createLogger({ name: 'archive', level: 'silent' });
  const db = openDatabase({
    ...{ connectionString, poolSize: 1, patience: STEP_PATIENCE },
    ...{ applicationName: 'durable-orders-archive', logger },
  });
  try {
    const parts = { stock: createStockArchive({ db }), folder: createArchiveFolder({ directory: to }), say };
    const { found, removed, bytes, files } = await archive(parts, { olderThanMs: days * DAY_MS, apply });
    process.stdout.write(
      apply
        ? `${removed} stock movements archived: ${bytes} bytes in ${files} files in ${to}\n`
        : `${found} stock movements would be archived (of those that have been added up so far); --apply does it\n`,
    );
  } finally {
    await db.destroy();
  }
}
