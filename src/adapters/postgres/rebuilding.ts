// A lost order, written once more as it was placed. What must stay true: the client's key leads to this order again, and a
// repeat of its request gets the answer that it was given first.
import { sql } from 'kysely';
import { plainTotals } from '../../domain/totals.ts';
import type { Rebuilding, RecoveryRecords } from '../../ports/recovery.ts';
import { insertOrder } from './acceptance.ts';
import type { Tx } from './database.ts';
import { restoreExchange } from './exchange.ts';
import { claimKey, findKey, promiseAnswer, recordAnswer } from './idempotency.ts';
import { findOrder } from './order-reading.ts';

type Request = Parameters<RecoveryRecords['rebuild']>[0];
type Render = Parameters<RecoveryRecords['rebuild']>[1];

export async function rebuildOrder(tx: Tx, request: Request, render: Render): Promise<Rebuilding> {
  const { recoveryId, orderId, currency, totalMinor, record } = request;
  const { tenant, idempotencyKey, lines, placedAt, recordedAt, totals = plainTotals(totalMinor) } = record;
  const isClaimed = await claimKey(tx, { ...record, orderId });
  // Neither is known: what stands here instead says nothing, and the order says in its event what was left out.
  const unknown = { shipping: null, metadata: {}, onShortage: 'reject', capture: 'at-confirm' } as const;
  await insertOrder(tx, orderId, { ...record, ...unknown }, { currency, totalMinor, totals, lines });
  if (record.exchangeOf) await restoreExchange(tx, orderId, record.exchangeOf);
  await sql`
    update orders set ships = ${record.omitted.includes('shipping')}, on_shortage = ${record.onShortage ?? 'reject'},
      capture = ${record.capture ?? 'at-confirm'}, placed_at = ${placedAt}, updated_at = ${recordedAt}, recovery_id = ${recoveryId}
    where id = ${orderId}`.execute(tx);
  if (!isClaimed) {
    const keyTakenBy = (await findKey(tx, { tenant, idempotencyKey }))?.orderId ?? null;
    const doubt = `Its client has placed ${keyTakenBy ?? 'something else'} with the same key since the database was restored: is one of the two too many?`;
    await sql`update orders set doubt = ${doubt} where id = ${orderId}`.execute(tx);
    return { keyTakenBy };
  }

  const key = { tenant, idempotencyKey };
  const order = await findOrder(tx, { tenant, orderId });
  if (!order) throw new Error(`Expected to read back order ${orderId}; found none`);
  if (record.answeredAtOnce) await recordAnswer(tx, key, render(order));
  // What the client was told when its wait was over is not known: the next repeat is told how the order stands then.
  else await promiseAnswer(tx, key, { withinMs: 0 });
  return { rebuilt: true };
}
