// Every way an order can go in this version, each driven for real. The e2e tests assert where it ends; the recording keeps its
// history for the replay tests.
import { cancelPaths } from './cancel-paths.ts';
import { heal, payByHand, refundByHand } from './operators.ts';
import { reviewPaths, shortReviews } from './review-paths.ts';
import { eventTypesOf, getOrder, placeOrder, settledOrder } from './orders.ts';
import { until } from './until.ts';
import { parkAt, resolve, waitsForCustomer, walkTo, type Path } from './walking.ts';
import { randomUUID } from 'node:crypto';

/**
 * Bounds so short that what would take half a day takes seconds. The breaker leaves the provider alone for longer than these
 * bounds, so it stays closed.
 */
export const shortBounds = {
  PROVIDER_OUTAGE_LIMIT_MS: '8000',
  STEP_OUTAGE_LIMIT_MS: '8000',
  UNDO_ATTEMPTS: '2',
  PROVIDER_BREAKER_FAILURES: '1000000',
  PARKED_REMINDER_MS: '3000',
  CUSTOMER_WAIT_LIMIT_MS: '12000',
  ...shortReviews,
};

export const paths: readonly Path[] = [
  { name: 'happy', ends: { status: 'confirmed' }, walk: (stack) => walkTo(stack, {}) },
  {
    name: 'free-of-charge',
    ends: { status: 'confirmed' },
    walk: (stack) => walkTo(stack, { items: [{ sku: 'free', quantity: 1 }] }),
  },
  {
    name: 'declined',
    ends: { status: 'rejected', payment: { state: 'declined' } },
    walk: (stack) => walkTo(stack, { paymentMethod: 'pm_card_chargeDeclined' }),
  },
  {
    name: 'method-refused',
    ends: { status: 'rejected' },
    walk: (stack) => walkTo(stack, { paymentMethod: 'pm_card_unheard_of' }),
  },
  {
    name: 'out-of-stock',
    ends: { status: 'rejected' },
    walk: (stack) => walkTo(stack, { items: [{ sku: 'book', quantity: 9_999 }] }),
  },
  {
    name: 'answer-lost-at-confirm',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      await stack.fault({ operation: 'confirm', mode: 'drop_after_effect' });
      return walkTo(stack, {});
    },
  },
  {
    name: 'stored-500-at-create',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      await stack.fault({ operation: 'create', mode: 'error_500', cached: true });
      return walkTo(stack, {});
    },
  },
  {
    name: 'charge-parked-then-retried',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', { operation: 'create', mode: 'error_500', times: 'always' });
      await resolve(stack, id, 'retry');
      return id;
    },
  },
  {
    // As the path before it, since an operator's word is recorded before the order resumes.
    name: 'charge-parked-then-retried-once-recorded',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', { operation: 'create', mode: 'error_500', times: 'always' });
      await resolve(stack, id, 'retry');
      return id;
    },
  },
  {
    name: 'charge-parked-then-compensated-by-void',
    ends: { status: 'cancelled', payment: { state: 'voided', capturedMinor: 0 } },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', {
        operation: 'confirm',
        mode: 'drop_before_effect',
        times: 'always',
      });
      await resolve(stack, id, 'compensate');
      return id;
    },
  },
  {
    name: 'charge-parked-then-compensated-by-refund',
    ends: { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 1_000, refundedMinor: 1_000 } },
    walk: async (stack) => {
      // The money moves, and nobody can find out: unknown is not declined, so the order parks.
      await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always' });
      const id = await parkAt(stack, {}, 'charge-payment', {
        operation: 'confirm',
        mode: 'drop_after_effect',
        times: 'always',
      });
      await resolve(stack, id, 'compensate');
      return id;
    },
  },
  {
    name: 'refund-answer-lost-for-good',
    ends: { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 1_000, refundedMinor: 1_000 } },
    walk: async (stack) => {
      await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always' });
      const charge = { operation: 'confirm', mode: 'drop_after_effect', times: 'always' };
      const id = await parkAt(stack, {}, 'charge-payment', charge);
      // The refund is made, and its key answers with a 500 for ever: only the provider's list of refunds knows.
      await stack.fault({ operation: 'refund', mode: 'error_500_after_effect', cached: true });
      await resolve(stack, id, 'compensate');
      return id;
    },
  },
  {
    name: 'undo-parked-then-retried',
    ends: { status: 'rejected', payment: { state: 'declined' } },
    walk: async (stack) => {
      const wanted = { paymentMethod: 'pm_card_chargeDeclined' };
      const id = await parkAt(stack, wanted, 'refund-payment', {
        operation: 'cancel',
        mode: 'error_500',
        times: 'always',
      });
      await resolve(stack, id, 'retry');
      return id;
    },
  },
  {
    name: 'charge-parked-then-skipped',
    ends: { status: 'confirmed', payment: { state: 'captured', capturedMinor: 1_000 } },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', { operation: 'create', mode: 'error_500', times: 'always' });
      await resolve(stack, id, 'skip', await payByHand(stack, id));
      return id;
    },
  },
  {
    name: 'undo-parked-then-skipped',
    ends: { status: 'cancelled', payment: { state: 'refunded', capturedMinor: 1_000, refundedMinor: 1_000 } },
    walk: async (stack) => {
      await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always' });
      const charge = { operation: 'confirm', mode: 'drop_after_effect', times: 'always' };
      const id = await parkAt(stack, {}, 'charge-payment', charge);
      await stack.fault({ operation: 'refund', mode: 'error_500', times: 'always' });
      await resolve(stack, id, 'compensate');
      await until(async () => (await getOrder(stack.url, id)).attention?.step === 'refund-payment', 'the undo parks');
      await heal(stack);
      await resolve(stack, id, 'skip', await refundByHand(stack, id));
      return id;
    },
  },
  {
    name: 'parked-reminds-then-retried',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      const id = await parkAt(stack, {}, 'charge-payment', { operation: 'create', mode: 'error_500', times: 'always' });
      await until(async () => (await eventTypesOf(stack.url, id)).at(-1) === 'order.parked.reminder', 'a reminder');
      await resolve(stack, id, 'retry');
      return id;
    },
  },
  {
    name: 'refund-failed-parks',
    ends: { status: 'reserved', payment: { state: 'captured', capturedMinor: 1_000, refundedMinor: 0 } },
    walk: async (stack) => {
      await stack.fault({ operation: 'retrieve', mode: 'error_500', times: 'always' });
      const wanted = { paymentMethod: 'pm_card_refundFail' };
      const id = await parkAt(stack, wanted, 'charge-payment', {
        operation: 'confirm',
        mode: 'drop_after_effect',
        times: 'always',
      });
      await resolve(stack, id, 'compensate');
      await until(
        async () => (await getOrder(stack.url, id)).attention?.step === 'refund-payment',
        'the failed refund parks',
      );
      return id;
    },
  },
  {
    name: 'customer-authenticates',
    ends: { status: 'confirmed' },
    walk: async (stack) => {
      const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_threeDSecure2Required' });
      await waitsForCustomer(stack, id);
      const { rows } = await stack.db.query<{ provider_id: string }>(
        'select provider_id from payments where order_id = $1',
        [id],
      );
      await fetch(`${stack.simulatorUrl}/_simulator/payment_intents/${rows[0]?.provider_id ?? ''}/authenticate`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ outcome: 'succeed' }),
      });
      // Nobody tells: the workflow looks by itself.
      await settledOrder(stack.url, id);
      return id;
    },
  },
  {
    name: 'customer-never-comes',
    ends: { status: 'rejected', payment: { state: 'voided' } },
    walk: (stack) => walkTo(stack, { paymentMethod: 'pm_card_threeDSecure2Required' }),
  },
  {
    name: 'second-card-after-a-decline',
    ends: { status: 'confirmed', payment: { state: 'captured', capturedMinor: 1_000 } },
    walk: async (stack) => {
      const wanted = { paymentMethod: 'pm_card_chargeDeclined', extra: { paymentRetryMinutes: 1 } };
      const { id } = await placeOrder(stack.url, wanted);
      await waitsForCustomer(stack, id);
      await fetch(`${stack.url}/orders/${id}/payment-method`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
        body: JSON.stringify({ paymentMethod: 'pm_card_visa' }),
      });
      await settledOrder(stack.url, id);
      return id;
    },
  },
  ...cancelPaths,
  ...reviewPaths,
];
