// How many orders stand where. What must stay true: each count reads one index, and no further than its limit, however many orders there are.
import { sql, type RawBuilder } from 'kysely';
import { OrderStatus, waitingFor } from '../../domain/order.ts';
import type { OrderCounting, OrderCounts } from '../../ports/order-counts.ts';
import type { Database } from './database.ts';
import { sinceOf } from './parked-steps.ts';

/** Beyond that it does not matter to a person how many more there are. */
const AT_MOST = 10_000;

export const createOrderCounting = ({ db }: { db: Database }): OrderCounting => ({
  count: async ({ tenant }) => {
    const { rows } = await countQuery({ tenant }).execute(db);
    const [row] = rows;
    if (!row) throw new Error('Expected one row of counts; found none');
    return { atMost: AT_MOST, ...row };
  },
});

/** By itself, so that a test can look at its plan. */
export const countQuery = ({ tenant }: { tenant: string }) => sql<Omit<OrderCounts, 'atMost'>>`
  select ${byName(statuses, (status) => sql`tenant = ${tenant} and status = ${status}`)} as statuses,
    ${byName(waitingFor, (whom) => sql`tenant = ${tenant} and waiting is not null and waiting ->> 'for' = ${whom}`)} as waiting,
    ${countOf(sql`tenant = ${tenant} and attention is not null`)} as parked, (
    select coalesce(json_agg(json_build_object('step', step, 'count', count, 'oldestSince', ${sinceOf('grouped')}) order by since), '[]')
    from (
      select step, count(*)::int as count, min(since) as since
      from (
        select step, since from parked_steps where tenant = ${tenant} and closed_at is null order by since, id limit ${AT_MOST}
      ) open group by step
    ) grouped
  ) as "parkedSteps"`;

const statuses = Object.values(OrderStatus);

/** Each name in a query of its own: of a list of names nobody can plan for the one that few orders have, and all are read for it. */
const byName = (names: readonly string[], condition: (name: string) => RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`json_build_object(${sql.join(names.flatMap((name) => [sql`${name}::text`, countOf(condition(name))]))})`;

/** In the order of its index, so that it is that which is read. */
const countOf = (condition: RawBuilder<unknown>): RawBuilder<number> => sql`(
  select count(*)::int
  from (select 1 from orders where ${condition} order by placed_at desc, id desc limit ${AT_MOST}) counted)`;
