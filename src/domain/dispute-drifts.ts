// A dispute at the provider beside our books: what it has moved must be in the ledger, and how it stands must be known.
import { drift, type Drift } from './drift.ts';

/** What a dispute has moved: withdrawn (negative) or reinstated (positive), by the provider's id of the movement. */
type Movement = { movementId: string; amountMinor: number; currency: string };
type DisputeState = 'open' | 'won' | 'lost';

export type DisputeFacts = {
  kind: 'dispute';
  disputeId: string;
  /** Null: the provider has none of this id. `unclear`: it says something of it that we can not read, and why. */
  found: { state: DisputeState; movements: readonly Movement[] } | { unclear: string } | null;
  /** How it stands in our books; null when they do not know it. */
  record: { state: DisputeState } | null;
  /** What of it is in our ledger. */
  ledger: readonly Movement[];
  /** Whether its payment is of an order of ours. */
  hasOrder: boolean;
};

/** Null also for a dispute that somebody else's payment has: an account may serve others too. */
export function driftOfDispute(dispute: DisputeFacts): Drift | null {
  const { disputeId, found, record, ledger, hasOrder } = dispute;
  if (!hasOrder) return null;
  if (!found)
    return record || ledger.length > 0
      ? drift('dispute-missing', 'park', `Our books have dispute ${disputeId}; the provider has not`)
      : null;
  if ('unclear' in found)
    return drift(
      'dispute-unknown',
      'park',
      `What the provider says of dispute ${disputeId} is unclear: ${found.unclear}`,
    );
  return contradictionOf(disputeId, found.movements, ledger) ?? newsOf(disputeId, found, { record, ledger });
}

/** Movements are never taken back nor changed: what our ledger has otherwise, nobody may guess about. */
function contradictionOf(disputeId: string, made: readonly Movement[], ledger: readonly Movement[]): Drift | null {
  for (const { movementId, amountMinor, currency } of ledger) {
    const same = made.find((movement) => movement.movementId === movementId);
    const ours = `Our ledger has ${amountMinor} ${currency} of dispute ${disputeId} (${movementId})`;
    if (!same) return drift('dispute-missing', 'park', `${ours}; the provider has not`);
    if (same.amountMinor !== amountMinor || same.currency !== currency)
      return drift('payment-differs', 'park', `${ours}; the provider has ${same.amountMinor} ${same.currency}`);
  }
  return null;
}

function newsOf(
  disputeId: string,
  found: { state: DisputeState; movements: readonly Movement[] },
  { record, ledger }: Pick<DisputeFacts, 'record' | 'ledger'>,
): Drift | null {
  const news = (what: string): Drift => drift('dispute-unknown', 'follow', what);
  if (!record) return news(`Dispute ${disputeId} is ${found.state} at the provider, and our books do not know it`);
  const known = new Set(ledger.map(({ movementId }) => movementId));
  const unknown = found.movements.find(({ movementId }) => !known.has(movementId));
  if (unknown)
    return news(
      `${unknown.amountMinor} ${unknown.currency} of dispute ${disputeId} (${unknown.movementId}) are not in our ledger`,
    );
  // What is decided does not turn open again in our books: a look that came late says so.
  if (found.state === 'open' || found.state === record.state) return null;
  return news(`Dispute ${disputeId} is ${found.state} at the provider; our books have it as ${record.state}`);
}
