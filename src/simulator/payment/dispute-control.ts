// Disputes on demand: a person who tries it out (or a test) plays the holder of the card, and the bank that decides.
import type { Router } from 'express';
import type { Commit } from './commit.ts';
import { decideDispute, openDispute, type Changed } from './disputes.ts';
import { eventsOf } from './events.ts';
import { NotAFault } from './faults.ts';
import type { Dispute, JournalItem, State } from './state.ts';

type Dependencies = { state: State; commit: Commit };

const DISPUTE_FIELDS = ['amount', 'reason', 'inquiry', 'silent'];
const outcomes = ['won', 'lost', 'chargeback'] as const;

export function disputeRoutes(router: Router, dependencies: Dependencies): void {
  const { state } = dependencies;
  router.post('/payment_intents/:id/dispute', async (req, res) => {
    const { amount, reason = 'fraudulent', inquiry = false, silent = false, ...others } = fieldsOf(req.body);
    const isAmount = amount === undefined || (Number.isInteger(amount) && Number(amount) > 0);
    const areFlags = typeof inquiry === 'boolean' && typeof silent === 'boolean';
    if (!isAmount || typeof reason !== 'string' || !areFlags || Object.keys(others).length > 0)
      throw new NotAFault(`expected {${DISPUTE_FIELDS.join(', ')}}, all of them optional`);
    const opening = { amount: amount === undefined ? undefined : Number(amount), reason, inquiry };
    res.status(201).json(await record(dependencies, 'dispute', openDispute(state, req.params.id, opening), silent));
  });
  router.post('/disputes/:id/decide', async (req, res) => {
    const { outcome, reinstated = 0, silent = false, ...others } = fieldsOf(req.body);
    const known = outcomes.find((candidate) => candidate === outcome);
    const isPart = Number.isInteger(reinstated) && Number(reinstated) >= 0;
    if (!known || !isPart || typeof silent !== 'boolean' || Object.keys(others).length > 0)
      throw new NotAFault(
        `expected {outcome: ${outcomes.join('|')}, reinstated?: a part that comes back when lost, silent?}`,
      );
    const decided = decideDispute(state, req.params.id, known, Number(reinstated));
    res.json(await record(dependencies, 'decide_dispute', decided, silent));
  });
}

/** What happened to a dispute without a request of Stripe's API, with its events (silent: nobody is told) and its line in the journal. */
async function record(
  { state, commit }: Dependencies,
  operation: string,
  changed: Changed,
  silent: boolean,
): Promise<Dispute> {
  const { dispute } = changed;
  const changes = { disputes: [dispute] };
  await commit({
    ...changes,
    events: silent ? [] : eventsOf(state, changes, null),
    journal: [disputeItem(state, operation, changed)],
  });
  return dispute;
}

/** The line of the journal for what happened to a dispute. */
export const disputeItem = (
  state: State,
  operation: string,
  { dispute, effect, amountMinor }: Changed,
): JournalItem => ({
  operation,
  effect,
  amountMinor,
  paymentIntentId: dispute.payment_intent,
  disputeId: dispute.id,
  orderId: state.intents.get(dispute.payment_intent)?.metadata['orderId'] ?? null,
  idempotencyKey: null,
  replayed: false,
  fault: null,
  at: new Date().toISOString(),
});

const fieldsOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
