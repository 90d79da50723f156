// What the provider and our books say of a dispute, and what it means when they do not agree.
import { describe, expect, test } from '@jest/globals';
import type { DisputeFacts } from '../../src/domain/dispute-drifts.ts';
import type { DriftName, Remedy } from '../../src/domain/drift.ts';
import { driftOf } from '../../src/domain/reconciliation.ts';

type Expected = `${DriftName} → ${Remedy}` | null;
type Case = [what: string, facts: DisputeFacts, expected: Expected];

const withdrawn = { movementId: 'txn_1', amountMinor: -1_000, currency: 'EUR' };
const reinstated = { movementId: 'txn_2', amountMinor: 1_000, currency: 'EUR' };
const open = { state: 'open', movements: [withdrawn] } as const;
const won = { state: 'won', movements: [withdrawn, reinstated] } as const;
const lost = { state: 'lost', movements: [withdrawn] } as const;
const inquiry = { state: 'open', movements: [] } as const;
const dispute = (facts: Partial<DisputeFacts>): DisputeFacts => ({
  kind: 'dispute',
  disputeId: 'du_1',
  found: open,
  record: { state: 'open' },
  ledger: [withdrawn],
  hasOrder: true,
  ...facts,
});
const unknown = { record: null, ledger: [] } as const;

describe('a dispute', () => {
  test.each<Case>([
    ['is in both books', dispute({}), null],
    ['is an inquiry in both books', dispute({ found: inquiry, ledger: [] }), null],
    ['was won in both books', dispute({ found: won, record: { state: 'won' }, ledger: [withdrawn, reinstated] }), null],
    ['is of nothing of ours', dispute({ ...unknown, hasOrder: false }), null],
    ['is nowhere', dispute({ ...unknown, found: null }), null],
    ['is unknown to us', dispute(unknown), 'dispute-unknown → follow'],
    ['was won unknown to us', dispute({ ...unknown, found: won }), 'dispute-unknown → follow'],
    ['is an inquiry that we do not know', dispute({ ...unknown, found: inquiry }), 'dispute-unknown → follow'],
    ['was won since', dispute({ found: won }), 'dispute-unknown → follow'],
    ['was lost since', dispute({ found: lost }), 'dispute-unknown → follow'],
    [
      'was an inquiry that was closed since',
      dispute({ found: { ...inquiry, state: 'won' }, ledger: [] }),
      'dispute-unknown → follow',
    ],
    ['was an inquiry that took money since', dispute({ ledger: [] }), 'dispute-unknown → follow'],
    [
      'was won, and its money came back since',
      dispute({ found: won, record: { state: 'won' } }),
      'dispute-unknown → follow',
    ],
    [
      'was lost, and a part came back since',
      dispute({ found: { ...lost, movements: won.movements }, record: { state: 'lost' } }),
      'dispute-unknown → follow',
    ],
    ['was lost, and then won', dispute({ found: won, record: { state: 'lost' } }), 'dispute-unknown → follow'],
    ['is decided, and looked open to a look that came late', dispute({ record: { state: 'lost' } }), null],
    ['is in ours alone', dispute({ found: null }), 'dispute-missing → park'],
    ['is an inquiry in ours alone', dispute({ found: null, ledger: [] }), 'dispute-missing → park'],
    ['has moved in ours alone', dispute({ ledger: [withdrawn, reinstated] }), 'dispute-missing → park'],
    [
      'has moved in ours alone, and is news otherwise',
      dispute({ found: lost, ledger: [withdrawn, reinstated] }),
      'dispute-missing → park',
    ],
    ['has moved another amount', dispute({ ledger: [{ ...withdrawn, amountMinor: -900 }] }), 'payment-differs → park'],
    [
      'has moved in another currency',
      dispute({ ledger: [{ ...withdrawn, currency: 'USD' }] }),
      'payment-differs → park',
    ],
    ['can not be read', dispute({ ...unknown, found: { unclear: 'a status' } }), 'dispute-unknown → park'],
    [
      'can not be read, and is not ours',
      dispute({ ...unknown, found: { unclear: 'a status' }, hasOrder: false }),
      null,
    ],
  ])('%s', (_what, facts, expected) => {
    const drift = driftOf(facts);
    expect(drift && `${drift.name} → ${drift.remedy}`).toBe(expected);
  });
});
