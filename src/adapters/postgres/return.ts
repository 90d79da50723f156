// The door for returns. What must stay true: what is asked for is measured against the order's row while it is locked, so that together
// they never bring more than was shipped; and whoever decides leaves news for the return's workflow in the same commit.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import type { ReturnRef } from '../../contracts/return-order.ts';
import { isKept } from '../../domain/order.ts';
import { MAX_RETURNS, planReturn, type ReturnLine } from '../../domain/return.ts';
import type { Cause } from '../../events/causes.ts';
import type { Return } from '../../ports/order.ts';
import type { DecideReturn, RequestReturn, ReturnNotAccepted, Returns } from '../../ports/return.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { acceptOnce, orRefusal, Refused } from './keyed.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { nextNumber } from './order-numbers.ts';
import { leaveNews } from './return-marks.ts';
import { listReturns } from './return-reading.ts';
import { receiveReturn } from './return-receipt.ts';
import { findReturn, findReturnable, type StandingRow } from './return-rows.ts';

const refuse = (why: ReturnNotAccepted): Refused<ReturnNotAccepted> => new Refused(why);

export const createReturns = ({ db }: { db: Database }): Returns => ({
  request: (request, answerFor) =>
    acceptOnce<ReturnNotAccepted>(db, request, async (tx) => {
      const order = await lockOwn(tx, request);
      const number = await insertReturn(tx, order, request);
      return answerFor(await readBack(tx, { orderId: order.id, number }));
    }),

  decide: (request) => orRefusal(() => inTransaction(db, async (tx) => ({ decided: await decide(tx, request) }))),

  receive: (request, answerFor) =>
    acceptOnce<ReturnNotAccepted>(db, request, async (tx) => {
      const order = await lockOwn(tx, request);
      const { status } = await findOwn(tx, request);
      if (status !== 'approved') throw refuse({ refused: 'standing', status });
      const refused = await receiveReturn(tx, order, request);
      if (refused) throw refuse(refused);
      await leaveNews(tx, request);
      return answerFor(await readBack(tx, request));
    }),

  list: async ({ tenant, orderId }) => {
    const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(db);
    return rows.length === 0 ? null : listReturns(db, orderId);
  },
});

async function lockOwn(tx: Tx, { tenant, orderId }: { tenant: string; orderId: string }): Promise<LockedOrder> {
  const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(tx);
  if (rows.length === 0) throw refuse({ refused: 'unknown' });
  return lockOrder(tx, orderId);
}

async function findOwn(tx: Tx, ref: ReturnRef): Promise<StandingRow> {
  const standing = await findReturn(tx, ref);
  if (!standing) throw refuse({ refused: 'absent' });
  return standing;
}

async function readBack(tx: Tx, { orderId, number }: ReturnRef): Promise<Return> {
  const found = (await listReturns(tx, orderId)).find((one) => one.number === number);
  if (!found) throw new Error(`Expected to read back return ${number} of order ${orderId}; found none`);
  return found;
}

async function insertReturn(tx: Tx, order: LockedOrder, request: RequestReturn): Promise<number> {
  const { id: orderId, tenant, status } = order;
  if (!isKept(order)) throw refuse({ refused: 'status', status });
  const { rows: known } = await sql<{ count: number }>`
    select count(*)::int as count from returns where order_id = ${orderId}`.execute(tx);
  if ((known[0]?.count ?? 0) >= MAX_RETURNS) throw refuse({ refused: 'too-many', atMost: MAX_RETURNS });
  const plan = planReturn(request.items, await findReturnable(tx, order));
  if ('refused' in plan) throw refuse(plan);
  const { wish, reason, actor } = request;
  const { rows } = await sql<{ number: number }>`
    insert into returns (order_id, number, tenant, wish, reason, actor)
    select ${orderId}, ${nextNumber('returns', orderId)}, ${tenant}, ${wish}, ${reason}, ${actor}
    returning number`.execute(tx);
  const number = rows[0]?.number;
  if (number === undefined) throw new Error(`Expected a number for a return of order ${orderId}; found none`);
  await insertLines(tx, { orderId, number }, plan.lines);
  const data = { number, wish, reason, actor, items: plan.lines };
  await recordChange(tx, { orderId, type: EventType.returnRequested, data });
  return number;
}

async function insertLines(tx: Tx, { orderId, number }: ReturnRef, lines: readonly ReturnLine[]): Promise<void> {
  await sql`
    insert into return_lines (order_id, number, sku, quantity, reason)
    select ${orderId}, ${number}, sku, quantity, reason
    from jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) as l (sku text, quantity integer, reason text)`.execute(
    tx,
  );
}

async function decide(tx: Tx, request: DecideReturn): Promise<Return> {
  await lockOwn(tx, request);
  const { status } = await findOwn(tx, request);
  if (status === 'requested') await writeDecision(tx, request);
  else if (!stands(status, request.decision)) throw refuse({ refused: 'standing', status });
  return readBack(tx, request);
}

/** Decided so before, whatever has become of it since. */
const stands = (status: StandingRow['status'], decision: DecideReturn['decision']): boolean =>
  (status === 'rejected') === (decision === 'reject');

async function writeDecision(
  tx: Tx,
  { orderId, number, decision, actor, reason }: Omit<DecideReturn, 'tenant'>,
): Promise<void> {
  await decideRequested(tx, {
    orderId,
    number,
    actor,
    reason,
    status: decision === 'approve' ? 'approved' : 'rejected',
  });
  await leaveNews(tx, { orderId, number });
}

/** Of a return that nobody has decided about; its order is locked. */
export async function decideRequested(
  tx: Tx,
  decision: ReturnRef & { actor: string; reason: string; status: 'approved' | 'rejected'; cause?: Cause },
): Promise<void> {
  const { orderId, number, actor, reason, status, cause } = decision;
  const { rows } = await sql`
    update returns
    set status = ${status}, decision = ${JSON.stringify({ actor, reason })}::jsonb, decided_at = clock_timestamp(),
        closed_at = case when ${status === 'rejected'} then clock_timestamp() end, wait_until = null, delayed_at = null
    where order_id = ${orderId} and number = ${number} and status = 'requested' returning number`.execute(tx);
  if (rows.length !== 1) throw new Error(`Expected return ${number} of order ${orderId} to wait for an answer`);
  const type = status === 'approved' ? EventType.returnApproved : EventType.returnRejected;
  await recordChange(tx, { orderId, type, data: { number, actor, reason }, ...(cause ? { cause } : {}) });
}
