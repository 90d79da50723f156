import type { Operation } from '../contracts/ids.ts';
import type { PaymentState } from '../domain/payment.ts';
import type { Ending, Rejection } from '../domain/rejection.ts';

/** A payment at the provider (Stripe: PaymentIntent), in our words. Amounts in minor units. */
export type ProviderPayment = {
  providerId: string;
  orderId: string | null;
  currency: string;
  amountMinor: number;
  capturedMinor: number;
  state:
    | { kind: 'unconfirmed' }
    | { kind: 'processing' }
    | { kind: 'needs-customer' }
    | { kind: 'authorized' }
    | { kind: 'captured' }
    | { kind: 'declined'; rejection: Rejection }
    | { kind: 'cancelled' };
};

/** A refund at the provider; `key` is the idempotency key it was made with, where it is one of ours. */
export type ProviderRefund = {
  refundId: string;
  amountMinor: number;
  currency: string;
  key: string | null;
  state: 'pending' | 'succeeded' | 'failed';
};

/**
 * What a call to the provider came to. `stuck`: the provider has stored a failure for this key and will repeat it for
 * ever; `refused`: it will never accept the call as it is (our mistake). Everything that leaves the outcome unknown
 * (timeout, lost connection, 5xx, rate limit) is thrown, and the same call may be made again with the same key.
 */
export type ProviderAnswer<T> = { done: T } | { rejection: Rejection } | { stuck: string } | { refused: string };

/** The payment provider. Never retries by itself: Temporal owns the retries. */
export type PaymentProvider = {
  /** Makes a payment that moves no money until it is confirmed. */
  create: (request: {
    key: string;
    orderId: string;
    amountMinor: number;
    currency: string;
    paymentMethod: string;
  }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** Moves the money: the one call that does. */
  confirm: (request: { key: string; providerId: string }) => Promise<ProviderAnswer<ProviderPayment>>;
  find: (request: { providerId: string }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** Makes it impossible to confirm; `refused` when the payment has gone too far, then ask again what it is. */
  cancel: (request: { key: string; providerId: string }) => Promise<ProviderAnswer<ProviderPayment>>;
  refund: (request: {
    key: string;
    providerId: string;
    amountMinor: number;
  }) => Promise<ProviderAnswer<ProviderRefund>>;
  listRefunds: (request: { providerId: string }) => Promise<ProviderAnswer<readonly ProviderRefund[]>>;
};

/** One try to be paid, as we have recorded it. `fenced`: its undo has begun. */
export type PaymentRecord = {
  orderId: string;
  ordinal: number;
  state: PaymentState;
  amountMinor: number;
  currency: string;
  paymentMethod: string;
  providerId: string | null;
  createRevision: number;
  confirmRevision: number;
  voidRevision: number;
  refundRevision: number;
  rejection: Rejection | null;
  fenced: boolean;
  ending: Ending | null;
};

type Try = { orderId: string; ordinal: number };

/** Our own books about a payment. Facts (captured, declined, voided, refunded) are always recorded, each once. */
export type PaymentRecords = {
  find: (request: Try) => Promise<PaymentRecord>;
  /** Keeps the provider's id unless one is stored, and answers with the stored one; `ending` when it is too late. */
  keepProviderId: (request: Try & { providerId: string }) => Promise<{ providerId: string } | { ending: Ending }>;
  /** From now on the operation uses the key's next revision; a repeat with the same `from` changes nothing. */
  raiseRevision: (request: Try & { operation: Operation; from: number }) => Promise<void>;
  recordCapture: (request: Try & { providerId: string; amountMinor: number; currency: string }) => Promise<void>;
  /**
   * Makes a captured payment that was made by hand the order's, in place of the stored one (`insteadOf`), which must be
   * cancelled for certain. `usedBy`: it is another order's; `ending`: it is too late.
   */
  adoptPayment: (
    request: Try & { providerId: string; amountMinor: number; currency: string; insteadOf: string | null },
  ) => Promise<{ adopted: true } | { usedBy: string } | { ending: Ending }>;
  recordDecline: (request: Try & { rejection: Rejection }) => Promise<void>;
  /** Refuses every further effect of this try, and fixes how the order ends; answers with the try as it stands. */
  fence: (request: Try & { ending: Ending }) => Promise<PaymentRecord>;
  recordVoid: (request: Try) => Promise<void>;
  /** A refund that succeeded, whoever made it; the try is `refunded` once nothing of it is left. */
  recordRefund: (request: Try & { refundId: string; amountMinor: number; currency: string }) => Promise<void>;
};
