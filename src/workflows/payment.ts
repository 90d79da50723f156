// Getting an order paid: one try after the other, each a payment of its own at the provider. What must stay true: the undo
// of a try is armed before it, a second try begins only when the first can never be paid any more, and nobody waits for a
// customer without an end.
import { condition, setHandler } from '@temporalio/workflow';
import { rejectionFailure, rejectionIn } from '../contracts/failures.ts';
import { paymentNewsSignal } from '../contracts/messages.ts';
import type { ChargeOutcome, OrderInput } from '../contracts/process-order.ts';
import { RejectionCode, type Rejection } from '../domain/rejection.ts';
import type { OrderActivities } from './activity-proxies.ts';
import type { Compensations } from './compensation.ts';
import type { OrderState } from './order-state.ts';
import type { Parking } from './parking.ts';

const FIRST_TRY = 1;
// Whoever has a list of stolen cards tries them out one by one; and a history must come to an end.
const MAX_TRIES = 10;

// For an order whose input is from before customers were waited for. None of them waits, its payment was never asked to.
const DEFAULT_CUSTOMER_WAIT_MS = 30 * 60_000;

// The provider tells when a customer is done. In case that gets lost it is asked too, less and less often: at most two dozen
// times in an hour, each a handful of history events.
const FIRST_LOOK_MS = 10_000;
const LATEST_LOOK_MS = 5 * 60_000;

type Dependencies = {
  input: OrderInput;
  activities: OrderActivities;
  parking: Pick<Parking, 'runStep'>;
  undo: Pick<Compensations, 'arm'>;
  order: Pick<OrderState, 'waitsForCustomer'>;
};

/** Takes the order's total once. Throws what ends the story: a rejection, an ending, a cancellation, an operator's word. */
export async function collectPayment({ input, activities, parking, undo, order }: Dependencies): Promise<void> {
  const { orderId, bounds } = input;
  const { customerWaitMs = DEFAULT_CUSTOMER_WAIT_MS, paymentRetryMs = 0 } = bounds;
  const news = listenForNews();

  for (let ordinal = FIRST_TRY; ;) {
    const attempt = { orderId, ordinal };
    undo.arm({ step: 'refund-payment', ordinal });
    try {
      return await untilDecided(attempt);
    } catch (error) {
      const rejection = rejectionIn(error);
      const isLast = ordinal >= MAX_TRIES || paymentRetryMs === 0;
      if (!rejection || rejection.code === RejectionCode.expired || isLast) throw error;
      const next = await anotherTry(attempt, rejection);
      if (next === 'paid') return;
      ordinal = next;
    }
  }

  /** Charges; while that waits for the customer, asks again whenever there are news, and now and then without. */
  async function untilDecided(attempt: { orderId: string; ordinal: number }): Promise<void> {
    const step = (): Promise<ChargeOutcome> =>
      parking.runStep(
        'charge-payment',
        () => activities.chargePayment({ ...attempt, customerWaitMs }),
        async (providerId) => {
          await activities.adoptPayment({ ...attempt, providerId });
          return undefined;
        },
      );
    let outcome = await step();
    const until = Date.now() + customerWaitMs;
    for (let lookMs = FIRST_LOOK_MS; outcome?.waitsFor; lookMs = Math.min(lookMs * 2, LATEST_LOOK_MS)) {
      if (Date.now() >= until) throw rejectionFailure(expired);
      order.waitsForCustomer(new Date(until).toISOString());
      await news.wait(Math.min(lookMs, until - Date.now()), 'The customer has to act: ask the provider again');
      outcome = await step();
    }
  }

  /** Waits for another payment method; throws the rejection when none comes in time. */
  async function anotherTry(
    declined: { orderId: string; ordinal: number },
    rejection: Rejection,
  ): Promise<number | 'paid'> {
    const step = <T>(work: () => Promise<T>): Promise<T> => parking.runStep('charge-payment', work);
    const { paid } = await step(() => activities.abandonPayment(declined));
    if (paid) return 'paid';
    await step(() => activities.requestPaymentMethod({ ...declined, withinMs: paymentRetryMs }));
    const until = Date.now() + paymentRetryMs;
    for (;;) {
      const next = await step(() => activities.findPaymentTry(declined));
      if (next !== null) return next;
      if (Date.now() >= until) throw rejectionFailure(rejection);
      order.waitsForCustomer(new Date(until).toISOString());
      await news.wait(until - Date.now(), 'The customer may give another payment method until then');
    }
  }
}

const expired: Rejection = {
  code: RejectionCode.expired,
  message: 'The payment was not finished by its customer in time',
};

/** Remembers news that come while nobody waits for any. */
function listenForNews(): { wait: (withinMs: number, summary: string) => Promise<void> } {
  let heard = false;
  setHandler(paymentNewsSignal, () => void (heard = true), {
    description: 'Something happened to the payment: a customer is done, or another payment method was given',
  });
  return {
    wait: async (withinMs, summary) => {
      await condition(() => heard, withinMs, { summary });
      heard = false;
    },
  };
}
