// What must hold of every event that was written: it says what was published of its type, and its causes lead to the command that placed its
// order. Beside the rules of invariants.ts, and asserted wherever they are; the tests ask it of every database that they leave.
import { flawsOf } from '../events/flaws.ts';
import type { Violation } from './invariants.ts';

type Query = <T>(query: string) => Promise<readonly T[]>;
type Told = { orderId: string; eventType: string; eventVersion: number; data: unknown };

/** By the name of the rule, what breaks it. */
export async function checkEvents(query: Query): Promise<Record<string, Violation[]>> {
  // What is said several times is looked at once.
  const told = await query<Told>(`
    select min(order_id) as "orderId", event_type as "eventType", event_version as "eventVersion", data
    from events group by event_type, event_version, data`);
  const flawed = told.map(({ orderId, ...event }) => ({ orderId, ...event, flaws: flawsOf(event) }));
  return {
    'every event says what was published of its type': flawed.filter(({ flaws }) => flaws.length > 0),
    'the causes of an order’s events lead to the command that placed it': [...(await query<Violation>(apart))],
  };
}

/** As an event is only caused by an earlier one, together they are a tree. A command that came later hangs below the placing. */
const apart = `
  select e.order_id as "orderId", e.sequence, e.event_type as "eventType", e.causation_id as "causationId" from events e
  where case
    when e.sequence = 1 then e.event_type <> 'order.placed' or e.causation_id is distinct from 'command:place:' || e.order_id
    else e.causation_id is null or (e.causation_id not like 'command:%' and not exists (
      select 1 from events c where c.order_id = e.order_id and c.event_id = e.causation_id and c.sequence < e.sequence)) end`;
