// Does the checker see what goes wrong with disputes, and in the comparisons of the books? Each rule is shown a world in which it is
// broken.
import { describe, expect, test } from '@jest/globals';
import type { DisputeAtProvider, DisputeBooks, DisputedPayment } from '../../../src/verify/dispute-witness.ts';
import type { Comparison, Witnesses } from '../../../src/verify/witnesses.ts';
import { brokenIn, compared, healthy, lost, paid, took } from '../../support/healthy-witnesses.ts';

const atProvider = (changed: Partial<DisputeAtProvider>): Witnesses => ({
  ...healthy,
  disputes: { ...healthy.disputes, atProvider: [{ ...lost, movements: [took], ...changed }] },
});
const booksWith = (changed: Partial<DisputeBooks>): Witnesses => ({
  ...healthy,
  disputes: { ...healthy.disputes, books: { ...healthy.disputes.books, ...changed } },
});
const paymentWith = (changed: Partial<DisputedPayment>): Witnesses =>
  booksWith({ payments: [{ ...paid, ...changed }] });
const lastWith = (changed: Partial<Comparison>): Witnesses => ({
  ...healthy,
  lastComparison: { ...compared, ...changed },
});
const found = { name: 'payment-left-open', object: 'pi_1', found: 'still here' } as const;

const movements = 'every movement of a dispute is in the ledger once, as the provider made it, and no other';
const onRecord = 'every dispute is on record as it stands at the provider';
const inFront = 'a dispute that may cost an ended order money is in front of a person';
const overdrawn = 'refunds and disputes each take no more than was taken, and no more comes back than went';
const ended = 'every comparison of the books comes to its end';
const nothingAtLast = 'the last comparison of the books finds nothing';

const worlds: readonly (readonly [what: string, rule: string, world: Witnesses])[] = [
  ['money that a dispute took and the ledger does not know', movements, booksWith({ movements: [] })],
  [
    'a movement that the provider never made',
    movements,
    booksWith({
      movements: [...healthy.disputes.books.movements, { ...took, movementId: 'txn_2', disputeId: 'du_1' }],
    }),
  ],
  [
    'a movement of another amount',
    movements,
    booksWith({ movements: [{ ...took, amountMinor: -399, disputeId: 'du_1' }] }),
  ],
  [
    'a movement that is in the ledger twice',
    movements,
    booksWith({ movements: [...healthy.disputes.books.movements, ...healthy.disputes.books.movements] }),
  ],
  ['a dispute that nobody has recorded', onRecord, booksWith({ disputes: [] })],
  ['a dispute that stands otherwise at the provider', onRecord, atProvider({ status: 'won' })],
  ['an inquiry that is closed, and open with us', onRecord, atProvider({ status: 'warning_closed' })],
  ['a dispute of another payment', onRecord, atProvider({ paymentId: 'pi_2' })],
  [
    'a dispute that the provider does not know',
    onRecord,
    { ...healthy, disputes: { ...healthy.disputes, atProvider: [] } },
  ],
  ['a lost dispute that nobody has looked at', inFront, paymentWith({ isAcknowledged: false })],
  [
    'an open dispute of an ended order that nobody has looked at',
    inFront,
    {
      ...atProvider({ status: 'needs_response' }),
      ...{
        disputes: {
          atProvider: [{ ...lost, status: 'needs_response', movements: [took] }],
          books: { ...healthy.disputes.books, payments: [{ ...paid, leftMinor: 1_000, isAcknowledged: false }] },
        },
      },
    },
  ],
  ['more given back than was taken', overdrawn, paymentWith({ refundedMinor: 1_001 })],
  ['more disputed than was taken', overdrawn, paymentWith({ disputedMinor: 1_500, reinstatedMinor: 400 })],
  ['more reinstated than was disputed', overdrawn, paymentWith({ reinstatedMinor: 401 })],
  [
    'a comparison that failed',
    ended,
    { ...healthy, comparisons: [{ id: 'reconciliation_1', isOver: true, failure: 'away', did: {} }] },
  ],
  [
    'a comparison that is not over',
    ended,
    { ...healthy, comparisons: [{ id: 'reconciliation_1', isOver: false, failure: null, did: {} }] },
  ],
  [
    'a comparison whose workflow goes on',
    ended,
    {
      ...healthy,
      histories: [
        ...healthy.histories,
        { workflowId: 'reconciliation-2026-01-01T00:00:00Z', outcome: null, refused: null },
      ],
    },
  ],
  [
    'a last comparison that repairs something',
    nothingAtLast,
    lastWith({ drifts: [{ ...found, outcome: 'repaired' }] }),
  ],
  ['a last comparison that needs a person', nothingAtLast, lastWith({ drifts: [{ ...found, outcome: 'reported' }] })],
  ['a last comparison that is not over', nothingAtLast, lastWith({ state: 'running' })],
];

describe('the checker', () => {
  test.each(worlds)('sees %s', (_what, rule, world) => {
    expect(brokenIn(world)).toContain(rule);
  });

  test('asks nobody about a dispute that was won, of an open order, parked, or that left what the order may keep', () => {
    const won = {
      atProvider: [{ ...lost, status: 'won', movements: [took] }],
      books: {
        ...healthy.disputes.books,
        disputes: [{ disputeId: 'du_1', paymentId: 'pi_1', state: 'won' }],
        payments: [{ ...paid, isAcknowledged: false }],
      },
    };
    expect(brokenIn({ ...healthy, disputes: won })).toEqual([]);
    for (const changed of [{ isEnded: false }, { isParked: true }, { leftMinor: 0, dueMinor: 0 }])
      expect(brokenIn(paymentWith({ isAcknowledged: false, ...changed }))).toEqual([]);
  });

  test('lets a payment lose more than was taken to a refund and a dispute together', () => {
    expect(brokenIn(paymentWith({ refundedMinor: 1_000, disputedMinor: 1_000, leftMinor: -1_000 }))).toEqual([]);
  });

  test('takes a comparison of the books for no order’s workflow', () => {
    const comparisons = ['reconciliation-2026-01-01T00:00:00Z', 'reconciliation_01kax3v7ehe4sbg0krv6m4fxxv'].map(
      (workflowId) => ({ workflowId, outcome: 'done', refused: null }),
    );
    expect(brokenIn({ ...healthy, histories: [...healthy.histories, ...comparisons] })).toEqual([]);
  });
});
