// Orders that do not insist on all of their stock at once.

/**
 * What an order wants when there is too little stock: to be rejected; `split`: what is there ships at once, the rest follows; `wait`: what
 * is there is held, and all of it ships together.
 */
export const onShortages = ['reject', 'split', 'wait'] as const;
export type OnShortage = (typeof onShortages)[number];

/** `waiting` ends when all has come, when nobody waits for the rest any more, or with its order. */
export const backorderStates = ['waiting', 'filled', 'expired', 'cancelled'] as const;
export type BackorderState = (typeof backorderStates)[number];

/** What of a line was not there, and when somebody begins to wait for it. Instants are ISO strings. */
export type WaitingUnits = { sku: string; quantity: number; since: string };

/** What a person reads of an order that is cancelled because nothing of it ever came. */
export const NO_STOCK_CAME = 'No stock came in time';
