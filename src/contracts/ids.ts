// What holds every id and key to one grammar. Keys are the identity of money movements at the provider: nothing random,
// nothing that changes between two attempts at the same effect may enter them.

/** TypeID (type, underscore, 26 characters of base32), made when an order is accepted. It is also the workflow's id. */
export const orderIdPattern = /^order_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

export type Operation = 'create' | 'confirm' | 'void' | 'refund' | 'capture' | 'release' | 'customer';

/**
 * The name of one intended effect: `orderId:operation:ordinal`, and `:rN` behind it from the second revision on.
 * `ordinal` counts business tries (a second card) or, of captures, those of the order, never attempts; `revision` rises only when the provider has cached a
 * 500 for the key, and is persisted before it is used.
 */
export function idempotencyKey(effect: {
  orderId: string;
  operation: Operation;
  ordinal: number;
  revision?: number;
}): string {
  const { orderId, operation, ordinal, revision = 1 } = effect;
  return `${orderId}:${operation}:${ordinal}${revision > 1 ? `:r${revision}` : ''}`;
}

/**
 * The name of one part of a refund that an operator asked for: the refund's number, and which of the order's payments gives it
 * back. An operation of its own, so that it is never taken for the undo of a charge.
 */
export function refundPartKey(part: { orderId: string; number: number; ordinal: number; revision?: number }): string {
  const { orderId, number, ordinal, revision = 1 } = part;
  return `${orderId}:refundPart:${number}.${ordinal}${revision > 1 ? `:r${revision}` : ''}`;
}

/** Whether the key is the first one of an effect, or a later revision of it. */
export const isKeyOrRevision = (key: string | null, first: string): boolean =>
  key !== null && (key === first || key.startsWith(`${first}:r`));

/** Task queues: workflows and our own database on one, nothing but provider calls (rate-capped) on another, nothing but calls to the
 * carrier on the third, and nothing but mails to customers on the fourth: one that hangs must not hold up a payment. */
export const TaskQueue = { orders: 'orders', payments: 'payments', carrier: 'carrier', notices: 'notices' } as const;
