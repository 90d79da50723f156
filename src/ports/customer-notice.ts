import type { EventEnvelope } from '../contracts/events.ts';
import type { NoticeId, NoticeOutcome } from '../contracts/send-notice.ts';
import type { NoticeKind, NoticeRef, NoticeState, NoticeTry } from '../domain/customer-notice.ts';
import type { Order } from './order.ts';

/** Whom an order's notices go to. Personal data: it goes from the row to the mail server, and nowhere else. */
export type Contact = { email: string; name: string | null; locale: string | null };

/** What a mail is written from. */
export type NoticeMatter = NoticeRef & { order: Order; event: Pick<EventEnvelope, 'data'>; contact: Contact };

/** `attempt`: which try of this round it is. */
export type NoticeClaim =
  | { matter: NoticeMatter; attempt: number }
  /** Nothing is to be sent (any more). `ended`: what kind it was, where this has ended it. */
  | { over: NoticeOutcome['state']; ended?: NoticeKind }
  /** There is none: the database was restored from a backup that does not know it. */
  | { gone: true }
  /** Somebody may be at it. */
  | { busyForMs: number };

/** What is kept of a notice while it is sent. Each call is one transaction. Faults are thrown. */
export type NoticeRecords = {
  /**
   * Takes the notice for one try, which is taken for lost after `leaseMs`: then nobody knows whether its mail was taken. Ends it where there
   * is nobody to tell, nothing to say any more, or no time left.
   */
  claim: (request: NoticeId & { leaseMs: number }) => Promise<NoticeClaim>;
  /** Keeps what a try came to; answers with how the notice stands. That it was sent is a fact, and counts whoever comes with it. */
  settle: (request: NoticeId & { attempt: number; result: NoticeTry }) => Promise<NoticeState>;
};

/** A mail. `messageId`: the same for every try, so that a mailbox that has it already need not keep it twice. */
export type Mail = { to: Contact; subject: string; text: string; language: string; messageId: string };

/** Hands mails to a mail server. Never rejects. */
export type MailSender = { send: (mail: Mail) => Promise<NoticeTry> };

/** A notice that is to have its workflow. `withinMs`: until it is given up. */
export type LaunchableNotice = NoticeId & { withinMs: number };

/** Looks through the feed of events for what customers are told of. Every process may ask: one at a time does it. */
export type NoticeFeed = {
  /** Makes the place from which it looks, where there is none: what comes from now on. */
  begin: () => Promise<void>;
  /** Writes a notice for each of the next events that customers are told of, and moves the place, in one transaction. */
  feed: (request: FeedRequest) => Promise<{ isMore: boolean; tooLate: number }>;
  /** How many are not over, counted up to a limit, and how long the oldest of them is due. */
  read: () => Promise<{ waiting: number; oldestSeconds: number }>;
};

/** `kinds`: which are sent; what is older than `maxAgeMs` is not told any more; those about a payment come `paymentDelayMs` later. */
export type FeedRequest = {
  limit: number;
  kinds: readonly NoticeKind[];
  maxAgeMs: number;
  paymentDelayMs: number;
};

/** The marks of notices that are not over: when to look whether their workflow runs. */
export type NoticeMarks = {
  claimDue: (request: { limit: number }) => Promise<readonly LaunchableNotice[]>;
  /** It runs: looked after again much later. */
  noteRunning: (notice: NoticeId) => Promise<void>;
  /** Its workflow has come to its end, and the row does not know: the database was restored from a backup that is older. */
  noteOver: (notice: NoticeId) => Promise<void>;
};

/** Starts the workflow of a notice, or says that it has one: which runs, or has come to its end. */
export type NoticeStarter = { startNotice: (notice: LaunchableNotice) => Promise<'running' | 'over'> };

/** A notice as an operator sees it; instants are ISO strings. */
export type Notice = NoticeRef & {
  name: string;
  state: NoticeState;
  round: number;
  attempts: number;
  failure: string | null;
  attemptedAt: string | null;
  settledAt: string | null;
  expiresAt: string;
  decidedBy: string | null;
  reason: string | null;
  createdAt: string;
};

export type ResendAnswer = { notice: Notice } | { refused: 'unknown' } | { refused: 'open'; state: NoticeState };

/** What operators do. */
export type NoticeDesk = {
  /** Keeps whom the order's notices go to in place of who was; false: there is no such order. */
  replaceContact: (request: { tenant: string; orderId: string; contact: Contact }) => Promise<boolean>;
  /** Of an order, the first first; null: there is no such order. */
  list: (request: { tenant: string; orderId: string }) => Promise<readonly Notice[] | null>;
  /** Has one that is over sent (again), as another mail. */
  resend: (request: {
    tenant: string;
    orderId: string;
    name: string;
    actor: string;
    reason: string;
  }) => Promise<ResendAnswer>;
};

/** All that telling customers needs, beside the workers. */
export type NoticeParts = {
  feed: NoticeFeed;
  marks: NoticeMarks;
  starter: NoticeStarter;
  kinds: readonly NoticeKind[];
  maxAgeMs: number;
  paymentDelayMs: number;
  /** What is wrong with the mail server, as the last try had it; null: nothing. */
  fault: () => string | null;
};
