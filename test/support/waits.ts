// Every wait of an order's own story. A test leaves one order (or more: each goes on in another way) at each, begun by workflow code
// that was kept, and has the present code finish them all.
import { payByHand, refundByHand } from './operators.ts';
import {
  authenticate,
  cancel,
  decide,
  giveAnotherCard,
  hasty,
  once,
  parkedAt,
  retries,
  sleepsBetweenTries,
  waitsForCustomer,
  type Wait,
} from './waiting.ts';
import type { Stack } from './stack.ts';

export const sold = { status: 'confirmed', payment: { state: 'captured', capturedMinor: 1_000, refundedMinor: 0 } };
const refunded = { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 1_000, refundedMinor: 1_000 } };
const voided = { status: 'cancelled', payment: { state: 'voided', capturedMinor: 0 } };
const declined = { status: 'rejected', payment: { state: 'declined', capturedMinor: 0 } };

const always = { mode: 'error_500', times: 'always' };
const chargeFails = { bounds: hasty.charge, faults: [{ operation: 'create', ...always }] };
const declinedMethod = { paymentMethod: 'pm_card_chargeDeclined' };
const threeDSecure = { paymentMethod: 'pm_card_threeDSecure2Required' };
/** Sold but for the last commit: what is undone from there is money that was taken. */
const paidThenStuck = { bounds: hasty.step, refused: ['order.confirmed'] };

const compensate = decide('compensate');

/** Nobody is told of it: a payment that others make for an open order is given back, unless the decision comes first. */
const payOnce = once(async (stack, id) => {
  await stack.fault({ operation: 'webhook', mode: 'error_500', times: 'always', match: { orderId: id } });
  return payByHand(stack, id);
});

/** Parks at the step, has it undone, and waits until that is where `isThere` says. */
const thenUndone = async (stack: Stack, id: string): Promise<void> =>
  (await parkedAt('confirm-order')(stack, id)) ? compensate(stack, id) : decide('retry')(stack, id);

export const waits: readonly Wait[] = [
  {
    name: 'a reservation is tried again after a pause',
    begun: { refused: ['inventory.reserved'] },
    isLate: true,
    isThere: sleepsBetweenTries,
    ends: sold,
  },
  {
    name: 'the reservation is parked',
    begun: { bounds: hasty.step, refused: ['inventory.reserved'] },
    isThere: parkedAt('reserve-inventory'),
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'the reservation is parked, and is undone',
    begun: { bounds: hasty.step, refused: ['inventory.reserved'] },
    isThere: parkedAt('reserve-inventory'),
    goOn: compensate,
    ends: { status: 'cancelled', payment: { state: 'pending', capturedMinor: 0 } },
  },
  {
    name: 'a charge that fails is tried again',
    begun: { faults: [{ operation: 'create', ...always }] },
    isThere: retries('chargePayment'),
    ends: sold,
  },
  {
    name: 'the answer of a charge is lost again and again',
    begun: {
      faults: [
        { operation: 'retrieve', ...always },
        { operation: 'confirm', mode: 'drop_after_effect' },
      ],
    },
    isThere: retries('chargePayment'),
    ends: sold,
  },
  {
    name: 'the provider is at it',
    begun: { paymentMethod: 'pm_sim_processing_succeeds' },
    isThere: retries('chargePayment'),
    ends: sold,
  },
  {
    name: 'the charge is parked',
    begun: chargeFails,
    isThere: parkedAt('charge-payment'),
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'the charge is parked, and somebody has been reminded of it',
    begun: { ...chargeFails, bounds: { ...hasty.charge, parkedReminderMs: 1_000 } },
    arrive: () => Promise.resolve(),
    isThere: async (stack, id) => {
      const { rows } = await stack.db.query(
        "select 1 from events where order_id = $1 and event_type = 'order.parked.reminder'",
        [id],
      );
      return rows.length > 0;
    },
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'the charge is parked, and is made by hand',
    begun: chargeFails,
    isThere: parkedAt('charge-payment'),
    goOn: decide('skip', payOnce),
    ends: sold,
  },
  {
    name: 'what was made by hand is not found, and is parked again',
    begun: chargeFails,
    arrive: decide('skip', () => Promise.resolve('pi_nobody_knows')),
    isThere: async (stack, id) => {
      const { rows } = await stack.db.query('select 1 from parked_steps where order_id = $1', [id]);
      return rows.length > 1 && parkedAt('charge-payment')(stack, id);
    },
    goOn: decide('skip', payOnce),
    ends: sold,
  },
  {
    name: 'the charge is parked, and is undone',
    begun: chargeFails,
    isThere: parkedAt('charge-payment'),
    goOn: compensate,
    ends: voided,
  },
  {
    name: 'the charge is parked, and the order is cancelled',
    begun: chargeFails,
    isThere: parkedAt('charge-payment'),
    goOn: cancel,
    ends: voided,
  },
  {
    name: 'the charge is parked, and the workflow is cancelled in Temporal',
    begun: chargeFails,
    isThere: parkedAt('charge-payment'),
    goOn: async (stack, id) => void (await stack.temporal.workflow.getHandle(id).cancel()),
    ends: voided,
  },
  {
    name: 'an operator’s word was taken, and is not recorded yet',
    begun: { ...chargeFails, refused: ['order.resumed'] },
    isLate: true,
    arrive: decide('retry'),
    isThere: retries('resumeOrder'),
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'a customer has to authenticate',
    begun: threeDSecure,
    isThere: waitsForCustomer,
    goOn: authenticate,
    ends: sold,
  },
  {
    name: 'a customer has to authenticate, and cancels',
    begun: threeDSecure,
    isThere: waitsForCustomer,
    goOn: cancel,
    ends: voided,
  },
  {
    name: 'a cancellation is not recorded yet',
    begun: { ...threeDSecure, refused: ['order.cancellation_requested'] },
    isLate: true,
    arrive: async (stack, id) => {
      if (await waitsForCustomer(stack, id)) await cancel(stack, id);
    },
    isThere: retries('cancelOrder'),
    ends: voided,
  },
  {
    name: 'another card is awaited',
    begun: { ...declinedMethod, paymentRetryMinutes: 30 },
    isThere: waitsForCustomer,
    goOn: giveAnotherCard,
    ends: sold,
  },
  {
    name: 'another card is awaited, and the order is cancelled',
    begun: { ...declinedMethod, paymentRetryMinutes: 30 },
    isThere: waitsForCustomer,
    goOn: cancel,
    ends: { status: 'cancelled', payment: { capturedMinor: 0 } },
  },
  {
    name: 'a declined payment can not be voided before another card, and is parked',
    begun: {
      ...declinedMethod,
      bounds: hasty.charge,
      paymentRetryMinutes: 30,
      faults: [{ operation: 'cancel', ...always }],
    },
    isThere: parkedAt('charge-payment'),
    goOn: giveAnotherCard,
    ends: sold,
  },
  {
    name: 'the sale is parked',
    begun: paidThenStuck,
    isThere: parkedAt('confirm-order'),
    goOn: decide('retry'),
    ends: sold,
  },
  {
    name: 'the sale is parked, and the order is cancelled',
    begun: paidThenStuck,
    isThere: parkedAt('confirm-order'),
    goOn: cancel,
    ends: refunded,
  },
  {
    name: 'a payment can not be voided, and is parked',
    begun: { ...declinedMethod, bounds: hasty.charge, faults: [{ operation: 'cancel', ...always }] },
    isThere: parkedAt('refund-payment'),
    goOn: decide('retry'),
    ends: declined,
  },
  {
    name: 'a refund can not be made, and is parked',
    begun: {
      ...paidThenStuck,
      bounds: { ...hasty.step, ...hasty.charge },
      faults: [{ operation: 'refund', ...always }],
    },
    arrive: thenUndone,
    isThere: parkedAt('refund-payment'),
    goOn: decide('skip', once(refundByHand)),
    ends: refunded,
  },
  {
    name: 'a refund is pending',
    begun: { ...paidThenStuck, paymentMethod: 'pm_card_pendingRefund' },
    arrive: thenUndone,
    isThere: retries('refundPayment'),
    ends: refunded,
  },
  {
    name: 'stock can not be freed, and is parked',
    begun: { ...declinedMethod, bounds: hasty.undo, refused: ['inventory.released'] },
    isThere: parkedAt('release-inventory'),
    goOn: decide('retry'),
    ends: declined,
  },
  {
    name: 'an order that is undone can not be closed, and is parked',
    begun: { ...declinedMethod, bounds: hasty.undo, refused: ['order.rejected'] },
    isThere: parkedAt('close-order'),
    goOn: decide('retry'),
    ends: declined,
  },
];
