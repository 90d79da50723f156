// What is taken out of an order when a person is erased. What must stay true: where words stood, a word stands that every published form allows.

/** Stands where words stood. */
export const ERASED = 'erased';

/**
 * The fields, in events and recorded answers, that hold what a person wrote, or what leads to one at a partner. The database has the same list
 * (`erased_fields()`), and replaces them whenever an order is erased.
 */
export const erasedFields = ['message', 'noRefund', 'paymentMethod', 'reason', 'trackingNumber', 'words'] as const;

/**
 * The other open texts of events, and why they stay. A test knows every field of every published event, so that one that is new has to
 * come into one of the two lists.
 */
export const keptFields: Readonly<Record<string, string>> = {
  actor: 'the name of an API key, or `system`: who acted for the shop, not the customer',
  because: 'one of our own words',
  causationId: 'an event, or a command of ours',
  code: 'one of our own words',
  correlationId: 'a name that the shop gave the request; nothing of a person belongs into it',
  customerId: 'an opaque id: whose order it was, for whoever follows the erasure',
  declineCode: 'one of the provider’s own words',
  disputeId: 'an id of the provider, and of the ledger',
  doubt: 'our own sentence about a recovery',
  erasure: 'which erasure',
  eventId: 'an id of ours',
  for: 'one of our own words',
  name: 'the name of a product',
  omitted: 'names of fields',
  orderId: 'an id of ours',
  providerId: 'an id of the provider, and of the ledger',
  refundId: 'an id of the provider, and of the ledger',
  rule: 'one of our own words',
  sku: 'which product',
  source: 'who writes events',
  step: 'one of our own words',
  value: 'an id of the provider, checked there before it was taken',
  warehouse: 'which warehouse',
  workflowId: 'an id of ours',
};

/** Why an order was erased: somebody asked for it, or its time was over. */
export const erasureCauses = ['request', 'retention'] as const;
export type ErasureCause = (typeof erasureCauses)[number];

/** Why an order still needs what it holds. */
export const erasureHolds = [
  'open',
  'parked',
  'refund',
  'return',
  'amendment',
  'capture',
  'dispute',
  'answer',
  'busy',
] as const;
export type ErasureHold = (typeof erasureHolds)[number];
