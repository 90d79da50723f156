// Numbers of what is done beside an order (refunds, returns, amendments, captures). What must stay true: none is given twice, also not after a restored backup.
import { sql, type RawBuilder } from 'kysely';

// More than an order ever has of them. Temporal and the provider know those of a database that is lost by their numbers: one that is
// given again would be taken for done.
const NUMBERS_OF_AN_EPOCH = 1_000;

type Numbered = 'refunds' | 'returns' | 'amendments' | 'payment_captures';

/** One above the last; after each recovery of a restored database, above all that may have been given before it. */
export const nextNumber = (table: Numbered, orderId: string): RawBuilder<number> => sql`
  (select greatest(coalesce(max(t.number), 0), (max(e.epoch) - 1) * ${NUMBERS_OF_AN_EPOCH}::int) + 1
   from database_epoch e left join ${sql.table(table)} t on t.order_id = ${orderId})`;

/** The same for the tries of an order to be paid. */
export const nextOrdinal = (orderId: string): RawBuilder<number> => sql`
  (select greatest(max(p.ordinal), (max(e.epoch) - 1) * ${NUMBERS_OF_AN_EPOCH}::int) + 1
   from database_epoch e join payments p on p.order_id = ${orderId})`;
