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
  'disputes',
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

/** What a run goes through, in this order. Positions carry the names: they never change. */
export const stages = [
  'copy-payments',
  'copy-refunds',
  'copy-disputes',
  'copy-unsettled-disputes',
  ...books,
  'settle-at-provider',
  'settle',
] as const;
export type Stage = (typeof stages)[number];

/** The stages that there were before disputes were compared: runs that began then keep to them. */
export const stagesWithoutDisputes: readonly Stage[] = stages.filter((stage) => !stage.includes('disputes'));

/**
 * Where a run stands: which of its stages, and from where on. A number is from before stages had names, among those there were
 * then.
 */
export type Position = { stage: Stage | number; cursor: string | null };

/** Nothing at first; after a continue-as-new, what was begun and how far it has come. */
export type ReconcileInput = { span?: Span; position?: Position };

export type PageRequest = { span: Span; cursor: string | null };
