// Payment adapters with one mistake each, made around a good one. What must stay true: each mistake is one that somebody would make.
import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import { ApplicationFailure } from '@temporalio/common';
import type { At } from '../../src/conformance/connection.ts';
import { RejectionCode } from '../../src/domain/rejection.ts';
import type { PaymentProvider, ProviderAnswer, ProviderPayment } from '../../src/ports/payment.ts';

type Make = (at: At) => PaymentProvider;
/** `fails`: exactly these checks; `mayFail`: these too, where two requests race. */
export type BadPayment = { make: (good: Make) => Make; fails: readonly string[]; mayFail?: readonly string[] };

const declined = { rejection: { code: RejectionCode.declined, message: 'declined', declineCode: 'unknown' } };

/** The good adapter, with some calls replaced. */
const around =
  (replace: (good: PaymentProvider, at: At) => Partial<PaymentProvider>) =>
  (make: Make): Make =>
  (at) => {
    const good = make(at);
    return { ...good, ...replace(good, at) };
  };

/** What is done is told otherwise. */
const telling = <T>(answer: ProviderAnswer<T>, tell: (done: T) => ProviderAnswer<T>): ProviderAnswer<T> =>
  'done' in answer ? tell(answer.done) : answer;

type AnyCall = (request: never) => Promise<unknown>;

/** Each call of the adapter goes through this. */
const everyCall =
  (through: (call: () => Promise<unknown>, name: string) => Promise<unknown>) =>
  (make: Make): Make =>
  (at) => {
    const entries = Object.entries(make(at)) as [string, AnyCall][];
    const calls = entries.map(([name, call]) => [name, (request: never) => through(() => call(request), name)]);
    return Object.fromEntries(calls) as PaymentProvider;
  };

const own = (key: string): string => `${key}~${randomUUID()}`;
const ours = (key: string | null): string | null => key?.split('~')[0] ?? null;
const statusOf = (error: unknown): number => (error instanceof Stripe.errors.StripeError ? (error.statusCode ?? 0) : 0);

const afterConfirm = (tell: (payment: ProviderPayment) => ProviderAnswer<ProviderPayment>) =>
  around(({ confirm }) => ({ confirm: async (request) => telling(await confirm(request), tell) }));
const afterFind = (tell: (payment: ProviderPayment) => ProviderAnswer<ProviderPayment>) =>
  around(({ find }) => ({ find: async (request) => telling(await find(request), tell) }));

const unknownAll = ['dropped', 'server-error', 'half-body', 'no-answer', 'hangs', 'credentials', 'patience'];

export const badPayments: Readonly<Record<string, BadPayment>> = {
  'takes a confirm that failed for a decline': {
    make: around(({ confirm }) => ({ confirm: (request) => confirm(request).catch(() => declined) })),
    fails: [...unknownAll.map((name) => `unknown.${name}`), ...['confirm.stored-failure', 'lost.confirm']],
    // Where one of ten finds another one at work.
    mayFail: ['confirm.ten-at-once'],
  },
  'tries again by itself': {
    make: everyCall((call) => call().catch(() => call())),
    fails: ['requests.no-retries'],
  },
  'remembers the keys of payments in its own process': {
    make: around(({ create, find }) => {
      const known = new Map<string, ReturnType<typeof create>>();
      return {
        create: (request) => {
          const answer = known.get(request.key) ?? create({ ...request, key: own(request.key) });
          known.set(request.key, answer);
          return answer;
        },
        find: async (request) => telling(await find(request), (done) => ({ done: { ...done, key: ours(done.key) } })),
      };
    }),
    fails: ['create.same-key', 'create.ten-at-once', 'create.other-parameters', 'lost.create'],
  },
  'gives every refund a key of its own': {
    make: around(({ refund, listRefunds, listAllRefunds }) => ({
      refund: (request) => refund({ ...request, key: own(request.key) }),
      listRefunds: async (request) =>
        telling(await listRefunds(request), (list) => ({ done: list.map((one) => ({ ...one, key: ours(one.key) })) })),
      listAllRefunds: async (request) =>
        telling(await listAllRefunds(request), ({ items, next }) => ({
          done: { items: items.map((one) => ({ ...one, key: ours(one.key) })), next },
        })),
    })),
    fails: ['refund.same-key', 'refund.ten-at-once', 'refund.other-parameters', 'lost.refund'],
  },
  'throws a decline': {
    make: around(({ confirm }) => ({
      confirm: async (request) => {
        const answer = await confirm(request);
        if ('rejection' in answer) throw new Error(answer.rejection.message);
        return answer;
      },
    })),
    fails: ['confirm.decline', 'confirm.decline-is-found', 'confirm.decline-repeated'],
  },
  'loses the code of a decline': {
    make: around(({ confirm }) => ({
      confirm: async (request) => {
        const answer = await confirm(request);
        return 'rejection' in answer ? declined : answer;
      },
    })),
    fails: ['confirm.decline'],
  },
  'finds a declined payment unconfirmed': {
    make: afterFind((payment) => ({
      done: payment.state.kind === 'declined' ? { ...payment, state: { kind: 'unconfirmed' } } : payment,
    })),
    fails: ['confirm.decline-is-found'],
  },
  'takes a payment that needs its customer for a decline': {
    make: afterConfirm((payment) => (payment.state.kind === 'needs-customer' ? declined : { done: payment })),
    fails: ['confirm.needs-customer', 'cancel.needs-customer'],
  },
  'takes processing for captured': {
    make: afterConfirm((payment) => ({
      done: payment.state.kind === 'processing' ? { ...payment, state: { kind: 'captured' } } : payment,
    })),
    fails: ['confirm.processing'],
  },
  'says that a captured payment is cancelled': {
    make: around(({ cancel, find }) => ({
      cancel: async (request) => {
        const answer = await cancel(request);
        if (!('refused' in answer)) return answer;
        return telling(await find(request), (payment) => ({ done: { ...payment, state: { kind: 'cancelled' } } }));
      },
    })),
    fails: ['cancel.captured'],
    mayFail: ['cancel.race'],
  },
  'counts thousandths in hundredths, there and back': {
    make: around(({ create, find, confirm }) => {
      const back = (payment: ProviderPayment): ProviderAnswer<ProviderPayment> => {
        const times = payment.currency === 'BHD' ? 10 : 1;
        const { amountMinor, capturedMinor } = payment;
        return { done: { ...payment, amountMinor: amountMinor * times, capturedMinor: capturedMinor * times } };
      };
      return {
        create: async ({ amountMinor, ...request }) =>
          telling(
            await create({ ...request, amountMinor: request.currency === 'BHD' ? amountMinor / 10 : amountMinor }),
            back,
          ),
        find: async (request) => telling(await find(request), back),
        confirm: async (request) => telling(await confirm(request), back),
      };
    }),
    fails: ['amounts.shown'],
  },
  'counts yen in hundredths': {
    make: afterConfirm((payment) => ({
      done: payment.currency === 'JPY' ? { ...payment, capturedMinor: payment.capturedMinor * 100 } : payment,
    })),
    fails: ['amounts.JPY'],
  },
  'waits for ever': {
    make: (good) => (at) => good({ ...at, timeoutMs: 60_000 }),
    fails: ['unknown.hangs'],
  },
  'does not honour Retry-After': {
    make: everyCall((call) =>
      call().catch((error: unknown) => {
        throw error instanceof ApplicationFailure ? new Error(error.message) : error;
      }),
    ),
    fails: ['unknown.patience'],
  },
  'refuses for good when its key is refused': {
    make: everyCall((call) =>
      call().catch((error: unknown) => {
        if (![401, 403].includes(statusOf(error))) throw error;
        return { refused: 'unauthorised' };
      }),
    ),
    fails: ['unknown.credentials'],
  },
  'takes every 500 for a stored one': {
    make: everyCall((call) =>
      call().catch((error: unknown) => {
        if (statusOf(error) < 500) throw error;
        return { stuck: 'a stored failure' };
      }),
    ),
    fails: ['unknown.server-error'],
  },
  'takes an answer without a state for captured': {
    make: around(({ confirm }) => ({
      confirm: (request) =>
        confirm(request).catch((error: unknown): Awaited<ReturnType<typeof confirm>> => {
          if (!(error instanceof TypeError)) throw error;
          const { providerId, key } = request;
          const of = { providerId, key, orderId: null, currency: 'EUR', createdAt: new Date(0).toISOString() };
          return { done: { ...of, amountMinor: 0, capturedMinor: 0, state: { kind: 'captured' } } };
        }),
    })),
    fails: ['unknown.no-answer'],
  },
  'quotes its key in errors': {
    make: everyCall((call) =>
      call().catch((cause: unknown) => {
        if (cause instanceof ApplicationFailure) throw cause;
        throw new Error('The request failed', { cause: new Error('Authorization: Bearer sk_test_conformance') });
      }),
    ),
    fails: ['secrets.credentials'],
  },
  'tells the client secret with the payment': {
    make: around(({ find, findClientSecret }) => ({
      find: async (request) => {
        const secret = await findClientSecret(request);
        return telling(await find(request), (payment) => ({ done: { ...payment, raw: secret } }));
      },
    })),
    fails: ['requests.once', 'secrets.client-secret'],
  },
  'takes a second refund of the same amount for the first': {
    make: around(({ refund, listRefunds }) => ({
      refund: async (request) => {
        const made = await listRefunds(request);
        const same = 'done' in made && made.done.find(({ amountMinor }) => amountMinor === request.amountMinor);
        return same ? { done: same } : refund(request);
      },
    })),
    fails: ['refund.two-keys', 'requests.once'],
  },
  'takes a pending refund for done': {
    make: around(({ refund }) => ({
      refund: async (request) => telling(await refund(request), (made) => ({ done: { ...made, state: 'succeeded' } })),
    })),
    fails: ['refund.pending'],
  },
  'lists refunds without their keys': {
    make: around(({ listRefunds }) => ({
      listRefunds: async (request) =>
        telling(await listRefunds(request), (list) => ({ done: list.map((one) => ({ ...one, key: null })) })),
    })),
    fails: ['refund.is-listed', 'refund.fails', 'lost.refund'],
  },
  'captures all when a part is meant to be the last': {
    make: around(({ capture }) => ({
      capture: (request) =>
        capture(request.isFinal && request.amountMinor > 0 ? { ...request, amountMinor: 2_490 } : request),
    })),
    fails: ['capture.part', 'capture.several', 'capture.too-much'],
  },
  'cuts a capture down to what is authorized': {
    make: around(({ capture }) => ({
      capture: (request) => capture({ ...request, amountMinor: Math.min(request.amountMinor, 2_490) }),
    })),
    fails: ['capture.too-much'],
  },
  'throws for a payment that there is none of': {
    make: around(({ find }) => ({
      find: async (request) => {
        const answer = await find(request);
        if ('refused' in answer) throw new Error(answer.refused);
        return answer;
      },
    })),
    fails: ['find.unknown'],
  },
  'loses what stands between two pages': {
    make: around(({ list }) => ({
      list: async (request) =>
        telling(await list(request), ({ items, next }) => ({
          done: { items: request.cursor !== null && request.limit < 100 ? items.slice(1) : items, next },
        })),
    })),
    fails: ['list.pages'],
  },
  'tells nothing of what a dispute took': {
    make: around(({ listDisputes }) => ({
      listDisputes: async (request) =>
        telling(await listDisputes(request), (list) => ({ done: list.map((one) => ({ ...one, movements: [] })) })),
    })),
    fails: ['dispute.found'],
  },
};
