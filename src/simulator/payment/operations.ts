// From a request to what it changes: which operation it is, on which intent, and the answer.
import { StripeFailure } from './errors.ts';
import { cancelIntent, captureIntent, confirmIntent, createIntent, findIntent, type Outcome } from './intents.ts';
import { pageSizeOf, recordOf, textOf, type Parameters } from './parameters.ts';
import { createRefund, findRefund } from './refunds.ts';
import type { Entry, Intent, JournalItem, State, StoredAnswer } from './state.ts';

export type Call = { operation: string; method: string; id: string | null; parameters: Parameters };
export type Done = {
  answer: StoredAnswer;
  changes: Pick<Entry, 'intents' | 'refunds'>;
  effect: JournalItem['effect'];
  amountMinor: number;
  intent: Intent | null;
  refundId?: string;
};

/** Carries the call out on paper. Throws StripeFailure for what Stripe refuses before anything happens. */
export function carryOut(state: State, call: Call, { searchLagMs }: { searchLagMs: number }): Done {
  const { operation, id, parameters } = call;
  switch (operation) {
    case 'create':
      return ofOutcome(createIntent(parameters));
    case 'confirm':
      return ofOutcome(confirmIntent(state, id ?? '', parameters));
    case 'capture':
      return ofOutcome(captureIntent(state, id ?? '', parameters));
    case 'cancel':
      return ofOutcome(cancelIntent(state, id ?? '', parameters));
    case 'retrieve':
      return ofReading(findIntent(state, id ?? ''), findIntent(state, id ?? ''));
    case 'list':
      return ofReading(listIntents(state, parameters), null);
    case 'search':
      return ofReading(searchIntents(state, parameters, searchLagMs), null);
    case 'refund':
      return ofRefund(state, parameters);
    case 'retrieve_refund':
      return ofReading(findRefund(state, id ?? ''), null);
    case 'list_refunds':
      return ofReading(
        listRefunds(state, parameters),
        state.intents.get(textOf(parameters, 'payment_intent') ?? '') ?? null,
      );
    default:
      throw new StripeFailure(404, { type: 'invalid_request_error', message: `Unrecognized operation: ${operation}` });
  }
}

/** The intent that a call is about, for faults that are meant for one order. */
export function intentOf(state: State, { id, parameters }: Call): Intent | null {
  const named = id ?? parameters['payment_intent'];
  return typeof named === 'string' ? (state.intents.get(named) ?? null) : null;
}

function ofOutcome({ intent, effect, error }: Outcome): Done {
  const answer = error ? { status: error.status, body: { error: error.fields } } : { status: 200, body: intent };
  const amountMinor = effect === 'captured' ? intent.amount_received : intent.amount;
  return { answer, changes: { intents: [intent] }, effect, amountMinor, intent };
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

type Listed = { id: string; created: number };

function listIntents(state: State, parameters: Parameters): object {
  const customer = textOf(parameters, 'customer');
  const created = recordOf(parameters, 'created');
  const inRange = (at: number): boolean =>
    at >= Number(created['gte'] ?? 0) &&
    at > Number(created['gt'] ?? -1) &&
    at <= Number(created['lte'] ?? Infinity) &&
    at < Number(created['lt'] ?? Infinity);
  const found = [...state.intents.values()].filter(
    (intent) => inRange(intent.created) && (customer === undefined || intent.customer === customer),
  );
  return page(found, parameters, '/v1/payment_intents');
}

function listRefunds(state: State, parameters: Parameters): object {
  const intent = textOf(parameters, 'payment_intent');
  const found = [...state.refunds.values()].filter(
    (refund) => intent === undefined || refund.payment_intent === intent,
  );
  return page(found, parameters, '/v1/refunds');
}

/** As the real one: what is younger than the lag is not found yet. Only `metadata['name']:'value'` is understood. */
function searchIntents(state: State, parameters: Parameters, lagMs: number): object {
  const [, name, value] =
    /^metadata\[['"](\w+)['"]\]:\s*['"]([^'"]*)['"]$/.exec(textOf(parameters, 'query') ?? '') ?? [];
  if (name === undefined || value === undefined) {
    throw new StripeFailure(400, {
      type: 'invalid_request_error',
      message: "Only metadata['name']:'value' can be searched for",
      param: 'query',
    });
  }
  const horizon = (Date.now() - lagMs) / 1_000;
  const data = [...state.intents.values()].filter(
    (intent) => intent.metadata[name] === value && intent.created <= horizon,
  );
  return { object: 'search_result', url: '/v1/payment_intents/search', has_more: false, next_page: null, data };
}

/** Newest first, as Stripe lists. */
function page(items: readonly Listed[], parameters: Parameters, url: string): object {
  const newest = [...items].reverse();
  const after = textOf(parameters, 'starting_after');
  const begin = after === undefined ? 0 : newest.findIndex(({ id }) => id === after) + 1;
  const size = pageSizeOf(parameters);
  return { object: 'list', url, has_more: newest.length > begin + size, data: newest.slice(begin, begin + size) };
}
