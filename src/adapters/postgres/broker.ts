// How far the feed was published to a broker. What must stay true: the place moves only over what was confirmed, and only by whoever
// publishes now; another that was taken for dead moves nothing.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { BrokerWork, FeedEvent } from '../../ports/broker.ts';
import { inTransaction, type Database } from './database.ts';
import { createEventLog } from './events.ts';
import { lastGivenPosition } from './restore.ts';

export function createBrokerWork({ db, exchange }: { db: Database; exchange: string }): BrokerWork {
  const log = createEventLog({ db });
  return {
    begin: async ({ after }) => {
      await sql`
        insert into event_publishers (exchange, fed_to) values (${exchange}, coalesce(${after}::bigint, ${lastGivenPosition}))
        on conflict do nothing`.execute(db);
    },

    countWaiting: async () => {
      const { rows } = await sql<{ waiting: number }>`
        select greatest(0, ${lastGivenPosition} - fed_to) as waiting from event_publishers where exchange = ${exchange}`.execute(
        db,
      );
      return rows[0]?.waiting ?? 0;
    },

    claim: async ({ limit, leaseMs }) => {
      const claim = randomUUID();
      const claimed = await inTransaction(db, async (tx) => {
        const { rows } = await sql<{ after: number; last: number }>`
          update event_publishers set claim = ${claim}, held_until = clock_timestamp() + ${leaseMs} * interval '1 millisecond'
          where exchange = ${exchange} and fed_to < ${lastGivenPosition} and (held_until is null or held_until <= clock_timestamp())
          returning fed_to as after, ${lastGivenPosition} as last`.execute(tx);
        return rows[0] ?? null;
      });
      if (!claimed) return null;
      // Behind the claim: nothing can appear between the place and the first of them, positions are given in order.
      const found = await log.follow({ after: claimed.after, limit });
      return { claim, ...claimed, events: found.map(toFeedEvent) };
    },

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
