// After a decline: the old payment is made impossible before another method is asked for, so that never two can be paid.
import { endingFailure } from '../contracts/failures.ts';
import type { PaymentRetryRequest, StepRequest } from '../contracts/process-order.ts';
import type { PaymentProvider, PaymentRecords } from '../ports/payment.ts';
import { voidUnlessCaptured } from './refund.ts';

type Try = { orderId: string; ordinal: number };

/** Those that touch only our own tables. */
export const createPaymentTryActivities = ({ payments }: { payments: PaymentRecords }) => ({
  /** Shows that another payment method is waited for, and until when. A repeat changes nothing. Fails with an ending when undone. */
  async requestPaymentMethod(request: PaymentRetryRequest): Promise<void> {
    const result = await payments.requestMethod(request);
    if ('ending' in result) throw endingFailure(result.ending);
  },

  /**
   * Every charge of the order that the provider may know of, also those of amendments that were applied: whichever run began them, they are
   * undone with it. (The name is older: histories carry it.)
   */
  async findFurtherPayments({ orderId }: StepRequest): Promise<readonly number[]> {
    return payments.findFurther({ orderId });
  },

  /** The try after this one, or null while nobody has given another payment method. */
  async findPaymentTry({ orderId, ordinal }: Try): Promise<number | null> {
    return payments.findTryAfter({ orderId, ordinal });
  },
});

/** Voids a declined try for certain. `paid`: it was paid in the meantime, so nothing more is to be asked for. */
export const createAbandonActivities = (dependencies: { provider: PaymentProvider; payments: PaymentRecords }) => ({
  async abandonPayment({ orderId, ordinal }: Try): Promise<{ paid: boolean }> {
    const payment = await dependencies.payments.fenceTry({ orderId, ordinal });
    if (payment.state === 'captured') return { paid: true };
    return { paid: (await voidUnlessCaptured(dependencies, payment)) !== null };
  },
});
