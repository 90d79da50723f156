// What decides which deeds about an order are possible. What must stay true: it is read by the queries by which the deeds themselves are
// accepted, and nothing is locked: who only looks must hold nobody up.
import type { OrderActions } from '../../ports/order-actions.ts';
import { whyNotAmendable } from './amendable.ts';
import type { Database } from './database.ts';
import { seeOrder } from './order-change.ts';
import { findOrder } from './order-reading.ts';
import { createParkedSteps } from './parked-steps.ts';
import { findReplaceableTry } from './payment-notices.ts';
import { findRefundable } from './refund.ts';
import { findReturnable } from './return-rows.ts';

export const createOrderActions = ({ db }: { db: Database }): OrderActions => ({
  find: (request) =>
    // One snapshot: parts from different moments would offer what no moment allowed.
    db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        const row = await seeOrder(tx, request);
        const order = row && (await findOrder(tx, request));
        if (!order) return null;
        const { id: orderId, status, ships, isClosed, ending } = row;
        const parked = await createParkedSteps({ db: tx }).list({ orderId });
        return {
          ...{ status, ships, isClosed, ending, review: order.review },
          parked: parked.map(({ step, reason, since, workflowId }) => ({ step, reason, since, workflowId })),
          canGiveMethod: (await findReplaceableTry(tx, row)) !== null,
          whyNotAmendable: await whyNotAmendable(tx, row, null),
          refundable: await findRefundable(tx, orderId),
          returnable: await findReturnable(tx, row),
          shipments: order.shipments,
          returns: order.returns,
        };
      }),
});
