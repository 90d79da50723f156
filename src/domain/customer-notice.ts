// What a customer is told by mail, and when. What must stay true: a notice is named by what it is about, never by the event that tells
// of it. A database that was restored from a backup gives its events other ids; the name stays, and with it what was sent already.
import type { Waiting } from './order.ts';

export const noticeKinds = [
  'confirmed',
  'rejected',
  'cancelled',
  'payment-action',
  'payment-method',
  'backorder-delayed',
  'backorder-expired',
  'amended',
  'shipped',
  'delivered',
  'refunded',
  'return-approved',
  'return-rejected',
  'return-received',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

/**
 * `waiting`: to be sent, or to be tried again; `sending`: somebody is at it; `refused`: the mail server will not have it; `failed`: it
 * could not be sent in time; `skipped`: there is nobody to tell (any more), or nothing.
 */
export const noticeStates = ['waiting', 'sending', 'sent', 'refused', 'failed', 'skipped'] as const;
export type NoticeState = (typeof noticeStates)[number];

/** `number`: which of the order's shipments, refunds, payments …; null where there is one. */
export type NoticeRef = { kind: NoticeKind; number: number | null };

/** Its name among those of the order: `confirmed`, `shipped-1`. */
export const noticeName = ({ kind, number }: NoticeRef): string => (number === null ? kind : `${kind}-${number}`);

export const noticeNamePattern = new RegExp(`^(?:${noticeKinds.join('|')})(?:-[1-9]\\d{0,8})?$`);

/** Whom and what for, when it is told of by an event; null where customers are not told of it. */
export function noticeOf({ type, data }: { type: string; data: Readonly<Record<string, unknown>> }): NoticeRef | null {
  const told = notices[type];
  // A parcel that was kept back and has left all the same is looked at by a person first.
  if (!told || data['wasCancelled'] === true) return null;
  const [kind, field] = told;
  const number = field === null ? null : data[field];
  if (number !== null && (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 1))
    throw new Error(`Expected ${type} to have a number in ${field}; found ${typeof number}`);
  return { kind, number };
}

// By type of event; with the field that says which one it is, where there may be several.
const notices: Readonly<Record<string, readonly [NoticeKind, string | null]>> = {
  'order.confirmed': ['confirmed', null],
  'order.rejected': ['rejected', null],
  'order.cancelled': ['cancelled', null],
  'payment.action_required': ['payment-action', 'ordinal'],
  'payment.method_requested': ['payment-method', 'ordinal'],
  'inventory.backorder_delayed': ['backorder-delayed', null],
  'inventory.backorder_expired': ['backorder-expired', null],
  'order.amended': ['amended', 'number'],
  'shipment.dispatched': ['shipped', 'number'],
  'shipment.delivered': ['delivered', 'number'],
  'refund.completed': ['refunded', 'number'],
  'return.approved': ['return-approved', 'number'],
  'return.rejected': ['return-rejected', 'number'],
  'return.received': ['return-received', 'number'],
};

/** Who is asked to pay is at the checkout, as a rule, and does so at once: it is only told to those who are not. */
export const isAboutPayment = (kind: NoticeKind): boolean => kind === 'payment-action' || kind === 'payment-method';

/**
 * Whether it is no longer so: nobody is asked to pay what is paid, or what has ended, nor in a way that is over. `until`: when the wait that it
 * tells of ends, by which that is known from the wait of another try.
 */
export const isMoot = (
  kind: NoticeKind,
  { waiting, until }: { waiting: Pick<Waiting, 'for' | 'until'> | null; until: unknown },
): boolean => isAboutPayment(kind) && (waiting?.for !== 'customer' || waiting.until !== until);

/**
 * What became of a try. `later`: the server has not taken it for certain, or was not there; `unknown`: it had all of the mail, and has not
 * answered; `refused`: it never will. `why` says so without the words of the server: those may quote the address.
 */
export type NoticeTry =
  | { outcome: 'sent' }
  | { outcome: 'later'; why: string }
  | { outcome: 'unknown'; why: string }
  | { outcome: 'refused'; why: string };

/**
 * How often a mail is sent again of which nobody knows whether it was taken. Twice one mail is a nuisance; none, where the customer has to
 * act, costs the order. But a server that takes mail and never answers must not have the customer told for two days.
 */
export const MAX_UNKNOWN = 3;
