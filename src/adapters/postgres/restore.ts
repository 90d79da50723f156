// Which life of the database this is, and whether it is known to be behind. What must stay true: an alarm is for the epoch that
// was looked at, so that it can not undo a recovery that ended meanwhile.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { DatabaseState, KnownOrder } from '../../domain/restore.ts';
import type { RestoreRecords } from '../../ports/restore.ts';
import { toInstant, type Database } from './database.ts';

export const createRestoreRecords = ({ db }: { db: Database }): RestoreRecords => ({
  read: async () => {
    const { rows } = await sql<{ epoch: number; position: number } & Alarm>`
      select epoch, ${lastGivenPosition} as position, behind_since as since, evidence,
             (extract(epoch from clock_timestamp() - behind_since) * 1000)::float8 as "forMs"
      from database_epoch`.execute(db);
    const [row] = rows;
    if (!row) throw new Error('Expected a row that says which epoch this database is in; found none');
    return { epoch: row.epoch, position: row.position, behind: behindOf(row) };
  },

  findKnown: async ({ orderIds }) => {
    const { rows } = await sql<KnownOrder>`
      select id as "orderId", closed_at is null as "isOpen", exists (
        select 1 from events where order_id = o.id
          and (event_type = any(${endings}::text[]) or (event_type = ${EventType.orderConfirmed} and not o.ships))
      ) as "toldItsEnd"
      from orders o where id = any(${[...orderIds]}::text[])`.execute(db);
    return rows;
  },

  raiseAlarm: async ({ epoch, evidence }) => {
    await sql`
      update database_epoch set behind_since = clock_timestamp(), evidence = ${evidence}
      where epoch = ${epoch} and behind_since is null`.execute(db);
  },
});

const endings: string[] = [EventType.orderDelivered, EventType.orderRejected, EventType.orderCancelled];

/** The highest position that was given, or that a recovery has put behind the feed. */
export const lastGivenPosition = sql`
  greatest((select coalesce(max(position), 0) from events), (select coalesce(max(feed_to), 0) from recoveries))`;

type Alarm = { since: string | null; evidence: string | null; forMs: number | null };

const behindOf = ({ since, evidence, forMs }: Alarm): DatabaseState['behind'] =>
  since === null || evidence === null || forMs === null ? null : { since: toInstant(since), evidence, forMs };
