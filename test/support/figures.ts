// What a scrape of an api shows of the rows, over a real database; Temporal is away.
import { sql } from 'kysely';
import { openDatabase, REQUEST_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { createFigures } from '../../src/adapters/postgres/figures.ts';
import { lockOrder, recordChange } from '../../src/adapters/postgres/order-change.ts';
import { createTally } from '../../src/adapters/postgres/tally.ts';
import { createFigureFamilies } from '../../src/api/figures.ts';
import type { EventType } from '../../src/contracts/events.ts';
import type { Figures } from '../../src/ports/figures.ts';
import { toText } from '../../src/runtime/metric-text.ts';
import { silent, stockProduct } from './database.ts';
import { testDatabase } from './servers.ts';

export async function openFigures(): Promise<{
  db: Database;
  /** `backlogLimit`: as an api has it; `figures`: in the place of some of the real ones. */
  scrape: (over?: { backlogLimit?: number; figures?: Partial<Figures> }) => Promise<string>;
  number: () => Promise<void>;
  count: () => Promise<void>;
  change: (orderId: string, type: EventType, data: object) => Promise<void>;
  setReachable: (reachable: boolean) => Promise<void>;
  close: () => Promise<void>;
}> {
  const database = await testDatabase();
  const settings = { connectionString: database.url, patience: REQUEST_PATIENCE, applicationName: 'test' };
  const db = openDatabase({ ...settings, poolSize: 10, logger: silent });
  await stockProduct(db, 'book', 1_000);
  const tally = createTally({ db });
  return {
    db,
    scrape: ({ backlogLimit = 100_000, figures = {} } = {}) =>
      createFigureFamilies({
        tally,
        figures: { ...createFigures({ db, backlogLimit }), ...figures },
        queues: { read: () => Promise.reject(new Error('Temporal is away')) },
      })().then(toText),
    number: async () => {
      while ((await createEventLog({ db }).assignPositions({ limit: 1_000 })) > 0);
    },
    count: async () => {
      while (await tally.count({ limit: 1_000 }));
    },
    change: async (orderId, type, data) => {
      await db.transaction().execute(async (tx) => {
        await lockOrder(tx, orderId);
        await recordChange(tx, { orderId, type, data } as never);
      });
    },
    setReachable: database.setReachable,
    close: async () => {
      await db.destroy();
      await database.close();
    },
  };
}

/** A comparison of the books that ended so long ago. */
export async function addComparison(
  db: Database,
  {
    endedAgo,
    failure = null,
    isTruncated = false,
  }: { endedAgo: string; failure?: string | null; isTruncated?: boolean },
): Promise<string> {
  const { rows } = await sql<{ id: string }>`
    insert into reconciliations (id, requested_by, workflow_id, accepted_at, until, finished_at, failure, truncated)
    select 'reconciliation_' || n, 'schedule', 'w' || n, at - interval '1 minute', at - interval '11 minutes', at, ${failure}::text, ${isTruncated}
    from (select now() - ${endedAgo}::interval as at, (select count(*) from reconciliations) as n) r
    returning id`.execute(db);
  return rows[0]?.id ?? '';
}
