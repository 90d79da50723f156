/** The workflow's registered name. Histories carry it: it never changes. */
export const RECONCILE = 'reconcile';

/** The Temporal Schedule that starts it, and the beginning of the ids of the workflows that it starts. */
export const RECONCILE_SCHEDULE = 'reconciliation';

/** TypeID, as orders have. */
export const reconciliationIdPattern = /^reconciliation_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** The books that are compared, in this order: the provider's first, against its copy. */
export const books = [
  'payments',
  'refunds',
  'ledger',
  'open-orders',
  'closed-orders',
  'workflows',
  'stock',
  'notices',
] as const;
export type Book = (typeof books)[number];

/** What is compared: what was made from `listFrom` (payments) or `since` (all else) on, and is older than `until`. */
export type Span = { reconciliationId: string; listFrom: string; since: string; until: string; dryRun: boolean };

/** Where a run stands: which of its stages, and from where on. */
export type Position = { stage: number; cursor: string | null };

/** Nothing at first; after a continue-as-new, what was begun and how far it has come. */
export type ReconcileInput = { span?: Span; position?: Position };

export type PageRequest = { span: Span; cursor: string | null };
