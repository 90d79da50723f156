import { describe, expect, test } from '@jest/globals';
import { planRecovery, type FoundPayment, type RecoverableOrder } from '../../src/domain/recovery.ts';
import type { Ending } from '../../src/domain/rejection.ts';

const payment = (more: Partial<FoundPayment> = {}): FoundPayment => ({
  providerId: 'pi_1',
  ordinal: 1,
  createdAt: '2026-01-01T00:00:00.000Z',
  kind: 'captured',
  refundedMinor: 0,
  isRefundOpen: false,
  isDisputed: false,
  ...more,
});
const plan = (more: Partial<RecoverableOrder> = {}) =>
  planRecovery({
    totalMinor: 1_000,
    ships: false,
    lastTry: { ordinal: 1, providerId: null, isDeclined: false },
    outcome: null,
    payments: [payment()],
    ...more,
  });
const own = { providerId: 'pi_1', ordinal: 1 };
const confirmed = { status: 'confirmed' } as const;
const cancelled: Ending = { status: 'cancelled', reason: 'an operator', actor: 'key_1' };
const lastTry = { ordinal: 1, providerId: 'pi_1', isDeclined: false };

describe('an order goes on by itself', () => {
  test('with the payment that the provider has, whatever its state', () => {
    for (const kind of ['captured', 'processing', 'needs-customer', 'authorized', 'declined', 'unconfirmed'] as const)
      expect(plan({ payments: [payment({ kind })] })).toEqual({ own, ending: null, isReviewed: true, doubt: null });
  });

  test('without one, when the provider has none', () => {
    expect(plan({ payments: [] })).toEqual({ own: null, ending: null, isReviewed: false, doubt: null });
    // Nothing was paid for, and it was sold: somebody had looked.
    const free = plan({ totalMinor: 0, payments: [], outcome: confirmed });
    expect(free).toEqual({ own: null, ending: null, isReviewed: true, doubt: null });
  });

  test('with the one that takes money, beside others that do not', () => {
    const payments = [payment({ kind: 'unconfirmed' }), payment({ providerId: 'pi_2', ordinal: 1 })];
    expect(plan({ payments })).toEqual({
      own: { providerId: 'pi_2', ordinal: 1 },
      ending: null,
      isReviewed: true,
      doubt: null,
    });
  });

  test('with the one that is on record as its own, whatever an amendment has charged since', () => {
    const payments = [payment({ providerId: 'pi_2', ordinal: 2 }), payment()];
    expect(plan({ lastTry, payments })).toMatchObject({ own });
  });

  test('with a second card as a try of its own, when the first is on record as declined', () => {
    const declined = { ...lastTry, isDeclined: true };
    const payments = [payment({ kind: 'cancelled' }), payment({ providerId: 'pi_2', ordinal: 2 })];
    expect(plan({ lastTry: declined, payments })).toMatchObject({
      own: { providerId: 'pi_2', ordinal: 2 },
      doubt: null,
    });
  });

  test('to the end that it had come to, also when its money is still there', () => {
    for (const kind of ['cancelled', 'captured', 'unconfirmed'] as const)
      expect(plan({ outcome: cancelled, payments: [payment({ kind })] })).toEqual({
        own,
        ending: cancelled,
        isReviewed: true,
        doubt: null,
      });
  });
});

describe('a person decides about an order', () => {
  test.each<[string, Partial<RecoverableOrder>, RegExp]>([
    ['whose money was given back', { payments: [payment({ refundedMinor: 1_000 })] }, /given back/],
    ['whose money is being given back', { payments: [payment({ isRefundOpen: true })] }, /given back/],
    ['that was sold and given back', { outcome: confirmed, payments: [payment({ refundedMinor: 1 })] }, /given back/],
    ['that is disputed', { payments: [payment({ isDisputed: true })] }, /disputed/],
    ['that was sold and disputed', { outcome: confirmed, payments: [payment({ isDisputed: true })] }, /disputed/],
    ['whose payment nobody knows', { lastTry, payments: [] }, /does not know pi_1/],
    ['that was sold without a payment', { outcome: confirmed, payments: [] }, /no payment/],
    [
      'that was sold, its payment void',
      { outcome: confirmed, payments: [payment({ kind: 'cancelled' })] },
      /no payment/,
    ],
    [
      'that was sold for what is authorized, with nothing to ship',
      { outcome: confirmed, payments: [payment({ kind: 'authorized' })] },
      /no payment/,
    ],
    [
      'that ships, and was sold for what is authorized',
      { outcome: confirmed, ships: true, payments: [payment({ kind: 'authorized' })] },
      /ask the warehouse/,
    ],
    ['that is paid twice', { payments: [payment(), payment({ providerId: 'pi_2' })] }, /more than one/],
    ['that may be paid twice', { payments: [payment(), payment({ providerId: 'pi_2', kind: 'processing' })] }, /pi_2/],
    [
      'whose money came by another payment than the one on record',
      { lastTry, payments: [payment({ kind: 'unconfirmed' }), payment({ providerId: 'pi_2' })] },
      /on record/,
    ],
  ])('%s', (_name, order, doubt) => {
    expect(plan(order)).toMatchObject({ ending: null, doubt: expect.stringMatching(doubt) });
  });

  test('but not about one over nothing', () => {
    expect(plan({ totalMinor: 0, outcome: confirmed, payments: [] }).doubt).toBeNull();
  });
});
