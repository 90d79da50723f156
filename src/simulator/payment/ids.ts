import { randomBytes } from 'node:crypto';

/** An id as Stripe makes them: `pi_…`, `re_…`, `evt_…`. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(12).toString('hex')}`;

/** Stripe's clock counts seconds. */
export const nowSeconds = (): number => Math.floor(Date.now() / 1_000);
