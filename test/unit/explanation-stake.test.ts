import { describe, expect, test } from '@jest/globals';
import { explainOrder } from '../../src/domain/explanation.ts';
import { toMarkdown } from '../../src/domain/explanation-text.ts';
import { isDecided } from '../../src/domain/order.ts';
import { captured, facts, followed, parked, rejected, voided } from '../support/explanations.ts';

describe('the card', () => {
  test.each([
    ['charge-payment', {}, 1_000, '1000 EUR (minor units) that may have been taken and 2 units held.'],
    [
      'confirm-order',
      { payment: captured },
      1_000,
      '1000 EUR (minor units) that is taken for an order that is not sold yet and 2 units held.',
    ],
    [
      'refund-payment',
      { ending: rejected, payment: captured },
      1_000,
      '1000 EUR (minor units) that is taken and to be given back and 2 units held.',
    ],
    [
      'charge-payment',
      { payment: { ...captured, state: 'pending', capturedMinor: 700, strayMinor: 700 } },
      1_000,
      '1000 EUR (minor units) that may have been taken and 2 units held.',
    ],
    ['release-inventory', { ending: rejected, payment: voided }, 0, '2 units held.'],
    [
      'close-order',
      { ending: rejected, payment: voided, stock: { heldUnits: 0, soldUnits: 0, holdUntil: null } },
      0,
      'No money and no stock: only that the order comes to its end.',
    ],
  ] as const)('of an order parked at %s says what is at stake', (step, some, amountMinor, sentence) => {
    const explained = explainOrder(facts({ ...some, parked: [parked(step)] }));
    expect(explained.parked).toMatchObject([{ atStake: { amountMinor, sentence } }]);
  });

  test.each([
    ['that the bank holds', 'confirmed', { heldMinor: 1_000 }, 1_000, 'sold for 1000 EUR: the bank holds 1000'],
    ['that an inquiry asks for', 'confirmed', { askedMinor: 1_000 }, 1_000, 'the bank asks for 1000 EUR.'],
    ['of which a part is held', 'confirmed', { heldMinor: 300, askedMinor: 700 }, 1_000, 'asks for 700 EUR more.'],
    ['that is lost', 'confirmed', { lostMinor: 1_000 }, 1_000, '1000 EUR is lost to the bank.'],
    [
      'given back by others and disputed',
      'confirmed',
      { refundedMinor: 300, heldMinor: 700 },
      1_000,
      ': 300 EUR was given back and the bank holds 700 EUR.',
    ],
    ['nobody agrees about', 'confirmed', {}, 1_000, 'about which our books and the provider do not agree.'],
    ['nobody agrees about, of an open order', 'reserved', {}, 1_000, 'do not agree.'],
    ['of an order that was cancelled', 'cancelled', {}, 1_000, 'may not keep: 1000 EUR is to be given back.'],
    [
      'that went back twice',
      'cancelled',
      { refundedMinor: 1_000, lostMinor: 1_000 },
      1_000,
      '1000 EUR more went back than was taken.',
    ],
    ['of somebody else', 'confirmed', { isOwn: false }, 1_000, 'may not keep: 1000 EUR is to be given back.'],
    [
      'not yet taken',
      'confirmed',
      { isOwn: false, capturedMinor: 0 },
      1_000,
      'that may be taken, and is none of the order’s.',
    ],
  ] as const)(
    'of a followed payment %s says what is at stake, in data and in words',
    (_name, status, some, amountMinor, says) => {
      const mark = parked('follow-payment', { workflowId: 'order_1:payment:pi_1', payment: followed(some) });
      const explained = explainOrder(facts({ status, payment: captured, parked: [mark] }));
      expect(explained.parked).toMatchObject([
        { atStake: { amountMinor, units: 0, sentence: expect.stringContaining(says) } },
      ]);
      if (isDecided(status)) expect(explained.atStake.amountMinor).toBe(amountMinor);
      expect(toMarkdown(explained)).toContain(says);
    },
  );
});
