import { describe, expect, test } from '@jest/globals';
import { driftOfPayment, type PaymentFacts } from '../../src/domain/payment-drifts.ts';

type Case = [name: string, facts: PaymentFacts, drift: string | null];

const found = (facts: Partial<NonNullable<PaymentFacts['found']>> = {}) => ({
  ...{ state: 'captured', capturedMinor: 1_000, amountMinor: 1_000, currency: 'EUR', isOurs: true },
  ...facts,
});
const unpaid = (state: string) => found({ state, capturedMinor: 0 });
const sold = { status: 'confirmed', isEnding: false, isParked: false } as const;
const open = { ...sold, status: 'reserved' } as const;
const ending = { ...open, isEnding: true } as const;
const cancelled = { ...ending, status: 'cancelled' } as const;

describe('a payment of an order that is paid as it ships', () => {
  const record = (facts: Partial<NonNullable<PaymentFacts['record']>>): NonNullable<PaymentFacts['record']> => ({
    ...{
      state: 'authorized',
      amountMinor: 1_000,
      currency: 'EUR',
      isStray: false,
      capturedMinor: null,
      balanceMinor: 0,
    },
    ...{ isAcknowledged: false, wasAuthorized: true, isCapturing: false },
    ...facts,
  });
  const authorized = (facts: Partial<NonNullable<PaymentFacts['record']>> = {}) =>
    record({ capturedMinor: 400, balanceMinor: 400, ...facts });
  const partly = found({ state: 'authorized', capturedMinor: 400 });
  const untouched = authorized({ capturedMinor: null, balanceMinor: 0 });
  const of = (facts: Partial<PaymentFacts>): PaymentFacts => ({
    ...{ kind: 'payment', paymentId: 'pi_1', found: partly, order: sold, record: authorized(), isClaimable: false },
    ...facts,
  });
  test.each<Case>([
    ['is captured in part in both books', of({}), null],
    ['is authorized, and nothing is captured', of({ found: unpaid('authorized'), record: untouched }), null],
    ['is authorized, and its order is open', of({ found: unpaid('authorized'), record: untouched, order: open }), null],
    ['is captured further there', of({ found: { ...partly, capturedMinor: 900 } }), 'capture-unknown → follow'],
    ['is being captured further', of({ found: found(), record: authorized({ isCapturing: true }) }), null],
    ['is captured less there', of({ found: { ...partly, capturedMinor: 300 } }), 'capture-missing → park'],
    ['was captured, and is cancelled there', of({ found: unpaid('cancelled') }), 'capture-missing → park'],
    ['is not there', of({ found: null }), 'capture-missing → park'],
    [
      'ended there before it was captured',
      of({ found: unpaid('cancelled'), record: untouched }),
      'authorization-lost → follow',
    ],
    ['ended there, and we know', of({ found: unpaid('cancelled'), record: { ...untouched, state: 'voided' } }), null],
    [
      'was released there, and is open in ours',
      of({ found: found({ capturedMinor: 400 }) }),
      'authorization-lost → follow',
    ],
    [
      'is over in both books',
      of({ found: found({ capturedMinor: 400 }), record: authorized({ state: 'captured' }) }),
      null,
    ],
    ['is over in ours alone', of({ record: authorized({ state: 'captured' }) }), 'payment-left-open → follow'],
    ['is of another amount', of({ found: { ...partly, amountMinor: 900 } }), 'payment-differs → park'],
    ['is undone', of({ order: ending }), null],
    ['is left, its order cancelled', of({ order: cancelled }), 'payment-left-open → follow'],
    [
      'was given back, its order cancelled',
      of({
        found: found({ capturedMinor: 400 }),
        order: cancelled,
        record: authorized({ state: 'refunded', balanceMinor: 0 }),
      }),
      null,
    ],
  ])('%s', (_name, facts, expected) => {
    const drift = driftOfPayment(facts);
    expect(drift && `${drift.name} → ${drift.remedy}`).toBe(expected);
  });
});
