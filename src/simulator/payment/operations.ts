// From a request to what it changes: which operation it is, on which intent, and the answer.
import type { Outcome } from './charging.ts';
import { createCustomer, findCustomer } from './customers.ts';
import { acceptDispute, findDispute, listDisputes, updateDispute, type Changed } from './disputes.ts';
import { errorBody, invalid } from './errors.ts';
import { cancelIntent, captureIntent, confirmIntent, createIntent, findIntent } from './intents.ts';
import { createdRangeOf, pageOf, pageSizeOf, PAGING } from './lists.ts';
import { expectOnly, requiredText, textOf, type Parameters } from './parameters.ts';
import { chargeOf } from './charges.ts';
import { createRefund, findRefund } from './refunds.ts';
import {
  refundsOf,
  type Customer,
  type Entry,
  type Intent,
  type JournalItem,
  type State,
  type StoredAnswer,
} from './state.ts';

export type Operation =
  | 'create'
  | 'confirm'
  | 'capture'
  | 'cancel'
  | 'refund'
  | 'retrieve'
  | 'list'
  | 'search'
  | 'retrieve_refund'
  | 'list_refunds'
  | 'retrieve_dispute'
  | 'list_disputes'
  | 'update_dispute'
  | 'close_dispute'
  | 'create_customer'
  | 'retrieve_customer';
export type Call = { operation: Operation; id: string | null; parameters: Parameters };
export type Done = {
  answer: StoredAnswer;
  changes: Pick<Entry, 'intents' | 'refunds' | 'disputes' | 'customers' | 'methods'>;
  effect: JournalItem['effect'];
  amountMinor: number;
  intent: Intent | null;
  refundId?: string;
  disputeId?: string;
  customerId?: string;
};

/** Carries the call out on paper. Throws StripeFailure for what Stripe refuses before anything changes. */
export function carryOut(state: State, call: Call, { searchLagMs }: { searchLagMs: number }): Done {
  const { operation, parameters } = call;
  const id = call.id ?? '';
  switch (operation) {
    case 'create':
      return ofOutcome(state, createIntent(state, parameters), parameters);
    case 'confirm':
      return ofOutcome(state, confirmIntent(state, id, parameters), parameters);
    case 'capture':
      return ofOutcome(state, captureIntent(state, id, parameters), parameters);
    case 'cancel':
      return ofOutcome(state, cancelIntent(state, id, parameters), parameters);
    case 'refund':
      return ofRefund(state, parameters);
    case 'retrieve':
      expectOnly(parameters, ['client_secret']);
      return ofReading(shown(state, findIntent(state, id), parameters), findIntent(state, id));
    case 'list':
      return ofReading(listIntents(state, parameters), null);
    case 'search':
      return ofReading(searchIntents(state, parameters, searchLagMs), null);
    case 'retrieve_refund':
      expectOnly(parameters, []);
      return ofReading(findRefund(state, id), intentOf(state, call));
    case 'list_refunds':
      return ofReading(listRefunds(state, parameters), intentOf(state, call));
    case 'retrieve_dispute':
      expectOnly(parameters, []);
      return ofReading(findDispute(state, id), intentOf(state, call));
    case 'list_disputes':
      return ofReading(listDisputes(state, parameters), intentOf(state, call));
    case 'update_dispute':
      return ofDispute(updateDispute(state, id, parameters), intentOf(state, call));
    case 'close_dispute':
      expectOnly(parameters, []);
      return ofDispute(acceptDispute(state, id), intentOf(state, call));
    case 'create_customer':
      return ofCustomer(createCustomer(parameters));
    case 'retrieve_customer':
      expectOnly(parameters, []);
      return ofReading(findCustomer(state, id), null);
  }
}

/** The intent that a call is about, also through its refund or dispute. */
export function intentOf(state: State, { id, parameters }: Call): Intent | null {
  const named = id ?? parameters['payment_intent'];
  if (typeof named !== 'string') return null;
  const through = state.refunds.get(named) ?? state.disputes.get(named);
  return state.intents.get(through?.payment_intent ?? named) ?? null;
}

function ofOutcome(state: State, outcome: Outcome, parameters: Parameters): Done {
  const { intent, effect, created, error } = outcome;
  const body = error ? errorBody(error.fields) : shown(state, intent, parameters);
  const answer = { status: error?.status ?? 200, body };
  const amountMinor = outcome.amountMinor ?? (effect === 'captured' ? intent.amount_received : intent.amount);
  const changes = { intents: created ? [created, intent] : [intent], methods: outcome.methods ?? [] };
  return { answer, changes, effect, amountMinor, intent };
}

/** With its charge, where that is asked for (`expand[]=latest_charge`). */
function shown(state: State, intent: Intent, { expand }: Parameters): object {
  const isAsked = Array.isArray(expand) && expand.includes('latest_charge');
  return isAsked ? { ...intent, latest_charge: chargeOf(state, intent) } : intent;
}

const ofReading = (body: unknown, intent: Intent | null): Done => ({
  answer: { status: 200, body },
  changes: {},
  effect: 'none',
  amountMinor: intent?.amount ?? 0,
  intent,
});

function ofRefund(state: State, parameters: Parameters): Done {
  const { refund, intent } = createRefund(state, parameters);
  const effect = refund.status === 'succeeded' ? 'refunded' : 'none';
  const answer = { status: 200, body: refund };
  return { answer, changes: { refunds: [refund] }, effect, amountMinor: refund.amount, intent, refundId: refund.id };
}

function ofDispute({ dispute, effect, amountMinor }: Changed, intent: Intent | null): Done {
  const answer = { status: 200, body: dispute };
  return { answer, changes: { disputes: [dispute] }, effect, amountMinor, intent, disputeId: dispute.id };
}

function ofCustomer(customer: Customer): Done {
  const answer = { status: 200, body: customer };
  const changes = { customers: [customer] };
  return { answer, changes, effect: 'created', amountMinor: 0, intent: null, customerId: customer.id };
}

function listIntents(state: State, parameters: Parameters): object {
  expectOnly(parameters, [...PAGING, 'created', 'customer']);
  const customer = textOf(parameters, 'customer');
  const inRange = createdRangeOf(parameters);
  const found = [...state.intents.values()].filter(
    (intent) => inRange(intent.created) && (customer === undefined || intent.customer === customer),
  );
  return pageOf(found, parameters, '/v1/payment_intents');
}

function listRefunds(state: State, parameters: Parameters): object {
  expectOnly(parameters, [...PAGING, 'created', 'payment_intent']);
  const intentId = textOf(parameters, 'payment_intent');
  const inRange = createdRangeOf(parameters);
  const found = intentId === undefined ? [...state.refunds.values()] : refundsOf(state, intentId);
  return pageOf(
    found.filter(({ created }) => inRange(created)),
    parameters,
    '/v1/refunds',
  );
}

/** As the real one: what is younger than the lag is not found yet. Only `metadata['name']:'value'` is understood. */
function searchIntents(state: State, parameters: Parameters, lagMs: number): object {
  expectOnly(parameters, ['query', 'limit', 'page']);
  const [, name, value] =
    /^metadata\[(?:'|")(\w+)(?:'|")\]:\s*(?:'|")([^'"]*)(?:'|")$/.exec(requiredText(parameters, 'query')) ?? [];
  if (name === undefined || value === undefined)
    throw invalid("The simulator searches for metadata['name']:'value' only.", null, 'query');
  const horizon = (Date.now() - lagMs) / 1_000;
  const found = [...state.intents.values()].filter(
    (intent) => intent.metadata[name] === value && intent.created <= horizon,
  );
  const begin = placeOfPage(textOf(parameters, 'page'));
  const end = begin + pageSizeOf(parameters);
  const has_more = end < found.length;
  const data = found.toReversed().slice(begin, end);
  return {
    object: 'search_result',
    url: '/v1/payment_intents/search',
    has_more,
    next_page: has_more ? pageAt(end) : null,
    data,
  };
}

const pageAt = (begin: number): string => `page_${begin}`;

function placeOfPage(page: string | undefined): number {
  if (page === undefined) return 0;
  const [, begin] = /^page_(\d{1,9})$/.exec(page) ?? [];
  if (begin === undefined) throw invalid('The page is not one that a search answered with.', null, 'page');
  return Number(begin);
}
