// What the checks of a payment provider do again and again.
import { typeidUnboxed } from 'typeid-js';
import { idempotencyKey, type Operation } from '../../contracts/ids.ts';
import type { CapturePolicy } from '../../domain/capture.ts';
import type {
  CustomerUse,
  Page,
  PaymentProvider,
  ProviderAnswer,
  ProviderPayment,
  ProviderRefund,
} from '../../ports/payment.ts';
import { Broken, describe, expectThat, type Check } from '../check.ts';
import { connect, type Connection } from '../connection.ts';
import type { PaymentConformance } from '../payment-module.ts';
import type { Said } from '../said.ts';

export type PaymentWorld = Connection<PaymentProvider> & { module: PaymentConformance; currency: string };
export type PaymentCheck = Check<PaymentWorld>;

export const defaultCurrencies = ['EUR', 'JPY', 'BHD'] as const;
/** Exact in every currency, also where the last digit of thousandths has to be 0. */
export const AMOUNT_MINOR = 2_490;
export const PART_MINOR = 1_000;
export const REST_MINOR = AMOUNT_MINOR - PART_MINOR;

const calls = [
  'createCustomer',
  'create',
  'confirm',
  'capture',
  'find',
  'cancel',
  'refund',
  'findClientSecret',
  'listRefunds',
  'list',
  'listAllRefunds',
  'listDisputes',
  'listAllDisputes',
  'findDispute',
] as const satisfies readonly (keyof PaymentProvider)[];

export async function openPaymentWorld(
  module: PaymentConformance,
  said: Said,
): Promise<{ world: PaymentWorld; close: () => Promise<void> }> {
  const connection = await connect(module, { calls, said, untold: ['findClientSecret'] });
  const world = { ...connection, module, currency: module.currencies?.[0] ?? defaultCurrencies[0] };
  return { world, close: connection.close };
}

export const newOrder = (): string => typeidUnboxed('order');

export const keyOf = (orderId: string, operation: Operation, ordinal = 1): string =>
  idempotencyKey({ orderId, operation, ordinal });

type Wanted = {
  orderId?: string;
  method?: string;
  amountMinor?: number;
  currency?: string;
  capture?: CapturePolicy;
  customer?: CustomerUse;
};

export type Creation = Parameters<PaymentProvider['create']>[0];

export const creationOf = (world: PaymentWorld, wanted: Wanted = {}): Creation => {
  const { orderId = newOrder(), method = world.module.methods.succeeds, capture, customer } = wanted;
  const { amountMinor = AMOUNT_MINOR, currency = world.currency } = wanted;
  return {
    ...{ key: keyOf(orderId, 'create'), orderId, amountMinor, currency, paymentMethod: method },
    ...(capture ? { capture } : {}),
    ...(customer ? { customer } : {}),
  };
};

/** What was done; Broken where it was not. */
export function done<T>(answer: ProviderAnswer<T>, what: string): T {
  if ('done' in answer) return answer.done;
  throw new Broken(`${what} was not done: ${describe(answer)}`);
}

export type Made = { orderId: string; providerId: string };

export async function created(world: PaymentWorld, wanted: Wanted = {}): Promise<Made> {
  const creation = creationOf(world, wanted);
  const { providerId } = done(await world.adapter.create(creation), 'create');
  return { orderId: creation.orderId, providerId };
}

export const confirmationOf = ({ orderId, providerId }: Made, capture?: CapturePolicy) => ({
  ...{ key: keyOf(orderId, 'confirm'), providerId },
  ...(capture ? { capture } : {}),
});

export async function paid(world: PaymentWorld, wanted: Wanted = {}): Promise<Made> {
  const made = await created(world, wanted);
  const confirmed = done(await world.adapter.confirm(confirmationOf(made, wanted.capture)), 'confirm');
  const kind = wanted.capture === 'per-shipment' ? 'authorized' : 'captured';
  expectThat(confirmed.state.kind === kind, `a confirmed payment is ${confirmed.state.kind}; expected ${kind}`);
  return made;
}

export const found = async (world: PaymentWorld, { providerId }: Made): Promise<ProviderPayment> =>
  done(await world.adapter.find({ providerId }), 'find');

export const refundOf = ({ orderId, providerId }: Made, amountMinor = PART_MINOR, ordinal = 1) => ({
  ...{ key: keyOf(orderId, 'refund', ordinal), providerId, amountMinor },
});

export const refundsOf = async (world: PaymentWorld, { providerId }: Made): Promise<readonly ProviderRefund[]> =>
  done(await world.adapter.listRefunds({ providerId }), 'listRefunds');

// By the clock of the provider, which need not be ours.
const MINUTE_MS = 60_000;
const MAX_PAGES = 400;

/** All payments of an order, from the list of the account, as far as they were made about when this one was. */
export async function paymentsOf(world: PaymentWorld, orderId: string, createdAt: string): Promise<ProviderPayment[]> {
  // One whose answer was lost was made before it.
  const at = Date.parse(createdAt);
  const createdFrom = new Date(at - MINUTE_MS).toISOString();
  const createdBefore = new Date(at + MINUTE_MS).toISOString();
  const span = { createdFrom, createdBefore, limit: 100 };
  const payments: ProviderPayment[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next }: Page<ProviderPayment> = done(await world.adapter.list({ ...span, cursor }), 'list');
    payments.push(...items.filter((payment) => payment.orderId === orderId));
    if (next === null) return payments;
    cursor = next;
  }
  throw new Broken(`a list of one minute has more than ${MAX_PAGES} pages`);
}

/** Ten of the same at once, as attempts that nobody ended would make them; what each came to. */
export const tenAtOnce = <T>(call: () => Promise<T>): Promise<PromiseSettledResult<T>[]> =>
  Promise.allSettled(Array.from({ length: 10 }, call));

export const fulfilled = <T>(results: readonly PromiseSettledResult<T>[]): T[] =>
  results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));

/** Of many answers none may be a no: each would decline the order, and others of them took its money. */
export function expectNoDecline(answers: readonly ProviderAnswer<unknown>[], what: string): void {
  const no = answers.find((answer) => 'rejection' in answer);
  expectThat(no === undefined, `${what}: ${describe(no)}`);
}
