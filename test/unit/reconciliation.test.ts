// What the books say of one thing, and what it means: every drift, every case that is none, and what must hold for all of them.
import { describe, expect, test } from '@jest/globals';
import { isDecided, OrderStatus } from '../../src/domain/order.ts';
import { driftNames, driftOutcomes, needsPerson, type DriftName, type Remedy } from '../../src/domain/drift.ts';
import type { PaymentFacts, RefundFacts } from '../../src/domain/payment-drifts.ts';
import {
  driftOf,
  type Facts,
  type NoticeFacts,
  type OrderFacts,
  type ParkedFacts,
  type RunFacts,
} from '../../src/domain/reconciliation.ts';

type Expected = `${DriftName} → ${Remedy}` | null;
type Case = [what: string, facts: Facts, expected: Expected];
const named: DriftName[] = [];

function check([, facts, expected]: Case): void {
  const drift = driftOf(facts);
  if (drift) named.push(drift.name);
  expect(drift && `${drift.name} → ${drift.remedy}`).toBe(expected);
}

const running: RunFacts = { status: 'running', attention: null };
const parkedRun: RunFacts = { status: 'running', attention: 'charge-payment' };
const ended = (status: string): RunFacts => ({ status, attention: null });
const since = '2026-01-01T00:00:00.000Z';
const story = (run: RunFacts = running): ParkedFacts => ({
  ...{ step: 'charge-payment', since, workflowId: 'o', isStory: true, run },
});
const beside = (run: RunFacts): ParkedFacts => ({
  ...{ step: 'follow-payment', since, workflowId: 'o:payment:p', isStory: false, run },
});

const order = (facts: Partial<OrderFacts>): OrderFacts => ({
  kind: 'order',
  status: 'reserved',
  isClosed: isDecided(facts.status ?? 'reserved'),
  parked: [],
  hold: { units: 1, isOverdue: false },
  run: running,
  ...facts,
});
const overdue = { units: 1, isOverdue: true };
const nothing = { units: 0, isOverdue: false };

describe('an order and its workflow', () => {
  test.each<Case>([
    ['runs', order({}), null],
    ['has no workflow', order({ run: null }), 'workflow-gone → restart'],
    ['was terminated', order({ run: ended('terminated') }), 'workflow-gone → restart'],
    ['failed', order({ run: ended('failed') }), 'workflow-gone → restart'],
    ['timed out', order({ run: ended('timed-out') }), 'workflow-gone → restart'],
    ['was cancelled and is open', order({ run: ended('cancelled') }), 'workflow-gone → restart'],
    ['is open and its workflow is done', order({ run: ended('completed') }), 'workflow-ended-early → restart'],
    ['is in a state that nobody knows', order({ run: ended('other') }), null],
    ['has lost its workflow, parked', order({ parked: [story(null)], run: null }), 'workflow-gone → restart'],
    ['waits, parked', order({ parked: [story(parkedRun)], run: parkedRun }), null],
    ['waits, parked, and holds for long', order({ parked: [story(parkedRun)], run: parkedRun, hold: overdue }), null],
    ['is parked in its row alone', order({ parked: [story()] }), 'parked-row-stale → unpark'],
    ['is parked in its workflow alone', order({ run: parkedRun }), 'parked-row-missing → mark-parked'],
    ['is parked elsewhere', order({ parked: [beside(parkedRun)] }), null],
    [
      'is parked elsewhere, and holds for long',
      order({ parked: [beside(parkedRun)], hold: overdue }),
      'hold-overdue → wake',
    ],
    [
      'is parked elsewhere in its row, and in its own workflow alone',
      order({ parked: [beside(parkedRun)], run: parkedRun }),
      'parked-row-missing → mark-parked',
    ],
    [
      'is parked twice, and only for one somebody waits',
      order({ parked: [story(parkedRun), beside(ended('terminated'))], run: parkedRun }),
      'parked-without-workflow → unpark',
    ],
    ['is parked, its workflow gone', order({ parked: [beside(null)] }), 'parked-without-workflow → unpark'],
    ['is parked in a workflow that does not wait', order({ parked: [beside(running)] }), 'parked-row-stale → unpark'],
    ['holds beyond the deadline', order({ hold: overdue }), 'hold-overdue → wake'],
    ['holds nothing any more', order({ hold: { ...nothing, isOverdue: true } }), null],
    ['is closed', order({ status: 'confirmed', hold: nothing, run: null }), null],
    ['is closed and holds', order({ status: 'cancelled', run: null }), 'hold-of-closed-order → report'],
    [
      'is closed, parked behind its end',
      order({ status: 'confirmed', hold: nothing, parked: [beside(parkedRun)] }),
      null,
    ],
    [
      'is closed, parked where nobody waits',
      order({ status: 'confirmed', hold: nothing, parked: [beside(null)] }),
      'parked-without-workflow → unpark',
    ],
  ])('%s', (...given) => check(given));
});

const found = (facts: Partial<NonNullable<PaymentFacts['found']>> = {}) => ({
  state: 'captured',
  capturedMinor: 1_000,
  amountMinor: 1_000,
  currency: 'EUR',
  isOurs: true,
  ...facts,
});
const unpaid = (state: string) => found({ state, capturedMinor: 0 });
const record = (facts: Partial<NonNullable<PaymentFacts['record']>> = {}): PaymentFacts['record'] => ({
  state: 'captured',
  amountMinor: 1_000,
  currency: 'EUR',
  isStray: false,
  capturedMinor: 1_000,
  balanceMinor: 1_000,
  isAcknowledged: false,
  ...facts,
});
const untaken = { state: 'pending', capturedMinor: null, balanceMinor: 0 } as const;
const open = { status: 'reserved', isEnding: false, isParked: false } as const;
const ending = { ...open, isEnding: true } as const;
const parked = { ...open, isParked: true } as const;
const cancelled = { status: 'cancelled', isEnding: true, isParked: false } as const;
const closed = { status: 'confirmed', isEnding: false, isParked: false } as const;
const payment = (facts: Partial<PaymentFacts>): PaymentFacts => ({
  kind: 'payment',
  paymentId: 'pi_1',
  found: found(),
  order: closed,
  record: record(),
  isClaimable: false,
  ...facts,
});
const unknown = (facts: Partial<PaymentFacts>): PaymentFacts => payment({ record: null, ...facts });

describe('a payment that no try has', () => {
  const late = { found: unpaid('unconfirmed'), isClaimable: true };
  test.each<Case>([
    ['is not ours', unknown({ found: found({ isOurs: false }), order: null }), null],
    ['is not there', unknown({ found: null }), null],
    ['is cancelled', unknown({ found: unpaid('cancelled') }), null],
    ['names an order that is not there', unknown({ order: null }), 'payment-without-order → report'],
    ['was taken, of a closed order', unknown({}), 'capture-unknown → follow'],
    ['was taken, of an open order', unknown({ order: open }), 'capture-unknown → follow'],
    ['was taken, and looks claimable', unknown({ order: open, isClaimable: true }), 'capture-unknown → follow'],
    ['was left behind', unknown({ found: unpaid('unconfirmed') }), 'payment-unclaimed → follow'],
    ['is authorized', unknown({ found: unpaid('authorized'), order: open }), 'payment-unclaimed → follow'],
    ['may still be claimed', unknown({ found: unpaid('unconfirmed'), order: open, isClaimable: true }), null],
    ['is too late, its order undone', unknown({ ...late, order: ending }), 'payment-unclaimed → follow'],
    ['is too late, its order closed', unknown(late), 'payment-unclaimed → follow'],
  ])('%s', (...given) => check(given));
});

describe('a payment of ours', () => {
  test.each<Case>([
    ['is taken in both books', payment({}), null],
    ['is taken in ours alone', payment({ found: unpaid('unconfirmed') }), 'capture-missing → park'],
    ['is in ours and not there', payment({ found: null }), 'capture-missing → park'],
    ['is of an open order in ours alone', payment({ found: null, order: open }), 'capture-missing → park'],
    ['was never made', payment({ found: null, record: record(untaken) }), null],
    ['was taken in another currency', payment({ found: found({ currency: 'USD' }) }), 'payment-differs → park'],
    ['was taken in part', payment({ found: found({ capturedMinor: 900 }) }), 'payment-differs → park'],
    [
      'is of another amount',
      payment({ found: { ...unpaid('unconfirmed'), amountMinor: 900 }, record: record(untaken), order: open }),
      'payment-differs → park',
    ],
    [
      'was of another amount and is cancelled',
      payment({ found: { ...unpaid('cancelled'), amountMinor: 900 }, record: record(untaken) }),
      null,
    ],
    ['was taken unknown to us', payment({ record: record(untaken), order: open }), 'capture-unknown → tell'],
    ['was taken, of a parked order', payment({ record: record(untaken), order: parked }), null],
    ['was taken, while it is undone', payment({ record: record(untaken), order: ending }), null],
    ['was taken after the end', payment({ record: record(untaken) }), 'capture-unknown → follow'],
    ['is under way', payment({ found: unpaid('processing'), record: record(untaken), order: open }), null],
    [
      'is open after the end',
      payment({ found: unpaid('processing'), record: record(untaken) }),
      'payment-left-open → follow',
    ],
    ['is cancelled after the end', payment({ found: unpaid('cancelled'), record: record(untaken) }), null],
    ['is a stray that was given back', payment({ record: record({ isStray: true, balanceMinor: 0 }) }), null],
    ['is a stray that went back twice', payment({ record: record({ isStray: true, balanceMinor: -5 }) }), null],
    ['is still here, the order cancelled', payment({ order: cancelled }), 'payment-left-open → follow'],
    ['is a stray that is still here', payment({ record: record({ isStray: true }) }), 'payment-left-open → follow'],
    ['is still here, and taken so', payment({ order: cancelled, record: record({ isAcknowledged: true }) }), null],
    [
      'is a stray of an order that is undone',
      payment({ order: ending, record: record({ ...untaken, isStray: true }) }),
      'capture-unknown → follow',
    ],
  ])('%s', (...given) => check(given));
});

const refund = (facts: Partial<RefundFacts>): RefundFacts => ({
  kind: 'refund',
  refundId: 're_1',
  found: { amountMinor: 400, currency: 'EUR' },
  ledger: { amountMinor: 400, currency: 'EUR' },
  order: closed,
  isUnderWay: false,
  ...facts,
});

describe('a refund', () => {
  test.each<Case>([
    ['is in both books', refund({}), null],
    ['is not of an order of ours', refund({ order: null, ledger: null }), null],
    ['is in ours alone', refund({ found: null }), 'refund-missing → park'],
    ['did not succeed, and we know', refund({ found: null, ledger: null }), null],
    ['is unknown to us', refund({ ledger: null }), 'refund-unknown → follow'],
    ['is unknown to us, while the order is undone', refund({ ledger: null, order: ending }), null],
    ['is unknown to us, and one that was asked for is under way', refund({ ledger: null, isUnderWay: true }), null],
    ['is of another amount', refund({ ledger: { amountMinor: 500, currency: 'EUR' } }), 'payment-differs → park'],
    ['is in another currency', refund({ ledger: { amountMinor: 400, currency: 'USD' } }), 'payment-differs → park'],
  ])('%s', (...given) => check(given));
});

const stock = { kind: 'stock', reserved: 2, held: 2, onHand: 9, moved: 9 } as const;
const notice: NoticeFacts = { kind: 'notice', hasOrder: true, isClosed: false, run: running };
describe('what else', () => {
  test.each<Case>([
    ['stock that is right', stock, null],
    ['more reserved than held', { ...stock, reserved: 3 }, 'stock-reserved-differs → report'],
    ['more on hand than has moved', { ...stock, onHand: 10 }, 'stock-on-hand-differs → report'],
    ['a notice of nobody', { ...notice, hasOrder: false }, 'notice-overdue → report'],
    ['a notice of a closed order', { ...notice, isClosed: true }, 'notice-overdue → report'],
    ['a notice that no run hears', { ...notice, run: null }, 'notice-overdue → restart'],
    ['a notice that is not passed on', notice, 'notice-overdue → tell'],
    ['a workflow of an order', { kind: 'stranger', hasOrder: true, run: running }, null],
    ['a workflow of no order', { kind: 'stranger', hasOrder: false, run: running }, 'workflow-without-order → report'],
    ['a workflow that was one of no order', { kind: 'stranger', hasOrder: false, run: null }, null],
  ])('%s', (...given) => check(given));

  test('every drift has been seen here', () => {
    // Those of disputes, and of what is captured as it ships: dispute-drifts.test.ts, capture-drifts.test.ts.
    const others = driftNames.filter((name) => !name.startsWith('dispute-') && name !== 'authorization-lost');
    expect([...new Set(named)].sort()).toEqual(others.sort());
  });

  test('a person is asked for what is parked or only reported', () => {
    expect(driftOutcomes.filter(needsPerson)).toEqual(['parked', 'waits', 'reported']);
  });
});

describe('in every combination', () => {
  const runs = [null, running, parkedRun, ...['completed', 'terminated', 'failed', 'other'].map(ended)];
  const orders = Object.values(OrderStatus).flatMap((status) =>
    [nothing, { units: 1, isOverdue: false }, overdue].flatMap((hold) =>
      runs.flatMap((run) =>
        [[], [story(run)], ...runs.flatMap((other) => [[beside(other)], [story(run), beside(other)]])].map((parked) =>
          order({ status, parked, hold, run }),
        ),
      ),
    ),
  );

  test('only an open order is started again, and only when nothing runs for it', () => {
    for (const facts of orders) {
      const restarts = driftOf(facts)?.remedy === 'restart';
      const isOpen = facts.status === 'placed' || facts.status === 'reserved';
      const isLost = !['running', 'other'].includes(facts.run?.status ?? 'none');
      expect(restarts).toBe(isOpen && isLost);
    }
  });

  const states = ['unconfirmed', 'processing', 'needs-customer', 'authorized', 'captured', 'declined', 'cancelled'];
  const payments = [null, ...states.map((state) => (state === 'captured' ? found() : unpaid(state)))].flatMap((seen) =>
    [null, open, ending, parked, closed].flatMap((whose) =>
      [null, record(), record(untaken), record({ isStray: true }), record({ ...untaken, isStray: true })].flatMap(
        (known) =>
          [true, false].map((isClaimable) => payment({ found: seen, order: whose, record: known, isClaimable })),
      ),
    ),
  );

  test('the own payment of an order that goes on is never given back', () => {
    for (const facts of payments.filter(
      ({ record: known, order: whose }) => known?.isStray === false && whose === open,
    ))
      expect([null, 'tell', 'park']).toContain(driftOf(facts)?.remedy ?? null);
  });

  test('nothing is done to a payment that an attempt under way may come to', () => {
    for (const facts of payments) {
      const { found: seen, record: known, order: whose, isClaimable } = facts;
      if (isClaimable && known === null && whose === open && seen?.state !== 'captured')
        expect(driftOf(facts)).toBeNull();
    }
  });

  test('what our ledger has and the provider has not is always put in front of a person', () => {
    for (const facts of payments) {
      const isMissing = facts.record?.capturedMinor === 1_000 && facts.found?.state !== 'captured';
      expect(driftOf(facts)?.name === 'capture-missing').toBe(isMissing);
    }
  });
});
