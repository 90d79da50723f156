import type { ParkingRef } from '../contracts/parking.ts';
import type { PaymentState } from '../domain/payment.ts';

/** What an order that is paid as it ships is to be captured for next. `isFinal`: nothing of it is captured after that. */
export type DueCapture = {
  number: number;
  amountMinor: number;
  isFinal: boolean;
  revision: number;
  /** How long ago an attempt was last allowed to send it; null: none ever was. */
  sentAgoMs: number | null;
};

/** How an authorized payment stands by our books, and what is to be done about it next; null: nothing (now). */
export type CaptureStanding = {
  providerId: string | null;
  currency: string;
  state: PaymentState;
  /** What its captures that are done come to: minor units. */
  settledMinor: number;
  next: { capture: DueCapture } | { release: { revision: number } } | null;
};

type Payment = { orderId: string; ordinal: number };
type Named = { orderId: string; number: number };

/** Our books about captures. Every change holds the order's row. */
export type CaptureRecords = {
  /**
   * What is to be done about the payment now. Where its authorization is about to end, all that is still to come is captured; where
   * nothing is to come, the rest is released; where its order ends, nothing is captured any more. Says when to look again.
   */
  begin: (request: Payment) => Promise<CaptureStanding>;
  /**
   * Whether an attempt may send the capture now, under this revision; noted before it does. `isFinal` stays what it was when it was first
   * sent under it. Null: it may not.
   */
  allowSending: (request: Named & { revision: number; isFinal: boolean }) => Promise<{ isFinal: boolean } | null>;
  /** From now on the capture uses its key's next revision; a repeat with the same `from` changes nothing. */
  raiseRevision: (request: Named & { from: number }) => Promise<void>;
  /**
   * The capture was made: the provider has received so much of the payment. Ledger, payment and capture in one transaction; a repeat
   * changes nothing. `isOver`: nothing more can be captured of it.
   */
  settle: (
    request: Payment & {
      number: number;
      providerId: string;
      receivedMinor: number;
      currency: string;
      isOver: boolean;
    },
  ) => Promise<void>;
  /** A payment that was made by hand is taken for the capture; a repeat changes nothing. `usedBy`: it counts for another order. */
  adopt: (
    request: Named & { providerId: string; amountMinor: number; currency: string },
  ) => Promise<{ adopted: true } | { usedBy: string }>;
  /**
   * Which capture a person has decided about: the one that was due when the workflow parked (`number`: null where none was). Null where that
   * parking is not on record.
   */
  findMeant: (request: Payment & { parked: ParkingRef }) => Promise<{ number: number | null } | null>;
  /** Whether the payment at the provider is what a capture of the order was made by. */
  isCounted: (request: { orderId: string; providerId: string }) => Promise<boolean>;
  /** A person has decided that nothing is taken for it. */
  giveUp: (request: Named & { actor: string; reason: string }) => Promise<void>;
};

/** A payment of which something is to be captured. */
export type LaunchableCapture = Payment & { currency: string };

/** The marks of authorized payments: when to look what is to be captured. */
export type CaptureMarks = {
  /** Those that are due, claimed by moving their mark into the future. */
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableCapture[]>;
};

export type CaptureStarter = {
  /** Starts the workflow that captures, or tells the one that runs to look again. Throws when Temporal does not answer in time. */
  startCapture: (payment: LaunchableCapture) => Promise<void>;
};
