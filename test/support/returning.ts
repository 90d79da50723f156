// Sold orders of which something comes back, over a real database without Temporal.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createReturnRecords } from '../../src/adapters/postgres/return-work.ts';
import { createReturnMarks } from '../../src/adapters/postgres/return-marks.ts';
import { createReturns } from '../../src/adapters/postgres/return.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import type { Disposition } from '../../src/domain/return.ts';
import type { Return } from '../../src/ports/order.ts';
import type { AcceptingReturn, ReceiveReturn, RequestReturn } from '../../src/ports/return.ts';
import { startRefunding } from './refunding.ts';

export type Returning = Awaited<ReturnType<typeof startReturning>>;

export async function startReturning() {
  const shop = await startRefunding();
  const { db } = shop;
  const returns = createReturns({ db });
  const records = createReturnRecords({ db });
  const marks = createReturnMarks({ db });
  const shipments = createShipmentRecords({ db });

  /** A sold order that ships, all of it with the carrier unless said otherwise. */
  async function ship({ quantity = 1, isHandedOver = true } = {}): Promise<string> {
    const { orderId } = await shop.sell({ quantity, ships: true });
    const ref = { orderId, number: 1 };
    await shipments.plan({ orderId });
    await createPacking({ db }).pack({ ...ref, tenant: 'local', actor: 'packer' });
    const at = '2026-02-01T00:00:00.000Z';
    if (isHandedOver) await shipments.recordFacts({ ...ref, facts: [{ status: 'dispatched', at }] });
    return orderId;
  }

  const request = (orderId: string, quantity = 1, more: Partial<RequestReturn> = {}): Promise<AcceptingReturn> =>
    returns.request(
      {
        ...{ tenant: 'local', orderId, actor: 'customer-1', reason: 'too small', wish: 'refund' },
        ...{ items: [{ sku: 'book', quantity }], idempotencyKey: randomUUID(), requestHash: 'hash' },
        ...more,
      },
      (asked) => ({ status: 202, body: JSON.stringify(asked), location: null }),
    );
  const decide = (orderId: string, decision: 'approve' | 'reject' = 'approve', number = 1) =>
    returns.decide({ tenant: 'local', orderId, number, actor: 'operator-1', reason: 'within its time', decision });
  const receive = (
    orderId: string,
    came: Partial<Record<Disposition, number>> = { restock: 1 },
    more: Partial<ReceiveReturn> = {},
  ): Promise<AcceptingReturn> =>
    returns.receive(
      {
        ...{ tenant: 'local', orderId, number: 1, actor: 'packer-1', warehouse: null, reason: null },
        items: Object.entries(came).map(([disposition, quantity]) => ({
          ...{ sku: 'book', quantity, disposition: disposition as Disposition },
        })),
        ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
        ...more,
      },
      (received) => ({ status: 200, body: JSON.stringify(received), location: null }),
    );

  async function find(orderId: string, number = 1): Promise<Return> {
    const found = (await returns.list({ tenant: 'local', orderId }))?.find((one) => one.number === number);
    if (!found) throw new Error(`Expected return ${number} of ${orderId}; found none`);
    return found;
  }

  return {
    ...shop,
    ...{ returns, records, marks, ship, find },
    ask: request,
    decide,
    receive,
    /** A return that waits for its goods, of an order that ships nothing. */
    approved: async (quantity = 1): Promise<string> => {
      const { orderId } = await shop.sell({ quantity });
      askedIn(await request(orderId, quantity));
      await decide(orderId);
      return orderId;
    },
    onHand: async (warehouse = 'main'): Promise<number> => {
      const { rows } = await sql<{ onHand: number }>`
        select on_hand as "onHand" from stock where sku = 'book' and warehouse = ${warehouse}`.execute(db);
      return rows[0]?.onHand ?? 0;
    },
    /** Whether its workflow is to hear of something, at once. */
    hasNews: async (orderId: string): Promise<boolean> => {
      const { rows } = await sql<{ due: boolean }>`
        select has_news and launch_after <= clock_timestamp() as due from returns where order_id = ${orderId}`.execute(
        db,
      );
      return rows[0]?.due ?? false;
    },
  };
}

/** The return that was asked for, or received. */
export function askedIn(accepting: AcceptingReturn): Return {
  if (!('answer' in accepting)) throw new Error(`Expected a return; found ${JSON.stringify(accepting)}`);
  return JSON.parse(accepting.answer.body) as Return;
}
