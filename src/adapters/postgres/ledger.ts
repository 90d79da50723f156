// The ledger: what moved, for ever. What must stay true: a row is written once per object of the provider and kind, by whoever
// learns of it first; the caller holds the order's row.
import { sql } from 'kysely';
import type { Tx } from './database.ts';

type Movement = {
  tenant: string;
  orderId: string;
  ordinal: number;
  kind: 'captured' | 'refunded' | 'disputed' | 'reinstated';
  providerObject: string;
  /** Positive when money came to us, negative when it went away. */
  amountMinor: number;
  currency: string;
  /** Of which dispute it is, where it is of one. */
  disputeId?: string;
};

/** False when the fact is in the ledger already. */
export async function enterLedger(tx: Tx, entry: Movement): Promise<boolean> {
  const { rows } = await sql`
    insert into ledger (tenant, order_id, ordinal, kind, provider_object, amount_minor, currency, dispute_id)
    values (${entry.tenant}, ${entry.orderId}, ${entry.ordinal}, ${entry.kind}, ${entry.providerObject},
            ${entry.amountMinor}, ${entry.currency}, ${entry.disputeId ?? null})
    on conflict (provider_object, kind) do nothing returning id`.execute(tx);
  return rows.length > 0;
}
