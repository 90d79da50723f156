// The further charge of an amendment, by the protocol of every charge (payment.ts), and its undo. What must stay true: nobody waits for
// a customer, and what was taken is given back unless the amendment is applied, which its row says under the order's lock.
import { Context } from '@temporalio/activity';
import type {
  AdoptAmendmentRefundRequest,
  ChargeAmendmentRequest,
  UndoAmendmentRequest,
} from '../contracts/amend-order.ts';
import { endingFailure, needsOperatorFailure, rejectionFailure } from '../contracts/failures.ts';
import type { AmendmentRecords } from '../ports/amendment.ts';
import type { Inventory } from '../ports/inventory.ts';
import type { PaymentProvider, PaymentRecords } from '../ports/payment.ts';
import { adoptRefundOf } from './adoption.ts';
import { charge } from './payment.ts';
import { describeFailed, refundCapture, voidUnlessCaptured } from './refund.ts';

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  amendments: Pick<AmendmentRecords, 'fence'>;
  inventory: Pick<Inventory, 'extendHold'>;
};

export const createAmendmentChargeActivities = (dependencies: Dependencies) => ({
  /** Takes the difference once. Fails with a rejection when the provider, or the bank of a customer who is not there, says no. */
  async chargeAmendment({ orderId, ordinal }: ChargeAmendmentRequest): Promise<void> {
    const payment = await dependencies.payments.find({ orderId, ordinal });
    if (payment.doubt !== null) throw needsOperatorFailure(payment.doubt);
    if (payment.state === 'captured') return;
    if (payment.rejection) throw rejectionFailure(payment.rejection);
    if (payment.ending) throw endingFailure(payment.ending);
    if (payment.fenced) throw needsOperatorFailure(`The charge of payment ${ordinal} is being undone`);
    // What is charged for stays held, however long it takes to find out what came of it.
    if (Context.current().info.attempt > 1) await dependencies.inventory.extendHold({ orderId });
    await charge({ ...dependencies, customerWaitMs: null }, payment);
  },

  /** Undo of chargeAmendment: afterwards nothing is or can be taken by it; unless the amendment is applied already. */
  async undoAmendment({ ordinal, ...request }: UndoAmendmentRequest): Promise<void> {
    const { payments, amendments } = dependencies;
    const { orderId } = request;
    const fenced = await amendments.fence({ ...request, ordinal });
    if ('applied' in fenced) return;
    const captured = await voidUnlessCaptured(dependencies, await payments.find({ orderId, ordinal }));
    if (!captured) return;
    const { failed } = await refundCapture(dependencies, await payments.find({ orderId, ordinal }), captured);
    if (failed) throw needsOperatorFailure(describeFailed(failed));
  },

  /** Stands for undoAmendment: the refund `refundId` was made by hand. Parks again when it can not count. */
  async adoptAmendmentRefund({ ordinal, refundId, ...request }: AdoptAmendmentRefundRequest): Promise<void> {
    const { payments, amendments } = dependencies;
    const fenced = await amendments.fence({ ...request, ordinal });
    if ('applied' in fenced) return;
    await adoptRefundOf(dependencies, await payments.find({ orderId: request.orderId, ordinal }), refundId);
  },
});
