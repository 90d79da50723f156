// The columns of tables of which an erasure changes nothing, and why; see personal-data.ts.

/** By why they stay. */
type KeptTable = { kept: Readonly<Record<string, readonly string[]>> };

const own = 'ids, names and words of our own';

export const tablesBeside: Readonly<Record<string, KeptTable>> = {
  ledger: {
    kept: {
      'money: never changed; ids of movements at the provider': [
        'tenant',
        'order_id',
        'kind',
        'provider_object',
        'currency',
        'dispute_id',
      ],
    },
  },
  stock_movements: {
    kept: {
      'stock: never changed; reasons of our own, or an operator’s about a product': [
        'tenant',
        'warehouse',
        'sku',
        'kind',
        'order_id',
        'reason',
      ],
    },
  },
  disputes: {
    kept: {
      'money’s books; the reason is one of the provider’s own words': [
        'dispute_id',
        'tenant',
        'order_id',
        'state',
        'reason',
        'currency',
      ],
    },
  },
  stock_sums: { kept: { 'stock: sums of what moved': ['tenant', 'warehouse', 'sku'] } },
  reservations: { kept: { [own]: ['order_id', 'tenant', 'warehouse', 'sku', 'state'] } },
  backorders: { kept: { [own]: ['order_id', 'tenant', 'sku', 'state'] } },
  payment_notices: {
    kept: {
      'ids alone; what a provider sends is not kept': [
        'event_id',
        'event_type',
        'payment_id',
        'refund_id',
        'order_id',
        'outcome',
        'dispute_id',
      ],
    },
  },
  shipment_notices: {
    kept: {
      'ids alone; what a carrier sends is not kept': ['event_id', 'event_type', 'parcel_id', 'reference', 'outcome'],
    },
  },
  recovered_orders: {
    kept: { [`${own}; our own sentence about a recovery`]: ['order_id', 'tenant', 'how', 'doubt', 'payment_ids'] },
  },
  reconciliation_drifts: {
    kept: {
      'ids, amounts and sentences of our own; gone after 90 days': [
        ...[
          'reconciliation_id',
          'tenant',
          'name',
          'kind',
          'object',
          'order_id',
          'payment_id',
          'found',
          'remedy',
          'outcome',
        ],
      ],
    },
  },
  reconciliation_copies: {
    kept: {
      'the provider’s list without names, while it is compared': ['reconciliation_id', 'kind', 'object', 'copy'],
    },
  },
  reconciliations: { kept: { [`${own}, and who asked`]: ['id', 'tenant', 'requested_by', 'workflow_id', 'failure'] } },
  resolutions: {
    kept: {
      'an operator’s words about many orders': ['id', 'tenant', 'actor', 'action', 'reason', 'filter', 'cancelled_by'],
    },
  },
  erasures: {
    kept: {
      'who asked for which customer to be erased, and the number of a case': [
        ...['id', 'tenant', 'customer_id', 'requested_by', 'reason', 'seen_id', 'counts'],
      ],
    },
  },
  erasure_orders: { kept: { [own]: ['erasure_id', 'order_id', 'tenant'] } },
  webhook_subscriptions: {
    kept: {
      'the subscriber’s, not a customer’s': ['id', 'tenant', 'url', 'event_types', 'format', 'description', 'secrets'],
    },
  },
  webhook_feeds: { kept: { [own]: ['subscription_id'] } },
  webhook_lanes: { kept: { [own]: ['subscription_id', 'order_id', 'claim'] } },
  notice_feed: { kept: {} },
  event_publishers: { kept: { [own]: ['exchange', 'claim'] } },
  event_tally: { kept: { [own]: ['event_type', 'code', 'currency'] } },
  api_keys: { kept: { 'whoever acts for the shop': ['id', 'tenant', 'name', 'prefix', 'secret_hash', 'scopes'] } },
  database_epoch: { kept: { 'our own sentence about a recovery': ['evidence'] } },
  provider_states: {
    kept: { 'a process, and the last failure of the provider': ['worker', 'provider', 'state', 'last_failure'] },
  },
  products: { kept: { 'the catalogue': ['tenant', 'sku', 'name', 'currency'] } },
  stock: { kept: { 'the catalogue': ['tenant', 'warehouse', 'sku'] } },
  stock_marks: { kept: { 'the catalogue': ['tenant', 'sku'] } },
  warehouses: { kept: { 'the catalogue': ['tenant', 'id', 'name'] } },
};
