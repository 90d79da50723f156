// Stripe's API in our words; the simulator speaks the same. What must stay true: no retries here (Temporal owns them), our
// keys on every call that does something, and nothing unknown is ever turned into an answer.
import Stripe from 'stripe';
import type {
  ListedRefund,
  ListRequest,
  PaymentProvider,
  ProviderAnswer,
  ProviderPayment,
  ProviderRefund,
} from '../../ports/payment.ts';
import { RejectionCode, type Rejection } from '../../domain/rejection.ts';
import { toDispute, toListedDispute, UnclearDispute } from './stripe-dispute.ts';
import { answerOf } from './stripe-errors.ts';
import { createSingleAttemptHttpClient } from './stripe-http.ts';

// The largest page that Stripe gives.
const PAGE_SIZE = 100;

export type StripeSettings = { apiKey: string; apiBase: string; timeoutMs: number };

/** A payment provider on `apiBase` (api.stripe.com, or a simulator). Throws what leaves an outcome unknown. */
export function createStripeProvider({ apiKey, apiBase, timeoutMs }: StripeSettings): PaymentProvider {
  const base = new URL(apiBase);
  const stripe = new Stripe(apiKey, {
    host: base.hostname,
    port: base.port === '' ? (base.protocol === 'https:' ? 443 : 80) : Number(base.port),
    protocol: base.protocol === 'https:' ? 'https' : 'http',
    maxNetworkRetries: 0,
    httpClient: createSingleAttemptHttpClient(),
    timeout: timeoutMs,
    telemetry: false,
  });

  return {
    create: ({ key, orderId, amountMinor, currency, paymentMethod, capture, customer }) =>
      asking(async () =>
        toPayment(
          await stripe.paymentIntents.create(
            {
              amount: amountMinor,
              currency: currency.toLowerCase(),
              payment_method: paymentMethod,
              automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
              ...(capture === 'per-shipment' ? authorizeOnly : {}),
              ...(customer ? { customer: customer.customerId } : {}),
              ...(customer?.use === 'save' ? { setup_future_usage: 'off_session' } : {}),
              // As with refunds: after the key has died at the provider, this says which try of ours the payment is.
              metadata: { orderId, idempotencyKey: key },
            },
            { idempotencyKey: key },
          ),
        ),
      ),

    confirm: ({ key, providerId, capture, isOffSession }) =>
      asking(async () => {
        // A key stands for one request: what is captured at once is confirmed as it always was.
        const expanding = capture === 'per-shipment' ? withCharge : {};
        const parameters = isOffSession === true ? { ...expanding, off_session: true } : expanding;
        return toPayment(await stripe.paymentIntents.confirm(providerId, parameters, { idempotencyKey: key }));
      }),

    find: ({ providerId }) =>
      asking(async () => toPayment(await stripe.paymentIntents.retrieve(providerId, withCharge))),

    refund: ({ key, providerId, amountMinor }) =>
      asking(async () =>
        toRefund(
          await stripe.refunds.create(
            // The key travels as metadata too: after it has died at the provider, this is how we know the refund is ours.
            { payment_intent: providerId, amount: amountMinor, metadata: { idempotencyKey: key } },
            { idempotencyKey: key },
          ),
        ),
      ),

    ...customersOf(stripe),
    ...questionsOf(stripe),
    ...endsOf(stripe),
    ...listsOf(stripe),
  };
}

/** To whom methods belong that are saved. */
const customersOf = (stripe: Stripe): Pick<PaymentProvider, 'createCustomer'> => ({
  createCustomer: ({ key, orderId }) =>
    asking(async () => {
      const metadata = { orderId, idempotencyKey: key };
      return { customerId: (await stripe.customers.create({ metadata }, { idempotencyKey: key })).id };
    }),
});

/** What else is asked about one payment, or one dispute. */
const questionsOf = (stripe: Stripe): Pick<PaymentProvider, 'findClientSecret' | 'findDispute'> => ({
  findClientSecret: ({ providerId }) =>
    asking(async () => {
      const { client_secret: secret } = await stripe.paymentIntents.retrieve(providerId);
      if (secret === null) throw new Error(`Expected ${providerId} to have a client secret; found none`);
      return secret;
    }),

  findDispute: ({ disputeId }) =>
    asking(async () => {
      const [found] = toListedDispute(await stripe.disputes.retrieve(disputeId));
      if (!found) throw new UnclearDispute(`Expected dispute ${disputeId} to be of a payment; found none`);
      return found;
    }),
});

/** What an authorization comes to. */
const endsOf = (stripe: Stripe): Pick<PaymentProvider, 'capture' | 'cancel'> => ({
  capture: ({ key, providerId, amountMinor, isFinal }) =>
    asking(async () => {
      const parameters = { amount_to_capture: amountMinor, ...(isFinal ? {} : { final_capture: false }) };
      return toPayment(await stripe.paymentIntents.capture(providerId, parameters, { idempotencyKey: key }));
    }),

  cancel: ({ key, providerId }) =>
    asking(async () => toPayment(await stripe.paymentIntents.cancel(providerId, {}, { idempotencyKey: key }))),
});

/** The money is only reserved with the customer's bank; captured several times where card and account allow that. */
const authorizeOnly = {
  capture_method: 'manual',
  payment_method_options: { card: { request_multicapture: 'if_available' } },
} as const;

/** The charge says until when, and how often, what is authorized can be captured. */
const withCharge = { expand: ['latest_charge'] };

type Lists = 'list' | 'listAllRefunds' | 'listAllDisputes' | 'listRefunds' | 'listDisputes';

/** What was made at the provider, page by page; of one payment all at once. */
const listsOf = (stripe: Stripe): Pick<PaymentProvider, Lists> => ({
  listRefunds: ({ providerId }) =>
    asking(() => every(stripe.refunds.list({ payment_intent: providerId, limit: PAGE_SIZE }), toRefund)),

  listDisputes: ({ providerId }) =>
    asking(() => every(stripe.disputes.list({ payment_intent: providerId, limit: PAGE_SIZE }), toDispute)),

  list: (request) =>
    asking(async () => {
      const { data, has_more: more } = await stripe.paymentIntents.list(pageAfter(request));
      return { items: data.map(toPayment), next: more ? (data.at(-1)?.id ?? null) : null };
    }),

  listAllRefunds: (request) =>
    asking(async () => {
      const { data, has_more: more } = await stripe.refunds.list(pageAfter(request));
      return { items: data.flatMap(toListedRefund), next: more ? (data.at(-1)?.id ?? null) : null };
    }),

  listAllDisputes: (request) =>
    asking(async () => {
      const { data, has_more: more } = await stripe.disputes.list(pageAfter(request));
      return { items: data.flatMap(toListedDispute), next: more ? (data.at(-1)?.id ?? null) : null };
    }),
});

const pageAfter = ({ createdFrom, createdBefore, cursor, limit }: ListRequest) => ({
  created: { gte: toSeconds(createdFrom), lt: toSeconds(createdBefore) },
  limit,
  ...(cursor === null ? {} : { starting_after: cursor }),
});

// The provider's clock counts whole seconds. Rounded down at both ends, spans that touch neither overlap nor leave a gap.
const toSeconds = (instant: string): number => Math.floor(Date.parse(instant) / 1_000);
const toInstant = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** Over all pages. */
async function every<T, Ours>(pages: AsyncIterable<T>, toOurs: (object: T) => Ours): Promise<Ours[]> {
  const objects: Ours[] = [];
  for await (const object of pages) objects.push(toOurs(object));
  return objects;
}

async function asking<T>(call: () => Promise<T>): Promise<ProviderAnswer<T>> {
  try {
    return { done: await call() };
  } catch (error) {
    // To ask again would not make it clearer: a person has to look.
    if (error instanceof UnclearDispute) return { refused: error.message };
    return answerOf(error);
  }
}

function toPayment(intent: Stripe.PaymentIntent): ProviderPayment {
  return {
    providerId: intent.id,
    orderId: intent.metadata['orderId'] ?? null,
    currency: intent.currency.toUpperCase(),
    amountMinor: intent.amount,
    capturedMinor: intent.amount_received,
    createdAt: toInstant(intent.created),
    key: intent.metadata['idempotencyKey'] ?? null,
    ...authorizationOf(intent),
    ...savedOf(intent),
    state: stateOf(intent),
  };
}

function authorizationOf({ latest_charge: charge }: Stripe.PaymentIntent): Pick<ProviderPayment, 'authorization'> {
  if (charge === null || typeof charge === 'string') return {};
  const card = charge.payment_method_details?.card;
  const before = card?.capture_before;
  const until = before === undefined ? null : toInstant(before);
  return { authorization: { until, isMultiple: card?.multicapture?.status === 'available' } };
}

/** What the provider keeps is the payment's own method, under the id that it has there, from when the payment was made. */
function savedOf(intent: Stripe.PaymentIntent): Pick<ProviderPayment, 'saved'> {
  const { customer, payment_method: method, setup_future_usage: usage, status } = intent;
  const customerId = typeof customer === 'string' ? customer : customer?.id;
  const paymentMethod = typeof method === 'string' ? method : method?.id;
  const isMade = status === 'succeeded' || status === 'requires_capture';
  if (!isMade || usage !== 'off_session' || customerId === undefined || paymentMethod === undefined) return {};
  return { saved: { customerId, paymentMethod } };
}

function stateOf(intent: Stripe.PaymentIntent): ProviderPayment['state'] {
  switch (intent.status) {
    case 'requires_confirmation':
      return { kind: 'unconfirmed' };
    case 'requires_payment_method':
      // Without an error nobody has tried it yet; with one, this is what a decline looks like afterwards.
      return intent.last_payment_error
        ? { kind: 'declined', rejection: declineOf(intent.last_payment_error) }
        : { kind: 'unconfirmed' };
    case 'requires_action':
      return { kind: 'needs-customer' };
    case 'processing':
      return { kind: 'processing' };
    case 'requires_capture':
      return { kind: 'authorized' };
    case 'succeeded':
      return { kind: 'captured' };
    case 'canceled':
      return { kind: 'cancelled' };
    default:
      // A state that Stripe adds later says nothing we may act on.
      throw new Error(`Expected a known state of ${intent.id}; found ${intent.status}`);
  }
}

const declineOf = (error: Stripe.PaymentIntent.LastPaymentError): Rejection => ({
  code: RejectionCode.declined,
  message: error.message ?? 'The payment was declined',
  ...((error.decline_code ?? error.code) ? { declineCode: error.decline_code ?? error.code ?? 'unknown' } : {}),
});

function toRefund(refund: Stripe.Refund): ProviderRefund {
  return {
    refundId: refund.id,
    amountMinor: refund.amount,
    currency: refund.currency.toUpperCase(),
    key: refund.metadata?.['idempotencyKey'] ?? null,
    state: refundStateOf(refund.status),
  };
}

/** None for a refund of something that is no payment of this kind: it can not be ours. */
function toListedRefund(refund: Stripe.Refund): ListedRefund[] {
  const { payment_intent: payment, created } = refund;
  const paymentId = typeof payment === 'string' ? payment : payment?.id;
  return paymentId === undefined ? [] : [{ ...toRefund(refund), paymentId, createdAt: toInstant(created) }];
}

function refundStateOf(status: string | null): ProviderRefund['state'] {
  if (status === 'succeeded') return 'succeeded';
  return status === 'failed' || status === 'canceled' ? 'failed' : 'pending';
}
