// Events, read and numbered. What must stay true: positions are dense (a recovery leaves one gap), an order's follow its
// sequences, and nothing ever appears behind a reader's back.
import { sql, type RawBuilder } from 'kysely';
import type { EventEnvelope, EventType } from '../../contracts/events.ts';
import { upcast } from '../../events/upcast.ts';
import type { EventLog } from '../../ports/events.ts';
import { inTransaction, toInstant, transactionsSoFar, type Database, type Tx } from './database.ts';
import { lastGivenPosition } from './restore.ts';

// Any number, as long as nobody else uses it: the name of the sequencer among PostgreSQL's advisory locks.
const SEQUENCER_LOCK = 7_210_001;

type EventRow = Omit<EventEnvelope, 'metadata'> & { correlationId: string; causationId: string | null };

export const createEventLog = ({ db }: { db: Database }): EventLog => ({
  ofOrder: async ({ orderId, afterSequence, limit }) => {
    const { rows } = await sql<EventRow>`
      ${events} where order_id = ${orderId} and sequence > ${afterSequence} order by sequence limit ${limit}`.execute(
      db,
    );
    return rows.map(toEnvelope);
  },

  feed: async ({ tenant, after, types, limit }) => {
    if (types?.length === 0) return { items: [], scannedTo: after };
    const { rows } = await sql<EventRow>`
      ${events} where ${types ? isNextOf(types, { tenant, after, limit }) : sql`position > ${after} and tenant = ${tenant}`}
      order by position limit ${limit}`.execute(db);
    const items = rows.map(toEnvelope);
    return { items, scannedTo: items.at(-1)?.position ?? after };
  },

  follow: (request) => followEvents(db, request),

  lastPosition: async () => {
    const { rows } = await sql<{ last: number }>`select ${lastGivenPosition} as last`.execute(db);
    return rows[0]?.last ?? 0;
  },

  // Asked twenty times a second by a process that writes: where there is nothing, no transaction is begun.
  assignPositions: async ({ limit }) =>
    (await hasUnnumbered(db)) ? inTransaction(db, (tx) => assignPositions(tx, limit)) : 0,
  transactions: transactionsSoFar,
});

/**
 * Type by type: of several at once the planner reads either all that there are of them, to sort them, or all events between those that are
 * rare. Either is more with every order. Each is named in a query of its own: of a name that it is told later it can not know that it is rare.
 */
function isNextOf(
  types: readonly EventType[],
  { tenant, after, limit }: { tenant: string; after: number; limit: number },
): RawBuilder<unknown> {
  const ofEach = [...new Set(types)].map(
    (type) => sql`(
      select position from events
      where tenant = ${tenant} and event_type = ${type} and position > ${after} order by position limit ${limit})`,
  );
  return sql`position = any(array(
    select position from (${sql.join(ofEach, sql` union all `)}) next order by position limit ${limit}))`;
}

const eventsAnd = (more: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  select event_id as "eventId", event_type as "eventType", event_version as "eventVersion", "timestamp", source,
         order_id as "orderId", sequence, position, data, correlation_id as "correlationId", causation_id as "causationId"${more}
  from events`;
const events = eventsAnd(sql``);

/** Everybody's events after a position. */
export async function followEvents(
  db: Database | Tx,
  { after, limit }: { after: number; limit: number },
): Promise<{ tenant: string; event: EventEnvelope }[]> {
  const { rows } = await sql<EventRow & { tenant: string }>`
    ${eventsAnd(sql`, tenant`)} where position > ${after} order by position limit ${limit}`.execute(db);
  return rows.map(({ tenant, ...row }) => ({ tenant, event: toEnvelope(row) }));
}

/** By their ids. */
export async function readEvents(db: Database | Tx, eventIds: readonly string[]): Promise<Map<string, EventEnvelope>> {
  const { rows } = await sql<EventRow>`${events} where event_id = any(${[...eventIds]}::text[])`.execute(db);
  return new Map(rows.map((row) => [row.eventId, toEnvelope(row)]));
}

async function hasUnnumbered(db: Database): Promise<boolean> {
  const { rows } = await sql`select 1 from events where position is null limit 1`.execute(db);
  return rows.length > 0;
}

async function assignPositions(tx: Tx, limit: number): Promise<number> {
  const { rows: locked } = await sql<{ mine: boolean }>`
    select pg_try_advisory_xact_lock(${SEQUENCER_LOCK}) as mine`.execute(tx);
  if (!locked[0]?.mine) return 0;
  // A statement of its own, begun after the lock was had: its snapshot sees what the last sequencer numbered. `id` follows
  // `sequence` within an order, and whoever sees an order's later event sees the earlier ones too (its row was locked).
  const { rows } = await sql`
    with last as (
      select ${lastGivenPosition} as position
    ), unnumbered as (
      select id, row_number() over (order by id) as place
      from (select id from events where position is null order by id limit ${limit}) as pending
    )
    update events set position = last.position + unnumbered.place
    from last, unnumbered where events.id = unnumbered.id returning events.id`.execute(tx);
  return rows.length;
}

function toEnvelope({ correlationId, causationId, ...row }: EventRow): EventEnvelope {
  return upcast({ ...row, timestamp: toInstant(row.timestamp), metadata: { correlationId, causationId } });
}
