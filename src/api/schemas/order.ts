import { onShortages } from '../../domain/backorder.ts';
import { capturePolicies } from '../../domain/capture.ts';
import { OrderStatus, orderSteps, waitingFor } from '../../domain/order.ts';
import { paymentStates } from '../../domain/payment.ts';
import {
  amountMinor,
  anyInstant,
  correlationId,
  currency,
  cursor,
  customerId,
  idempotencyKey,
  instant,
  limit,
  quantity,
  sku,
  z,
} from './fields.ts';
import { amendmentSchema } from './amendment.ts';
import { address, paymentMethod, totalsSchema } from './order-fields.ts';
import { contact } from './notice.ts';
import { reviewSchema } from './review.ts';
import { refundSchema } from './refund.ts';
import { exchangeOf, returnSchema } from './return.ts';
import { shipmentSchema } from './shipment.ts';

const MAX_LINES = 100;
const MAX_METADATA = 20;
// Below the life of the provider's idempotency keys, like every wait for a payment.
const MAX_PAYMENT_RETRY_MINUTES = 23 * 60;
const statuses = Object.values(OrderStatus);

// Left out, not `reject`, where nothing is said: what a repeat is compared with must be what it always was.
const shipping = address.extend({
  onShortage: z.enum(onShortages).optional().openapi({
    description:
      'When there is too little stock: `reject` the order (when left out); `split`: what is there ships at once, the rest when it comes; `wait`: all of it ships together once it is there. What has not come in time is refunded',
  }),
});

export const placeOrderBody = z
  .strictObject({
    customerId,
    items: z.array(z.strictObject({ sku, quantity })).min(1).max(MAX_LINES),
    paymentMethod,
    paymentRetryMinutes: z.int().min(0).max(MAX_PAYMENT_RETRY_MINUTES).optional().openapi({
      description:
        'How long another payment method may be given after a decline (`POST /orders/{id}/payment-method`), ten tries in all; 0: not at all. As configured when left out',
    }),
    shipping: shipping.optional(),
    capture: z.enum(capturePolicies).optional().openapi({
      description:
        'When the money is taken: `at-confirm`, with the sale; `per-shipment`, only for an order with `shipping`: it is authorized with the sale, and captured as its shipments are handed over. As configured when left out',
    }),
    savePaymentMethod: z.boolean().optional().openapi({
      description:
        '`true`: what it is paid with is saved at the provider, for this order alone, and charged when the order is amended to more without another `paymentMethod`. The customer has to have agreed to that',
    }),
    exchangeOf: exchangeOf.optional(),
    contact: contact.optional(),
    metadata: z
      .record(z.string().min(1).max(40), z.string().max(500))
      .refine((value) => Object.keys(value).length <= MAX_METADATA, `at most ${MAX_METADATA} entries`)
      .optional()
      .openapi({ example: { channel: 'web' } }),
  })
  .openapi('PlaceOrder');
export type PlaceOrderBody = z.output<typeof placeOrderBody>;

export const paymentMethodBody = z
  .strictObject({ paymentMethod })
  .openapi('GivePaymentMethod', { description: 'Another payment method for an order that waits for one' });

export const paymentActionSchema = z
  .object({
    paymentId: z.string().openapi({ description: 'The PaymentIntent at the provider' }),
    clientSecret: z.string().openapi({ description: "For the customer's browser alone; never stored" }),
    until: instant.nullable(),
  })
  .openapi('PaymentAction');

export const placeOrderHeaders = z.object({
  'idempotency-key': idempotencyKey,
  prefer: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .openapi({
      type: 'string',
      description: '`wait=N` (RFC 7240, at most 30 s) holds the answer until the order settles',
    }),
  'x-correlation-id': correlationId.optional(),
});

export const orderSchema = z
  .object({
    id: z.string(),
    status: z.enum(statuses),
    attention: z.object({ step: z.enum(orderSteps), reason: z.string(), since: instant }).nullable(),
    waiting: z.object({ for: z.enum(waitingFor), until: instant.nullable() }).nullable(),
    customerId: z.string(),
    currency,
    totalMinor: amountMinor,
    totals: totalsSchema,
    capture: z.enum(capturePolicies).openapi({ description: 'When its money is taken' }),
    items: z.array(
      z.object({
        sku: z.string(),
        name: z.string(),
        quantity: z.int(),
        unitPriceMinor: amountMinor,
        shippedQuantity: z.int().openapi({ description: 'Units that a carrier has taken over' }),
        deliveredQuantity: z.int().openapi({ description: 'Units that have arrived' }),
        backorderedQuantity: z.int().optional().openapi({
          description: 'Units that are waited for; only of orders that allow it (`shipping.onShortage`)',
        }),
      }),
    ),
    payment: z.object({
      state: z.enum(paymentStates),
      capturedMinor: amountMinor,
      refundedMinor: amountMinor,
      disputedMinor: amountMinor.openapi({
        description: 'What disputes (chargebacks) hold back now: taken from us by the bank, and not given again',
      }),
      authorizedMinor: amountMinor.openapi({
        description: 'Reserved with the customer’s bank and not captured yet, of an order that is paid as it ships',
      }),
      declineCode: z.string().optional(),
    }),
    rejection: z.object({ code: z.string(), message: z.string() }).nullable(),
    review: reviewSchema.nullable().openapi({ description: 'Null: nobody had to look at it before it was charged' }),
    refunds: z.array(refundSchema).openapi({ description: 'Refunds that operators asked for, the first first' }),
    amendments: z.array(amendmentSchema).optional().openapi({
      description: 'Changes after the sale that were asked for, the first first; left out when there are none',
    }),
    shipments: z.array(shipmentSchema),
    returns: z.array(returnSchema).openapi({ description: 'The first first' }),
    exchangeOf: exchangeOf.optional(),
    erasedAt: instant.optional().openapi({
      description:
        'Since when nothing of a person stands in it: where words stood is `erased`. Left out while nobody has erased it',
    }),
    correlationId: z.string(),
    placedAt: instant,
    updatedAt: instant,
    links: z.object({ self: z.string(), events: z.string(), temporal: z.url() }),
  })
  .openapi('Order');
export type OrderBody = z.output<typeof orderSchema>;

export const orderListSchema = z
  .object({ items: z.array(orderSchema), nextCursor: z.string().nullable() })
  .openapi('OrderList');

const count = z.int().min(0);
export const orderCountsSchema = z
  .object({
    atMost: z.int().openapi({ description: 'No count goes beyond it: it means so many or more' }),
    statuses: z.object(Object.fromEntries(statuses.map((status) => [status, count]))),
    parked: count,
    waiting: z.object(Object.fromEntries(waitingFor.map((whom) => [whom, count]))),
    parkedSteps: z
      .array(z.object({ step: z.enum(orderSteps), count, oldestSince: instant }))
      .openapi({ description: 'Parked steps, of which an order can have several; what waits longest first' }),
  })
  .openapi('OrderCounts');

export const orderQuery = z.strictObject({
  status: z.enum(statuses).optional(),
  attention: z
    .enum(['true', 'false'])
    .transform((value) => value === 'true')
    .optional()
    .openapi({ type: 'string', enum: ['true', 'false'], description: 'Only parked orders, or only others' }),
  waiting: z.enum(waitingFor).optional().openapi({ description: 'Only orders that wait for this' }),
  customerId: customerId.optional(),
  correlationId: correlationId.optional(),
  placedAfter: anyInstant.optional(),
  placedBefore: anyInstant.optional(),
  cursor: cursor.optional(),
  limit,
});
