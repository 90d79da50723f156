/** What we know of one try to be paid. `pending` covers everything that may or may not have happened yet. */
export const paymentStates = ['pending', 'authorized', 'captured', 'declined', 'voided', 'refunded'] as const;
export type PaymentState = (typeof paymentStates)[number];
