// What a part of /health that fails means, and what helps. Parts stand on each other: what fails only because another is away is not told
// as a fault of its own.
export type Finding = {
  check: string;
  state: 'ok' | 'wrong' | 'not asked';
  /** What was found. */
  found: string;
  /** What to do about it; null where nothing has to be done. */
  help: string | null;
};

export type Parts = Readonly<Record<string, { state: 'ok' | 'failing'; since: string; detail?: string }>>;

const advices: Record<string, string> = {
  database: 'Is PostgreSQL running, and does DATABASE_URL of the api name it?',
  migrations:
    'Run the migrations of this version: node dist/adapters/postgres/migrate-main.js with DATABASE_URL (npm start does it).',
  temporal:
    'Is Temporal running, and does TEMPORAL_ADDRESS of the api name it? Orders are accepted meanwhile, and wait.',
  workers: 'Start a worker: node dist/workers/main.js with the settings of .env.example; look at its log if one runs.',
  'search-attributes': 'Run the command that it names; without them every order stands still.',
  provider:
    'The payment provider is ill or away: orders wait, and go on by themselves. GET /health/providers says more.',
  launcher: 'Accepted orders are not started: look at the log of the api.',
  sequencer: 'Events are not numbered: look at the log of the api. Is the disk of the database full?',
  restore: 'The database is behind the world: npm run recover (docs/operations.md, restored from a backup).',
  payloads: 'PAYLOAD_KEYS lacks a key that is in use (docs/operations.md, payloads that are encrypted).',
  reconciliation: 'orders reconcile compares the books now, and says why it can not.',
};

/** On which part each one stands. */
const basis: Record<string, string> = {
  migrations: 'database',
  provider: 'database',
  launcher: 'database',
  sequencer: 'database',
  reconciliation: 'database',
  workers: 'temporal',
  'search-attributes': 'temporal',
  restore: 'database',
};

/** A finding for each part. */
export function findingsOf(parts: Parts): Finding[] {
  return Object.entries(parts).map(([name, { state, since, detail }]) => {
    if (state === 'ok') return { check: name, state: 'ok', found: detail ?? 'well', help: null };
    const below = basis[name];
    if (below !== undefined && parts[below]?.state === 'failing')
      return { check: name, state: 'not asked', found: `can not be known while ${below} is away`, help: null };
    const help = advices[name] ?? 'Look at the log of the api.';
    return { check: name, state: 'wrong', found: `${detail ?? 'it fails'} (since ${since})`, help };
  });
}
