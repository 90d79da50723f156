// One request from its faults to its answer. What must stay true: the effect is on disk before the answer, a key is
// answered once and repeated for ever, and the journal has a line for whatever reached an operation.
import { setTimeout as sleep } from 'node:timers/promises';
import { errorBody, StripeFailure, type ErrorFields } from './errors.ts';
import { eventsOf } from './events.ts';
import type { Fault, Faults } from './faults.ts';
import type { Commit } from './commit.ts';
import { carryOut, intentOf, type Call, type Done } from './operations.ts';
import type { JournalItem, State, StoredAnswer, StoredKey } from './state.ts';

/** What goes back over the wire; `cut` says how the connection is broken instead of (or within) the answer. */
export type Reply = StoredAnswer & { headers: Record<string, string>; cut?: 'whole' | 'half' };
export type Request = { call: Call; requestId: string; key: string | null; fingerprint: string };
export type Handle = (request: Request) => Promise<Reply>;

type Dependencies = { state: State; commit: Commit; faults: Faults; searchLagMs: number };
/** Makes the journal's line for a request. */
type Note = (item: Partial<JournalItem>) => JournalItem;
type Struck = { request: Request; fault: Fault | null; note: Note };

const internalError: StoredAnswer = {
  status: 500,
  body: errorBody({ type: 'api_error', message: 'An unknown error occurred (simulated).' }),
};

export function createHandling(dependencies: Dependencies): Handle {
  const { state } = dependencies;
  const underWay = new Set<string>();

  return async (request) => {
    const { key, fingerprint } = request;
    if (key === null) return perform(dependencies, strike(dependencies, request));

    // From the check to the mark without a pause: two requests that arrive together must not both find the key unused.
    const stored = state.keys.get(key);
    if (stored) {
      if (stored.fingerprint !== fingerprint) return refused(400, otherParameters(key));
      return perform(dependencies, strike(dependencies, request), stored);
    }
    if (underWay.has(key)) return refused(409, keyInUse);
    underWay.add(key);
    try {
      return await perform(dependencies, strike(dependencies, request));
    } finally {
      underWay.delete(key);
    }
  };
}

/** The fault that is meant for a request, if there is one; it is used up by that. */
function strike({ state, faults }: Dependencies, request: Request): Struck {
  const { call, key } = request;
  const intent = intentOf(state, call);
  const orderId = intent?.metadata['orderId'] ?? orderOfParameters(call);
  const isReading = /^(retrieve|list|search)/.test(call.operation);
  const fault = faults.take(isReading ? 'retrieve' : call.operation, orderId);
  const note: Note = (item) => ({
    operation: call.operation,
    effect: 'none',
    amountMinor: 0,
    paymentIntentId: intent?.id ?? call.id,
    orderId,
    idempotencyKey: key,
    replayed: false,
    fault: fault?.mode ?? null,
    at: new Date().toISOString(),
    ...item,
  });
  return { request, fault, note };
}

/** Waits and fails as the fault says, before, after or instead of what was asked for (or answered before: `stored`). */
async function perform(dependencies: Dependencies, struck: Struck, stored?: StoredKey): Promise<Reply> {
  const { fault } = struck;
  if (fault && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
  const early = await strikeEarly(dependencies, struck);
  if (early) return early;
  return strikeLate(fault, await (stored ? replay(dependencies, struck, stored) : execute(dependencies, struck)));
}

/** What a fault does before anything happened, or null when the request is to be carried out. */
async function strikeEarly({ commit }: Dependencies, { request, fault, note }: Struck): Promise<Reply | null> {
  const { key, fingerprint, requestId } = request;
  if (fault?.mode === 'error_429') {
    await commit({ journal: [note({})] });
    return { ...refused(429, rateLimit), headers: { 'Retry-After': '1' } };
  }
  if (fault?.mode === 'drop_before_effect') {
    await commit({ journal: [note({})] });
    return { ...internalError, headers: {}, cut: 'whole' };
  }
  if (fault?.mode !== 'error_500') return null;
  const keys = fault.cached && key !== null ? [{ key, fingerprint, requestId, answer: internalError }] : [];
  await commit({ keys, journal: [note({})] });
  return { ...internalError, headers: {} };
}

function strikeLate(fault: Fault | null, reply: Reply): Reply {
  if (fault?.mode === 'error_500_after_effect') return { ...internalError, headers: {} };
  if (fault?.mode === 'drop_after_effect') return { ...reply, cut: 'whole' };
  return fault?.mode === 'half_body' ? { ...reply, cut: 'half' } : reply;
}

async function replay({ commit }: Dependencies, { note }: Struck, { answer, requestId }: StoredKey): Promise<Reply> {
  await commit({ journal: [note({ replayed: true, ...subjectOf(answer) })] });
  return { ...answer, headers: { 'Idempotent-Replayed': 'true', 'Original-Request': requestId } };
}

async function execute(dependencies: Dependencies, struck: Struck): Promise<Reply> {
  const { state, commit } = dependencies;
  const { request, fault, note } = struck;
  const { call, key, fingerprint, requestId } = request;
  const keysFor = (answer: StoredAnswer): StoredKey[] => {
    const isLost = fault?.mode === 'error_500_after_effect' && fault.cached;
    return key === null ? [] : [{ key, fingerprint, requestId, answer: isLost ? internalError : answer }];
  };
  let done: Done;
  try {
    done = carryOut(state, call, dependencies);
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    const answer = { status: error.status, body: errorBody(error.fields) };
    // What fails validation is not stored for its key; what was refused for the state it found is.
    await commit({ keys: error.stored ? keysFor(answer) : [], journal: [note({})] });
    return { ...answer, headers: {} };
  }
  const { answer, changes, effect, amountMinor, intent, refundId, disputeId, customerId } = done;
  const what = {
    ...(refundId ? { refundId } : {}),
    ...(disputeId ? { disputeId } : {}),
    ...(customerId ? { customerId } : {}),
  };
  const about = intent ? { paymentIntentId: intent.id, orderId: intent.metadata['orderId'] ?? null } : {};
  await commit({
    ...changes,
    events: eventsOf(state, changes, { requestId, key }),
    keys: keysFor(answer),
    journal: [note({ effect, amountMinor, ...about, ...what })],
  });
  return { ...answer, headers: {} };
}

type Subject = Pick<Partial<JournalItem>, 'paymentIntentId' | 'refundId' | 'disputeId' | 'customerId'>;

/** What a stored answer is about, for the journal: a replayed create has no id in its request. */
function subjectOf({ body }: StoredAnswer): Subject {
  if (typeof body !== 'object' || body === null || !('id' in body) || typeof body.id !== 'string') return {};
  if ('object' in body && body.object === 'customer') return { customerId: body.id };
  if (!('payment_intent' in body) || typeof body.payment_intent !== 'string') return { paymentIntentId: body.id };
  const isDispute = 'object' in body && body.object === 'dispute';
  return { paymentIntentId: body.payment_intent, [isDispute ? 'disputeId' : 'refundId']: body.id };
}

const refused = (status: number, fields: ErrorFields): Reply => ({ status, body: errorBody(fields), headers: {} });

const rateLimit: ErrorFields = {
  type: 'rate_limit_error',
  code: 'rate_limit',
  message: 'Too many requests hit the API too quickly.',
};
const keyInUse: ErrorFields = {
  type: 'invalid_request_error',
  code: 'idempotency_key_in_use',
  message: 'There is currently another in-progress request using this idempotency key.',
};
const otherParameters = (key: string): ErrorFields => ({
  type: 'idempotency_error',
  message: `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`,
});

function orderOfParameters({ parameters }: Call): string | null {
  const { metadata } = parameters;
  if (typeof metadata !== 'object' || metadata === null || !('orderId' in metadata)) return null;
  return typeof metadata.orderId === 'string' ? metadata.orderId : null;
}
