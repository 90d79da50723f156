// One request from its faults to its answer. What must stay true: the effect is on disk before the answer, a key is
// answered once and repeated for ever, and the journal has a line for whatever reached an operation.
import { StripeFailure } from './errors.ts';
import type { Fault, Faults } from './faults.ts';
import type { Log } from './log.ts';
import { carryOut, intentOf, type Call, type Done } from './operations.ts';
import { apply, type Entry, type JournalItem, type State, type StoredAnswer, type StoredKey } from './state.ts';
import type { Webhooks } from './webhooks.ts';

/** What goes back over the wire; `cut` says how the connection is broken instead of (or within) the answer. */
export type Reply = StoredAnswer & { headers: Record<string, string>; cut?: 'before' | 'after' | 'half' };

type Dependencies = { state: State; log: Log; faults: Faults; webhooks: Webhooks; searchLagMs: number };
type Request = { call: Call; key: string | null; fingerprint: string };
type Commit = (entry: Entry) => Promise<void>;
/** Makes the journal's line for a request. */
type Note = (item: Partial<JournalItem>) => JournalItem;
type Struck = { request: Request; fault: Fault | null; note: Note };

const internalError: StoredAnswer = {
  status: 500,
  body: { error: { type: 'api_error', message: 'An unknown error occurred (simulated).' } },
};

export function createHandling(dependencies: Dependencies) {
  const { state, log, faults, webhooks } = dependencies;
  const underWay = new Set<string>();

  const commit: Commit = async (entry) => {
    apply(state, entry);
    await log.append(entry);
    for (const event of entry.events ?? []) webhooks.deliver(event);
  };

  async function handle(request: Request): Promise<Reply> {
    const { call, key } = request;
    const orderId = intentOf(state, call)?.metadata['orderId'] ?? orderOfParameters(call);
    const fault = faults.take(faultNameOf(call), orderId);
    const struck = { request, fault, note: noteOf(request, fault, orderId) };

    const early = await strikeEarly(struck, commit);
    if (early) return early;
    if (key === null) return executeInTime(dependencies, struck, commit);

    // From the check to the mark without a pause: two requests that arrive together must not both find the key unused.
    const stored = state.keys.get(key);
    if (stored) return replay(struck, stored, commit);
    if (underWay.has(key)) {
      return failed(409, 'idempotency_key_in_use', 'There is currently another in-progress request using this key.');
    }
    underWay.add(key);
    try {
      return await executeInTime(dependencies, struck, commit);
    } finally {
      underWay.delete(key);
    }
  }

  return { handle, commit };
}

const faultNameOf = ({ operation }: Call): string =>
  operation.startsWith('list') || operation === 'retrieve_refund' ? 'retrieve' : operation;

const noteOf =
  ({ call, key }: Request, fault: Fault | null, orderId: string | null): Note =>
  (item) => ({
    operation: call.operation,
    effect: 'none',
    amountMinor: 0,
    paymentIntentId: call.id,
    orderId,
    idempotencyKey: key,
    replayed: false,
    fault: fault?.mode ?? null,
    at: new Date().toISOString(),
    ...item,
  });

/** The answer that a key has already, or the refusal of another request under it. */
async function replay({ request, fault, note }: Struck, stored: StoredKey, commit: Commit): Promise<Reply> {
  if (stored.fingerprint !== request.fingerprint) {
    const message = 'Keys for idempotent requests can only be used with the same parameters they were first used with.';
    return failed(400, undefined, message, 'idempotency_error');
  }
  await commit({ journal: [note({ replayed: true })] });
  return strikeLate(fault, { ...stored.answer, headers: { 'Idempotent-Replayed': 'true' } });
}

/** The delay is inside, so that a second request with the key finds the first at work. */
async function executeInTime(dependencies: Dependencies, struck: Struck, commit: Commit): Promise<Reply> {
  const { fault } = struck;
  if (fault?.mode === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  return execute(dependencies, struck, commit);
}

async function execute(dependencies: Dependencies, struck: Struck, commit: Commit): Promise<Reply> {
  const {
    request: { call, key, fingerprint },
    fault,
    note,
  } = struck;
  let done: Done;
  try {
    done = carryOut(dependencies.state, call, dependencies);
  } catch (error) {
    if (!(error instanceof StripeFailure)) throw error;
    // Refused before it was carried out: such answers are not stored for the key.
    await commit({ journal: [note({})] });
    return { status: error.status, body: { error: error.fields }, headers: {} };
  }
  const { answer, changes, effect, amountMinor, intent, refundId } = done;
  const stored = fault?.mode === 'error_500_after_effect' && fault.cached ? internalError : answer;
  const about = { paymentIntentId: intent?.id ?? call.id, orderId: intent?.metadata['orderId'] ?? null };
  await commit({
    ...changes,
    events: dependencies.webhooks.eventsOf(changes, effect),
    ...(key === null ? {} : { keys: [{ key, fingerprint, answer: stored }] }),
    journal: [note({ effect, amountMinor, ...about, ...(refundId ? { refundId } : {}) })],
  });
  return strikeLate(fault, { ...answer, headers: {} });
}

/** What a fault does before anything happened, or null when the request is to be carried out. */
async function strikeEarly(
  { request: { key, fingerprint }, fault, note }: Struck,
  commit: Commit,
): Promise<Reply | null> {
  if (fault?.mode === 'error_429') {
    await commit({ journal: [note({})] });
    return {
      ...failed(429, 'rate_limit', 'Too many requests hit the API too quickly.', 'rate_limit_error'),
      headers: { 'Retry-After': '1' },
    };
  }
  if (fault?.mode === 'drop_before_effect') {
    await commit({ journal: [note({})] });
    return { ...internalError, headers: {}, cut: 'before' };
  }
  if (fault?.mode !== 'error_500') return null;
  const keys = fault.cached && key !== null ? [{ key, fingerprint, answer: internalError }] : [];
  await commit({ keys, journal: [note({})] });
  return { ...internalError, headers: {} };
}

function strikeLate(fault: Fault | null, reply: Reply): Reply {
  if (fault?.mode === 'error_500_after_effect') return { ...internalError, headers: {} };
  if (fault?.mode === 'drop_after_effect') return { ...reply, cut: 'after' };
  return fault?.mode === 'half_body' ? { ...reply, cut: 'half' } : reply;
}

function failed(status: number, code: string | undefined, message: string, type = 'invalid_request_error'): Reply {
  return { status, body: { error: { type, ...(code ? { code } : {}), message } }, headers: {} };
}

function orderOfParameters({ parameters }: Call): string | null {
  const { metadata } = parameters;
  if (typeof metadata !== 'object' || metadata === null || !('orderId' in metadata)) return null;
  return typeof metadata.orderId === 'string' ? metadata.orderId : null;
}
