import { fulfilledQuantities } from '../domain/shipment.ts';
import type { Amendment, Order } from '../ports/order.ts';
import type { Refund } from '../ports/order.ts';
import type { AmendmentBody } from './schemas/amendment.ts';
import type { OrderBody } from './schemas/order.ts';

/** Renders an order as the contract shows it; `workflowUrl` makes the link into the Temporal Web UI. */
export const createOrderView =
  ({ workflowUrl }: { workflowUrl: (orderId: string) => string }) =>
  (order: Order): OrderBody => ({
    id: order.id,
    status: order.status,
    attention: order.attention,
    waiting: order.waiting,
    customerId: order.customerId,
    currency: order.currency,
    totalMinor: order.totalMinor,
    totals: order.totals,
    capture: order.capture,
    items: itemsOf(order),
    payment: {
      state: order.payment.state,
      capturedMinor: order.payment.capturedMinor,
      refundedMinor: order.payment.refundedMinor,
      disputedMinor: order.payment.disputedMinor,
      authorizedMinor: order.payment.authorizedMinor,
      ...(order.payment.declineCode === null ? {} : { declineCode: order.payment.declineCode }),
    },
    rejection: order.rejection && { code: order.rejection.code, message: order.rejection.message },
    review: order.review && { ...order.review, reasons: [...order.review.reasons] },
    refunds: order.refunds.map(viewRefund),
    ...(order.amendments.length > 0 ? { amendments: order.amendments.map(viewAmendment) } : {}),
    shipments: order.shipments.map((shipment) => ({ ...shipment, items: [...shipment.items] })),
    returns: order.returns.map((one) => ({ ...one, items: [...one.items] })),
    // Only where there is one: what is no exchange is told as ever.
    ...(order.exchangeOf ? { exchangeOf: order.exchangeOf } : {}),
    ...(order.erasedAt === null ? {} : { erasedAt: order.erasedAt }),
    correlationId: order.correlationId,
    placedAt: order.placedAt,
    updatedAt: order.updatedAt,
    links: { self: `/orders/${order.id}`, events: `/orders/${order.id}/events`, temporal: workflowUrl(order.id) },
  });

/** The lists of a refund, as the schema wants them. */
const viewRefund = ({ items, refundIds, ...refund }: Refund): OrderBody['refunds'][number] => ({
  ...refund,
  items: items && [...items],
  refundIds: [...refundIds],
});

/** The lists of an amendment, as the schema wants them. */
export const viewAmendment = ({ before, after, refusal, ...amendment }: Amendment): AmendmentBody => ({
  ...amendment,
  before: { ...before, items: [...before.items] },
  after: { ...after, items: [...after.items] },
  refusal: refusal && { ...refusal },
});

function itemsOf({ items, shipments, backordered }: Order): OrderBody['items'] {
  const replaced = new Set(shipments.map(({ replaces }) => replaces));
  const fulfilled = fulfilledQuantities(shipments.map((one) => ({ ...one, isReplaced: replaced.has(one.number) })));
  return items.map((item) => {
    const { shipped, delivered } = fulfilled.get(item.sku) ?? { shipped: 0, delivered: 0 };
    const fulfilment = { ...item, shippedQuantity: shipped, deliveredQuantity: delivered };
    if (!backordered) return fulfilment;
    return { ...fulfilment, backorderedQuantity: backordered.find(({ sku }) => sku === item.sku)?.quantity ?? 0 };
  });
}

export type OrderView = ReturnType<typeof createOrderView>;
