// Carrier adapters with one mistake each, made around a good one.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { At } from '../../src/conformance/connection.ts';
import type { Carrier, CarrierAnswer, Parcel } from '../../src/ports/carrier.ts';

type Make = (at: At) => Carrier;
export type BadCarrier = { make: (good: Make) => Make; fails: readonly string[] };

const around =
  (replace: (good: Carrier) => Partial<Carrier>) =>
  (make: Make): Make =>
  (at) => {
    const good = make(at);
    return { ...good, ...replace(good) };
  };

const telling = <T>(answer: CarrierAnswer<T>, tell: (done: T) => T): CarrierAnswer<T> =>
  'done' in answer ? { done: tell(answer.done) } : answer;

const refusing = <T>(call: Promise<CarrierAnswer<T>>, isMeant: (error: unknown) => boolean) =>
  call.catch((error: unknown): CarrierAnswer<T> => {
    if (isMeant(error)) return { refused: String(error) };
    throw error;
  });

const without = (parcel: Parcel): Parcel => ({ ...parcel, facts: [] });

export const badCarriers: Readonly<Record<string, BadCarrier>> = {
  'takes every fault for a refusal': {
    make: around(({ create }) => ({ create: (request) => refusing(create(request), () => true) })),
    fails: [
      ...['dropped', 'server-error', 'half-body', 'no-answer', 'hangs', 'credentials', 'patience'].map(
        (name) => `unknown.${name}`,
      ),
      'lost.create',
    ],
  },
  'takes what it can not read for a refusal': {
    make: around(({ find }) => ({
      find: (request) =>
        refusing(find(request), (error) => error instanceof SyntaxError || error instanceof z.ZodError),
    })),
    fails: ['unknown.no-answer'],
  },
  'makes a key for each request': {
    make: around(({ create }) => ({ create: (request) => create({ ...request, key: randomUUID() }) })),
    fails: ['create.same-key', 'create.ten-at-once', 'lost.create'],
  },
  'tries again by itself': {
    make: around(({ find }) => ({ find: (request) => find(request).catch(() => find(request)) })),
    fails: ['requests.no-retries'],
  },
  'lists only parcels that are valid': {
    make: around(({ list }) => ({
      list: async (request) =>
        telling(await list(request), (parcels) => parcels.filter(({ isCancelled }) => !isCancelled)),
    })),
    fails: ['cancel.voids'],
  },
  'says that a parcel that has left is cancelled': {
    make: around(({ cancel, find }) => ({
      cancel: async (request) => {
        const answer = await cancel(request);
        return 'refused' in answer
          ? telling(await find(request), (parcel) => ({ ...parcel, isCancelled: true }))
          : answer;
      },
    })),
    fails: ['cancel.left'],
  },
  'tells nothing of parcels that come back': {
    make: around(({ find }) => ({
      find: async (request) =>
        telling(await find(request), (parcel) =>
          parcel.facts.some(({ status }) => status === 'returned') ? without(parcel) : parcel,
        ),
    })),
    fails: ['facts.returned'],
  },
  'waits for ever': {
    make: (good) => (at) => good({ ...at, timeoutMs: 60_000 }),
    fails: ['unknown.hangs'],
  },
  'quotes the address': {
    make: around(({ create }) => ({
      create: (request) =>
        create(request).catch((cause: unknown) => {
          throw new Error(`No label for ${JSON.stringify(request.recipient)}`, { cause });
        }),
    })),
    fails: ['secrets.recipient'],
  },
};
