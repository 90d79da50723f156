// Every column that can hold words, what it may hold of a person, and what becomes of it when an order is erased. What must stay true: a column
// that a migration adds is named here (a test compares with the database), and what is named as erased is erased by that alone: erasing.ts
// and docs/privacy.md are made of this list. Tables that are nobody's orders: personal-data-beside.ts.
import { tablesBeside } from './personal-data-beside.ts';

/**
 * What is left in the place of a value: `word`, that it was erased; `null`; `empty`, an object without fields; `country`, that of an address
 * alone; `fields`, JSON with the word in its fields of words; `event` and `answer`, the same of an event and of a recorded answer;
 * `row`: the whole row goes.
 */
export type Fate = 'word' | 'null' | 'empty' | 'country' | 'fields' | 'event' | 'answer' | 'row';

export type PersonalTable = {
  /** What names the order in a row (SQL); `order_id` where it is left out. */
  of?: string;
  /** Which rows can hold something (SQL): by it they are found in an index of their own. */
  where?: string;
  erased?: Readonly<Record<string, { holds: string; fate: Fate }>>;
  /** By why they stay. */
  kept?: Readonly<Record<string, readonly string[]>>;
};

const own = 'ids, names and words of our own';
const actors = 'who acted for the shop: the name of an API key';
const partner = 'an id at the provider or the carrier';
const words = (holds: string) => ({ holds, fate: 'word' as const });
const fields = (holds: string) => ({ holds, fate: 'fields' as const });

const ofOrders: Readonly<Record<string, PersonalTable>> = {
  orders: {
    of: 'id',
    erased: {
      shipping: { holds: 'name and address', fate: 'country' },
      metadata: { holds: 'whatever the shop put there', fate: 'empty' },
      ending: fields('why it was cancelled or rejected, in words'),
    },
    kept: {
      'opaque by contract: whose order it was, for the next erasure and for a backup that comes back': ['customer_id'],
      'a name that the shop gave the request; nothing of a person belongs into it': ['correlation_id'],
      'null, or without words, once nothing of the order is open or parked': ['attention', 'waiting'],
      'our own sentence about a recovery': ['doubt'],
      [`${partner}, by which it is found and deleted there`]: ['provider_customer'],
      [own]: [...['id', 'tenant', 'status', 'currency', 'exchange_of_order', 'on_shortage', 'capture', 'traceparent']],
    },
  },
  order_lines: { kept: { 'what was sold': ['order_id', 'tenant', 'sku', 'name'] } },
  payments: {
    erased: {
      payment_method: words('a payment method’s id at the provider'),
      rejection: fields('why the provider said no, in its words'),
      saved_customer: { holds: 'a customer’s id at the provider', fate: 'null' },
      saved_method: { holds: 'a payment method’s id at the provider', fate: 'null' },
    },
    kept: {
      [`${partner}: the money’s books name it`]: ['provider_id', 'off_session_customer'],
      [own]: ['order_id', 'tenant', 'state', 'currency'],
    },
  },
  payment_captures: {
    erased: { outcome: fields('why it was given up') },
    kept: { [own]: ['order_id', 'tenant', 'state', 'units'] },
  },
  refunds: {
    erased: { reason: words('why'), outcome: fields('why it was given up') },
    kept: { [actors]: ['actor'], [own]: ['order_id', 'tenant', 'currency', 'state', 'fence'] },
  },
  refund_lines: { kept: { [own]: ['order_id', 'sku'] } },
  refund_parts: {
    erased: { failure: fields('why the provider does not make it, in its words') },
    kept: { [`${partner}: the money’s books name it`]: ['refund_id'], [own]: ['order_id'] },
  },
  returns: {
    erased: {
      reason: words('why, in the customer’s words'),
      decision: fields('why it was approved or rejected'),
      receipt: fields('what was said of the goods'),
      no_refund: fields('why nothing is given back'),
    },
    kept: { [actors]: ['actor'], [own]: ['order_id', 'tenant', 'status', 'wish'] },
  },
  return_lines: {
    erased: { reason: words('why, in the customer’s words') },
    kept: { [own]: ['order_id', 'sku', 'warehouse'] },
  },
  amendments: {
    erased: {
      reason: words('why'),
      shipping: { holds: 'name and address, while it is under way', fate: 'null' },
      refusal: fields('why it was refused, in words'),
    },
    kept: { [actors]: ['actor'], [`${own}; lines and totals`]: ['order_id', 'tenant', 'state', 'before', 'after'] },
  },
  reviews: {
    erased: { decision_reason: words('why it was decided so') },
    kept: {
      [actors]: ['decided_by'],
      [`${own}; reasons that name nobody`]: ['order_id', 'tenant', 'state', 'reasons', 'on_expiry'],
    },
  },
  shipments: {
    erased: { tracking_number: { holds: 'what leads to the recipient at the carrier', fate: 'null' } },
    kept: {
      [`${partner}: what it still tells of the parcel is known by it`]: ['parcel_id'],
      [own]: ['order_id', 'tenant', 'warehouse', 'status', 'waiting', 'wait_what'],
    },
  },
  shipment_lines: { kept: { [own]: ['order_id', 'tenant', 'sku'] } },
  parked_steps: {
    erased: { reason: words('why, with the last words of a partner') },
    kept: { [own]: ['tenant', 'order_id', 'workflow_id', 'run_id', 'step'] },
  },
  step_attempts: {
    erased: { message: { holds: 'the last words of a partner', fate: 'row' } },
    kept: { [own]: ['tenant', 'order_id', 'step', 'workflow_id'] },
  },
  resolution_audit: {
    erased: { reason: words('why it was decided so'), detail: words('what came of it, in words') },
    kept: {
      [actors]: ['actor'],
      [`${own}; \`value\`, an id at the provider`]: [
        ...['tenant', 'order_id', 'resolution_id', 'bulk_id', 'step', 'action', 'value', 'outcome', 'workflow_id'],
      ],
    },
  },
  resolution_orders: {
    where: 'detail is not null',
    erased: { detail: words('what came of it, in words') },
    kept: { [own]: ['resolution_id', 'order_id', 'tenant', 'outcome', 'workflow_id'] },
  },
  events: {
    erased: { data: { holds: 'reasons and messages, tracking numbers, payment methods', fate: 'event' } },
    kept: {
      'a name that the shop gave the request; nothing of a person belongs into it': ['correlation_id'],
      [own]: ['tenant', 'order_id', 'event_id', 'event_type', 'source', 'causation_id'],
    },
  },
  idempotency_keys: {
    of: `split_part(answer_location, '/', 3)`,
    where: `answer_location like '/orders/%'`,
    erased: { answer_body: { holds: 'the first answer, with its reasons and messages', fate: 'answer' } },
    kept: {
      'the name of one intent, which binds for ever; nothing of a person belongs into it': ['key'],
      'a digest by which a repeat is known: without it a repeat could be another request': ['request_hash'],
      [own]: ['tenant', 'order_id', 'answer_location'],
    },
  },
  order_contacts: {
    erased: {
      email: { holds: 'whom its notices go to', fate: 'row' },
      name: { holds: 'how that one is addressed', fate: 'row' },
      locale: { holds: 'in which language', fate: 'row' },
    },
    kept: { [own]: ['order_id', 'tenant'] },
  },
  customer_notices: {
    where: 'reason is not null',
    erased: { reason: words('why it was sent again') },
    kept: {
      [actors]: ['decided_by'],
      'our words, with the code of a mail server, never what it said': ['failure'],
      [own]: ['order_id', 'name', 'tenant', 'kind', 'event_id', 'state'],
    },
  },
  webhook_deliveries: {
    where: 'reason is not null',
    erased: { reason: words('why it was skipped or sent again') },
    kept: {
      [actors]: ['decided_by'],
      [`${own}; what is sent is made of the event when it is sent`]: [
        'subscription_id',
        'order_id',
        'event_id',
        'state',
        'failure',
      ],
    },
  },
};

/** By the name of the table; those of orders in the order in which they are erased. */
export const personalData: Readonly<Record<string, PersonalTable>> = { ...ofOrders, ...tablesBeside };
