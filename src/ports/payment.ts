import type { Operation } from '../contracts/ids.ts';
import type { ParkingRef } from '../contracts/parking.ts';
import type { CapturePolicy } from '../domain/capture.ts';
import type { OrderStatus } from '../domain/order.ts';
import type { PaymentState } from '../domain/payment.ts';
import type { Ending, Rejection } from '../domain/rejection.ts';

/** A payment at the provider (Stripe: PaymentIntent), in our words. Amounts in minor units. */
export type ProviderPayment = {
  providerId: string;
  orderId: string | null;
  currency: string;
  amountMinor: number;
  capturedMinor: number;
  /** When it was made, by the provider's clock (ISO instant, whole seconds). */
  createdAt: string;
  /** The idempotency key that it says it was made with, where it is one of ours: it names the order and the ordinal. */
  key: string | null;
  /** Of one that was authorized, where the answer tells of it. */
  authorization?: Authorization;
  /** Of one that was made, with a method that the provider keeps to be charged again. */
  saved?: SavedMethod;
  state:
    | { kind: 'unconfirmed' }
    | { kind: 'processing' }
    | { kind: 'needs-customer' }
    | { kind: 'authorized' }
    | { kind: 'captured' }
    | { kind: 'declined'; rejection: Rejection }
    | { kind: 'cancelled' };
};

/** Until when (ISO instant; null: it is not said) what is authorized can be captured, and whether by more than one capture. */
export type Authorization = { until: string | null; isMultiple: boolean };

/** A payment method that belongs to a customer at the provider, and can be charged again. */
export type SavedMethod = { customerId: string; paymentMethod: string };

/** Whose payment it is at the provider: its method is saved for them, or was, and they are absent now. */
export type CustomerUse = { customerId: string; use: 'save' | 'off-session' };

/** A refund at the provider; `key` is the idempotency key it was made with, where it is one of ours. */
export type ProviderRefund = {
  refundId: string;
  amountMinor: number;
  currency: string;
  key: string | null;
  state: 'pending' | 'succeeded' | 'failed';
};

/** A refund in the provider's list of all of them: of which payment it is, and when it was made. */
export type ListedRefund = ProviderRefund & { paymentId: string; createdAt: string };

/**
 * A page of what was made in a span of time by the provider's clock (from `createdFrom` on, before `createdBefore`; ISO instants,
 * of which whole seconds count), newest first. `cursor`: the `next` of the page before; null for the first.
 */
export type ListRequest = { createdFrom: string; createdBefore: string; cursor: string | null; limit: number };
export type Page<T> = { items: readonly T[]; next: string | null };

/**
 * A dispute at the provider: a bank asks for a payment's money back. `won`: nothing more is lost by it; `lost`: what it took
 * stays away. Amounts in the currency of the payment.
 */
export type ProviderDispute = {
  disputeId: string;
  amountMinor: number;
  currency: string;
  reason: string;
  state: 'open' | 'won' | 'lost';
  /** Until when evidence is taken; null when there is no such day. */
  evidenceDueAt: string | null;
  /** What it has moved: withdrawn (negative) and reinstated (positive), each once. None for a mere inquiry. */
  movements: readonly { movementId: string; amountMinor: number }[];
};

/**
 * A dispute by itself: of which payment it is, and when it was made (ISO instant, whole seconds). `unclear`: the provider says
 * something of it that we can not read, and why; then nothing else of it is known.
 */
export type ListedDispute = {
  disputeId: string;
  paymentId: string;
  createdAt: string;
  dispute: ProviderDispute | { unclear: string };
};

/**
 * What a call to the provider came to. `stuck`: the provider has stored a failure for this key and will repeat it for
 * ever; `refused`: it will never accept the call as it is (our mistake). Everything that leaves the outcome unknown
 * (timeout, lost connection, 5xx, rate limit) is thrown, and the same call may be made again with the same key.
 */
export type ProviderAnswer<T> = { done: T } | { rejection: Rejection } | { stuck: string } | { refused: string };

/** The payment provider. Never retries by itself: Temporal owns the retries. */
export type PaymentProvider = {
  /** Makes a customer, to whom methods can belong. Nothing about a person is sent: it only names the order. */
  createCustomer: (request: { key: string; orderId: string }) => Promise<ProviderAnswer<{ customerId: string }>>;
  /** Makes a payment that moves no money until it is confirmed; with `per-shipment` not even then, it is only authorized. */
  create: (request: {
    key: string;
    orderId: string;
    amountMinor: number;
    currency: string;
    paymentMethod: string;
    /** Absent: it is captured at once. */
    capture?: CapturePolicy;
    /** Absent: nobody's; its method is used this once. */
    customer?: CustomerUse;
  }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** Moves the money of a payment that is captured at once; authorizes the others. */
  confirm: (request: {
    key: string;
    providerId: string;
    capture?: CapturePolicy;
    /** The customer is absent: whoever would need them says no. */
    isOffSession?: boolean;
  }) => Promise<ProviderAnswer<ProviderPayment>>;
  /**
   * Moves a part or all of what is authorized. `isFinal`: what is left then is released, and the payment is over; with an amount of 0
   * that is all that happens. `refused` when the payment has gone too far, then ask again what it is.
   */
  capture: (request: {
    key: string;
    providerId: string;
    amountMinor: number;
    isFinal: boolean;
  }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** The payment as it stands now. */
  find: (request: { providerId: string }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** Makes it impossible to confirm; `refused` when the payment has gone too far, then ask again what it is. */
  cancel: (request: { key: string; providerId: string }) => Promise<ProviderAnswer<ProviderPayment>>;
  /** Gives back a part or all of a captured payment; a `pending` refund in the answer is not done yet. */
  refund: (request: {
    key: string;
    providerId: string;
    amountMinor: number;
  }) => Promise<ProviderAnswer<ProviderRefund>>;
  /** What the customer's browser needs to finish the payment. A secret: it is passed on and kept nowhere. */
  findClientSecret: (request: { providerId: string }) => Promise<ProviderAnswer<string>>;
  /** Every refund of a payment, whoever made it, also those that failed. */
  listRefunds: (request: { providerId: string }) => Promise<ProviderAnswer<readonly ProviderRefund[]>>;
  /** All payments of the account, whoever made them. Its list, never its search: that lags behind by a minute. */
  list: (request: ListRequest) => Promise<ProviderAnswer<Page<ProviderPayment>>>;
  /** All refunds of the account, whoever made them. */
  listAllRefunds: (request: ListRequest) => Promise<ProviderAnswer<Page<ListedRefund>>>;
  /** Every dispute of a payment, also those that are over. */
  listDisputes: (request: { providerId: string }) => Promise<ProviderAnswer<readonly ProviderDispute[]>>;
  /** All disputes of the account, whoever's payments they are of. By when they were made, however late they are decided. */
  listAllDisputes: (request: ListRequest) => Promise<ProviderAnswer<Page<ListedDispute>>>;
  /** One dispute; `refused` when the provider has none of this id. */
  findDispute: (request: { disputeId: string }) => Promise<ProviderAnswer<ListedDispute>>;
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
  releaseRevision: number;
  customerRevision: number;
  /**
   * `save`: its method is to be saved, for the order's customer at the provider (null: not made yet). `isDisputed`: a bank has taken back
   * another payment of the order, or asks for it. Null: it is nobody's.
   */
  customer:
    { use: 'save'; customerId: string | null } | { use: 'off-session'; customerId: string; isDisputed: boolean } | null;
  /** Whether confirming it takes the money, or only authorizes it. */
  capture: CapturePolicy;
  rejection: Rejection | null;
  fenced: boolean;
  ending: Ending | null;
  /** Why nothing may be charged before an operator has decided: a recovery could not tell what is right. */
  doubt: string | null;
  /** Somebody has to look at its order first. */
  isInReview: boolean;
};

type Try = { orderId: string; ordinal: number };
type Taken = Try & { providerId: string; amountMinor: number; currency: string; saved?: SavedMethod | undefined };

/** How a payment at the provider stands to an order, by our books. */
export type Standing = {
  ordinal: number | null;
  isOwn: boolean;
  /** It is the further charge of an amendment under way, whose workflow looks after it. */
  isAmending: boolean;
  /** It was authorized, to be captured as its order ships; `isToBeCaptured`: and something of it still is. */
  wasAuthorized: boolean;
  isToBeCaptured: boolean;
  /** Units of its order that stand in no capture yet: they wait for stock, the warehouse or a carrier. */
  isMoreToCome: boolean;
  /** What its captures come to that were made, or are due. */
  askedMinor: number;
  status: OrderStatus;
  /** It is being undone, which looks at its payments for itself. */
  isEnding: boolean;
  totalMinor: number;
  /** What our books say of the payment itself; `capturedMinor` is null while the ledger has no capture of it. */
  booked: {
    amountMinor: number;
    currency: string;
    capturedMinor: number | null;
    refundIds: readonly string[];
    disputeIds: readonly string[];
    /** What disputes moved by the ledger: negative withdrawn, positive reinstated. */
    movements: readonly { movementId: string; amountMinor: number }[];
  } | null;
  /** Parts of refunds that operators asked for and that were not given up; `refundId` once done. */
  refundParts: readonly { number: number; ordinal: number; refundId: string | null }[];
  /** A person has taken its money as it stands: nothing of it has moved since. */
  isAcknowledged: boolean;
  /** Why it was parked when that person decided; null when nobody has, or it is not on record. */
  acknowledgedReason: string | null;
};

/** Our own books about a payment. Facts (captured, declined, voided, refunded, disputed) are always recorded, each once. */
export type PaymentRecords = {
  /** The try as it is recorded; throws when there is none. */
  find: (request: Try) => Promise<PaymentRecord>;
  /** Keeps the provider's id unless one is stored, and answers with the stored one; `ending` when it is too late. */
  keepProviderId: (request: Try & { providerId: string }) => Promise<{ providerId: string } | { ending: Ending }>;
  /** Keeps the order's customer at the provider unless one is stored, and answers with the stored one; `ending` when it is too late. */
  keepCustomer: (request: Try & { customerId: string }) => Promise<{ customerId: string } | { ending: Ending }>;
  /** From now on the operation uses the key's next revision; a repeat with the same `from` changes nothing. */
  raiseRevision: (request: Try & { operation: Operation; from: number }) => Promise<void>;
  /** Shows that the order waits for its customer, for so long at most; a repeat keeps the first deadline. */
  awaitCustomer: (request: Try & { withinMs: number }) => Promise<void>;
  /** Refuses every further effect of this try alone: the order goes on. Answers with the try as it stands. */
  fenceTry: (request: Try) => Promise<PaymentRecord>;
  /**
   * Shows that another payment method is waited for, for so long at most; a repeat keeps the first deadline. `ending`: the order
   * ends, and waits for none.
   */
  requestMethod: (request: Try & { withinMs: number }) => Promise<{ requested: true } | { ending: Ending }>;
  /**
   * How a payment at the provider stands to an order: its number in our books (null: none yet), whether it is one of the order's
   * own tries, and where the order is. Null: no such order.
   */
  findStanding: (request: { orderId: string; providerId: string }) => Promise<Standing | null>;
  /** Takes a payment that is none of the order's tries into our books, once; answers with its ordinal there. */
  keepStray: (request: {
    orderId: string;
    providerId: string;
    amountMinor: number;
    currency: string;
  }) => Promise<number>;
  /** The ordinals of all tries of the order that the provider may know of, those that amendments have added as well. */
  findFurther: (request: { orderId: string }) => Promise<readonly number[]>;
  /** The ordinal of the try that came after this one, or null. */
  findTryAfter: (request: Try) => Promise<number | null>;
  /** The money was taken, whoever found out, and its method may have been saved; a repeat changes nothing. */
  recordCapture: (request: Taken) => Promise<void>;
  /** The money is authorized, to be captured as the order ships; a repeat changes nothing. */
  recordAuthorization: (request: Taken & { authorization: Authorization }) => Promise<void>;
  /**
   * `receivedMinor` were captured so far of a payment that is captured as its order ships, whoever did it: what the ledger lacks of it is
   * added. `isOver`: nothing more can be captured of it.
   */
  recordReceived: (
    request: Try & { providerId: string; receivedMinor: number; currency: string; isOver: boolean },
  ) => Promise<void>;
  /**
   * Makes a captured payment that was made by hand the order's, in place of the stored one (`insteadOf`), which must be
   * cancelled for certain. `usedBy`: it is another order's; `ending`: it is too late, so it was kept beside the order's tries and is
   * given back by whoever follows it.
   */
  adoptPayment: (
    request: Try & { providerId: string; amountMinor: number; currency: string; insteadOf: string | null },
  ) => Promise<{ adopted: true } | { usedBy: string } | { ending: Ending }>;
  /** The provider or the bank said no to this try; a repeat changes nothing. */
  recordDecline: (request: Try & { rejection: Rejection }) => Promise<void>;
  /** Refuses every further effect of this try, and fixes how the order ends; answers with the try as it stands. */
  fence: (request: Try & { ending: Ending }) => Promise<PaymentRecord>;
  /** The payment is cancelled for certain: nothing can be taken by it any more. */
  recordVoid: (request: Try) => Promise<void>;
  /** A refund that succeeded, whoever made it; the try is `refunded` once nothing of it is left. */
  recordRefund: (request: Try & { refundId: string; amountMinor: number; currency: string }) => Promise<void>;
  /** What is known of a dispute, and every movement of money by it, each once; a repeat changes nothing. */
  recordDispute: (request: Try & { dispute: ProviderDispute }) => Promise<void>;
  /** A person has taken the payment's money as it stood when it was parked; answers whether it has moved since. */
  acknowledge: (request: {
    orderId: string;
    providerId: string;
    parked: ParkingRef | null;
  }) => Promise<{ hasMovedSince: boolean }>;
};
