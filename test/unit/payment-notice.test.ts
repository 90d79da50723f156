import { expect, test } from '@jest/globals';
import {
  LOOK_AGAIN,
  METHOD_PROVIDED,
  ORDER_ENDED,
  outcomeOf,
  PAYMENT_TO_FOLLOW,
  PAYMENT_TO_TELL,
  type PaymentNotice,
} from '../../src/domain/payment-notice.ts';

const open = { status: 'reserved', isEnding: false } as const;
const undone = { status: 'reserved', isEnding: true } as const;
const rejected = { status: 'rejected', isEnding: true } as const;
const sold = { status: 'confirmed', isEnding: false } as const;
const succeeded = 'payment_intent.succeeded';
const unknown = { state: null, isWithdrawn: false, isReinstated: false };
const disputed = { state: 'open', isWithdrawn: true, isReinstated: false } as const;
const won = { state: 'won', isWithdrawn: true, isReinstated: true } as const;
const told = (what: string, more: Partial<PaymentNotice>): Partial<PaymentNotice> => ({
  eventType: `charge.dispute.${what}`,
  order: sold,
  payment: { state: 'captured' },
  ...more,
});
const about = (notice: Partial<PaymentNotice>): PaymentNotice => ({
  eventType: succeeded,
  order: open,
  payment: { state: 'pending' },
  isRefundKnown: null,
  dispute: null,
  ...notice,
});

test.each<[string, Partial<PaymentNotice>, ReturnType<typeof outcomeOf>]>([
  ['a success that the open order does not know', {}, 'told'],
  ['a success that is recorded', { payment: { state: 'captured' } }, 'nothing_new'],
  [
    'a success of a payment that an ended order had voided',
    { order: rejected, payment: { state: 'voided' } },
    'followed',
  ],
  ['a success of a payment that is none of the order’s', { payment: null }, 'followed'],
  ['the same of an ended order', { order: rejected, payment: null }, 'followed'],
  ['the same of an order that is being undone', { order: undone, payment: null }, 'followed'],
  ['anything of the own payment while it is being undone', { order: undone }, 'nothing_new'],
  [
    'a failure that is recorded',
    { eventType: 'payment_intent.payment_failed', payment: { state: 'declined' } },
    'nothing_new',
  ],
  ['a refund that is ours', { order: sold, payment: { state: 'captured' }, isRefundKnown: true }, 'nothing_new'],
  ['a refund that is not ours', { order: sold, payment: { state: 'captured' }, isRefundKnown: false }, 'followed'],
  ['another payment method', { eventType: METHOD_PROVIDED, payment: null }, 'told'],
  [
    'another payment method for an order that has ended',
    { eventType: METHOD_PROVIDED, order: rejected },
    'nothing_new',
  ],
  ['news found in reconciliation', { eventType: PAYMENT_TO_TELL }, 'told'],
  ['the same of a hold, which has no payment', { eventType: LOOK_AGAIN, payment: null }, 'told'],
  ['the same of an order that has ended meanwhile', { eventType: LOOK_AGAIN, order: sold }, 'nothing_new'],
  [
    'a payment to be followed, whatever is recorded',
    { eventType: PAYMENT_TO_FOLLOW, payment: { state: 'captured' } },
    'followed',
  ],
  ['a dispute that is not known', told('created', { dispute: unknown }), 'followed'],
  ['a dispute that is known', told('created', { dispute: disputed }), 'nothing_new'],
  [
    'money that a known inquiry takes after all',
    told('funds_withdrawn', { dispute: { ...disputed, isWithdrawn: false } }),
    'followed',
  ],
  ['money whose withdrawal is recorded', told('funds_withdrawn', { dispute: disputed }), 'nothing_new'],
  ['money that a dispute gives again', told('funds_reinstated', { dispute: disputed }), 'followed'],
  ['the same, recorded', told('funds_reinstated', { dispute: won }), 'nothing_new'],
  ['the end of a dispute', told('closed', { dispute: disputed }), 'followed'],
  ['the end that is recorded', told('closed', { dispute: won }), 'nothing_new'],
  ['any update of a dispute', told('updated', { dispute: won }), 'followed'],
  ['a dispute while the order is open', told('created', { order: open, dispute: unknown }), 'followed'],
  ['a dispute while the order is being undone', told('created', { order: undone, dispute: unknown }), 'followed'],
  [
    'a dispute of a payment that is none of the order’s',
    told('created', { payment: null, dispute: disputed }),
    'followed',
  ],
  ['a dispute of no order of ours', told('created', { order: null, payment: null, dispute: unknown }), 'foreign'],
  ['the end of an order that is disputed', { eventType: ORDER_ENDED, order: rejected }, 'followed'],
  ['what names no order of ours', { order: null, payment: null }, 'foreign'],
])('%s', (_name, notice, outcome) => expect(outcomeOf(about(notice))).toBe(outcome));
