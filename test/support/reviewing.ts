// Orders in review, in the rows: what the integration tests of reviews share.
import { sql } from 'kysely';
import type { Database } from '../../src/adapters/postgres/database.ts';
import { createInventory } from '../../src/adapters/postgres/inventory.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import type { ReviewRules, ReviewTimes } from '../../src/domain/review.ts';
import type { Reserving } from '../../src/ports/inventory.ts';
import type { Order } from '../../src/ports/order.ts';
import { acceptOrder } from './database.ts';

export const HOUR = 3_600_000;
export const none: ReviewRules = { aboveMinor: null, firstOrder: null, unitsAbove: null, velocity: null };
export const everyOrder: ReviewRules = { ...none, unitsAbove: 0 };
export const times: ReviewTimes = { escalateMs: HOUR, limitMs: 2 * HOUR, onExpiry: 'reject' };

export type Reviewing = ReturnType<typeof reviewing>;

/** On a database in which `book` is in the catalogue. */
export function reviewing(db: Database) {
  const reserve = (
    orderId: string,
    { rules = everyOrder, review = times }: { rules?: ReviewRules | null; review?: ReviewTimes } = {},
  ): Promise<Reserving> => createInventory({ db, reviewRules: rules }).reserve({ orderId, review });

  return {
    reserve,
    inReview: async (review: ReviewTimes = times): Promise<string> => {
      const orderId = await acceptOrder(db);
      if (!('review' in (await reserve(orderId, { review }))))
        throw new Error('Expected the order to wait for a review');
      return orderId;
    },
    find: async (orderId: string): Promise<Order> => {
      const order = await createOrderReading({ db }).find({ tenant: 'local', orderId });
      if (!order) throw new Error(`Expected order ${orderId}; found none`);
      return order;
    },
    eventsOf: async (orderId: string): Promise<string[]> => {
      const { rows } = await sql<{ type: string }>`
        select event_type as type from events where order_id = ${orderId} order by sequence`.execute(db);
      return rows.map(({ type }) => type);
    },
    /** As if so much time had passed. */
    pass: async (orderId: string, ms: number): Promise<void> => {
      const ago = sql`${ms} * interval '1 millisecond'`;
      await sql`
        update reviews set requested_at = requested_at - ${ago}, escalate_at = escalate_at - ${ago}, until = until - ${ago}
        where order_id = ${orderId}`.execute(db);
    },
  };
}
