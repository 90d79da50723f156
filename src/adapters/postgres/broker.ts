// How far the feed was published to a broker. What must stay true: the place moves only over what was confirmed, and only by whoever
// publishes now; another that was taken for dead moves nothing.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { BrokerWork, FeedEvent } from '../../ports/broker.ts';
import { inTransaction, type Database } from './database.ts';
import { followEvents } from './events.ts';
import { lastGivenPosition } from './restore.ts';

export function createBrokerWork({ db, exchange }: { db: Database; exchange: string }): BrokerWork {
  return {
    // A number beyond the end would hold back everything up to it, for ever. `least` leaves nulls out.
    begin: async ({ after }) => {
      await sql`
        insert into event_publishers (exchange, fed_to) values (${exchange}, least(${after}::bigint, ${lastGivenPosition}))
        on conflict do nothing`.execute(db);
    },

    read: async () => {
      const { rows } = await sql<{ fedTo: number; last: number; isDeclared: boolean }>`
        select fed_to as "fedTo", ${lastGivenPosition} as last, declared_at is not null as "isDeclared"
        from event_publishers where exchange = ${exchange}`.execute(db);
      const [row] = rows;
      if (!row)
        throw new Error(`Expected a place in the feed for the exchange ${exchange}; found none. A restart makes it`);
      const { fedTo, last, isDeclared } = row;
      if (fedTo > last)
        throw new Error(
          `Expected the place of the exchange ${exchange} within the feed, which ends at ${last}; found ${fedTo}`,
        );
      return { waiting: last - fedTo, isDeclared };
    },

    markDeclared: async () => {
      await sql`
        update event_publishers set declared_at = clock_timestamp()
        where exchange = ${exchange} and declared_at is null`.execute(db);
    },

    // With its events in one transaction: a claim whose events could not be read would hold everybody up until its time is over.
    claim: ({ limit, leaseMs }) =>
      inTransaction(db, async (tx) => {
        const claim = randomUUID();
        const { rows } = await sql<{ after: number; last: number }>`
          update event_publishers set claim = ${claim}, held_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
          where exchange = ${exchange} and fed_to < ${lastGivenPosition} and (held_until is null or held_until <= clock_timestamp())
          returning fed_to as after, ${lastGivenPosition} as last`.execute(tx);
        const [claimed] = rows;
        if (!claimed) return null;
        // Nothing can appear between the place and the first of them, positions are given in order.
        const found = await followEvents(tx, { after: claimed.after, limit });
        return { claim, ...claimed, events: await withTraces(tx, found.map(toFeedEvent)) };
      }),

    settle: ({ claim, through }) =>
      inTransaction(db, async (tx) => {
        await sql`
          update event_publishers set fed_to = greatest(fed_to, ${through}), claim = null, held_until = null, updated_at = clock_timestamp()
          where exchange = ${exchange} and claim = ${claim}`.execute(tx);
      }),
  };
}

function toFeedEvent({ tenant, event }: Pick<FeedEvent, 'tenant' | 'event'>): FeedEvent {
  if (event.position === null)
    throw new Error(`Expected event ${event.eventId} of the feed to have a position; found none`);
  return { tenant, event, orderId: event.orderId, position: event.position };
}

async function withTraces(db: Database, events: readonly FeedEvent[]): Promise<FeedEvent[]> {
  const orderIds = [...new Set(events.map(({ orderId }) => orderId))];
  const { rows } = await sql<{ id: string; traceparent: string }>`
    select id, traceparent from orders where id = any(${orderIds}::text[]) and traceparent is not null`.execute(db);
  const traces = new Map(rows.map(({ id, traceparent }) => [id, traceparent]));
  return events.map((event) => ({ ...event, traceparent: traces.get(event.orderId) ?? null }));
}
