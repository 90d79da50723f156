// What customers and the provider have to say about payments after an order was placed.
import { Scope } from '../../domain/scope.ts';
import type { Order, OrderReading } from '../../ports/order.ts';
import type { PaymentProvider } from '../../ports/payment.ts';
import type { PaymentMethods, PaymentNotices, ReadNotice } from '../../ports/payment-notice.ts';
import { Problem, RETRY_SOON } from '../middleware/problems.ts';
import type { OrderView } from '../order-view.ts';
import { keyReused, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, orderParams, z } from '../schemas/fields.ts';
import { orderSchema, paymentActionSchema, paymentMethodBody } from '../schemas/order.ts';

type Dependencies = {
  reading: OrderReading;
  view: OrderView;
  methods: PaymentMethods;
  notices: PaymentNotices;
  /** Null: no signing secret is configured, so no notice can be believed. */
  readNotice: ReadNotice | null;
  /** Null: this api has no key of the provider. */
  provider: Pick<PaymentProvider, 'findClientSecret'> | null;
};

/** Another payment method, what a customer needs to finish a payment, and the provider's webhooks. */
export const paymentRoutes = (dependencies: Dependencies): Route[] => [
  givePaymentMethod(dependencies),
  paymentAction(dependencies),
  stripeWebhook(dependencies),
];

const givePaymentMethod = ({ methods, view }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/payment-method',
    operationId: 'givePaymentMethod',
    scope: Scope.write,
    tag: 'orders',
    summary: 'Give another payment method after a decline',
    params: orderParams,
    headers: idempotencyHeaders,
    body: paymentMethodBody,
    answers: { 202: { description: 'It is tried next', schema: orderSchema } },
    problems: [
      'order-not-found',
      'not-waiting-for-payment',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ params: { id }, headers, body }, { res, caller: { tenant } }) => {
      const change = await methods.provide(
        {
          tenant,
          orderId: id,
          paymentMethod: body.paymentMethod,
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /orders/{id}/payment-method', { id, ...body }),
        },
        (order: Order) => ({ status: 202, body: JSON.stringify(view(order)), location: `/orders/${id}` }),
      );
      if (!change) throw new Problem('order-not-found', 'No order has this id');
      if ('keyReused' in change) throw keyReused();
      if ('notWaiting' in change)
        throw new Problem(
          'not-waiting-for-payment',
          `The order is ${change.notWaiting.status} and waits for no payment method`,
        );
      sendAnswer(res, change.answer, { replayed: change.repeated });
    },
  });

const paymentAction = ({ reading, methods, provider }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/payment-action',
    operationId: 'getPaymentAction',
    scope: Scope.write,
    tag: 'orders',
    summary: 'What the customer needs to authenticate the payment (3-D Secure)',
    params: orderParams,
    answers: { 200: { description: 'For the provider’s own script in the browser', schema: paymentActionSchema } },
    problems: ['order-not-found', 'not-waiting-for-payment'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      const order = await reading.find({ tenant, orderId: id });
      if (!order) throw new Problem('order-not-found', 'No order has this id');
      const paymentId = order.waiting?.for === 'customer' ? await methods.findPaymentToFinish({ orderId: id }) : null;
      if (paymentId === null || !order.waiting)
        throw new Problem('not-waiting-for-payment', 'No payment of this order waits to be authenticated');
      if (!provider) throw new Problem('service-unavailable', 'This api has no key of the payment provider');
      const clientSecret = await secretOf(provider, paymentId);
      res.set('Cache-Control', 'no-store').json({ paymentId, clientSecret, until: order.waiting.until });
    },
  });

async function secretOf(provider: Pick<PaymentProvider, 'findClientSecret'>, providerId: string): Promise<string> {
  try {
    const answer = await provider.findClientSecret({ providerId });
    if ('done' in answer) return answer.done;
  } catch {
    // Whatever it was, the client can only come back; the payment itself is in no danger.
  }
  throw new Problem('service-unavailable', 'The payment provider does not answer', { headers: RETRY_SOON });
}

const stripeWebhook = ({ notices, readNotice }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/payment-webhooks/stripe',
    operationId: 'receivePaymentNotice',
    scope: 'open',
    tag: 'payments',
    summary: 'Events of the payment provider, by its signature',
    headers: z.object({ 'stripe-signature': z.string().optional() }),
    signedBody: true,
    answers: { 200: { description: 'Kept, or kept before', schema: z.object({ received: z.literal(true) }) } },
    problems: ['invalid-signature', 'body-too-large'],
    handle: async ({ headers }, { req, res }) => {
      if (!readNotice) throw new Problem('service-unavailable', 'No signing secret of the provider is configured');
      const body: unknown = req.body;
      const notice = readNotice({
        body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        signature: headers['stripe-signature'],
      });
      if (notice && 'forged' in notice)
        throw new Problem('invalid-signature', 'Only events signed by the provider are taken');
      if (notice) await notices.keep(notice);
      res.json({ received: true });
    },
  });
