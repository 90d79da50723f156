// A circuit breaker around the provider, one circuit for each of its operations. What must stay true: it only ever says "not
// now", which the retries of Temporal outlast; it decides nothing about an order. Counted is what leaves an outcome unknown
// because the provider is ill, never a no, our own mistakes, or a request for patience.
import { BrokenCircuitError, CircuitState, circuitBreaker, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { notNowFailure } from '../../contracts/failures.ts';
import type { PaymentProvider } from '../../ports/payment.ts';
import type { CircuitReading, ProviderState } from '../../ports/provider-states.ts';
import type { Call } from '../../runtime/call-metrics.ts';
import { timed, type CallOutcome } from './calls.ts';

/**
 * How long an operation is left alone before one probe may try it. Short: the slow pause of the retries already spares the
 * provider; this spares it the calls of many orders, and must not add much to the time in which they go on afterwards.
 */
const OPEN_MS = 5_000;

// A database column and an operator's screen show it.
const MAX_FAILURE_LENGTH = 300;

export type GuardedProvider = {
  provider: PaymentProvider;
  /** The worst of the circuits. */
  read: () => ProviderState;
  circuits: () => readonly CircuitReading[];
};

type Settings = {
  provider: PaymentProvider;
  /** Whether an error says that the provider is ill. */
  isIll: (error: unknown) => boolean;
  /** Failures in a row after which an operation is left alone. */
  failuresToOpen: number;
  /** Called after every change of the state; `read` then answers with the new one. */
  onChange?: () => void;
  /** Told of every call: what it came to, and how long it took (null: it was not made). */
  onCall?: (call: Call) => void;
  openMs?: number;
};

/** The same provider behind the breaker. While a circuit is open its calls fail with `NotNow` and are not made. */
export function guardProvider(settings: Settings): GuardedProvider {
  const { provider, onChange } = settings;
  let shown: ProviderState = { state: 'closed', since: new Date().toISOString(), failures: 0, lastFailure: null };
  const circuits: Circuit[] = [];

  function circuit<Request, Answer>(
    operation: string,
    call: (request: Request) => Promise<Answer>,
  ): (request: Request) => Promise<Answer> {
    const added = createCircuit(operation, settings, { changed, failed });
    circuits.push(added);
    return (request) => added.run(() => call(request));
  }

  function failed(lastFailure: string): void {
    shown = { ...shown, lastFailure };
  }

  /** The worst of the circuits is what people are shown. */
  function worst(): ProviderState['state'] {
    const states = circuits.map(({ state }) => state());
    return states.includes('open') ? 'open' : states.includes('half-open') ? 'half-open' : 'closed';
  }

  function changed(): void {
    const state = worst();
    if (state === shown.state) return;
    // A probe that fails is no news: what people ask is since when the provider is ill.
    const begins = state === 'closed' || shown.state === 'closed';
    shown = { ...shown, state, ...(begins ? { since: new Date().toISOString() } : {}) };
    onChange?.();
  }

  return {
    provider: {
      createCustomer: circuit('create a customer', provider.createCustomer),
      create: circuit('create', provider.create),
      confirm: circuit('confirm', provider.confirm),
      capture: circuit('capture', provider.capture),
      find: circuit('find', provider.find),
      cancel: circuit('cancel', provider.cancel),
      refund: circuit('refund', provider.refund),
      findClientSecret: circuit('ask for a client secret', provider.findClientSecret),
      listRefunds: circuit('list the refunds', provider.listRefunds),
      list: circuit('list all payments', provider.list),
      listAllRefunds: circuit('list all refunds', provider.listAllRefunds),
      listDisputes: circuit('list the disputes', provider.listDisputes),
      listAllDisputes: circuit('list all disputes', provider.listAllDisputes),
      findDispute: circuit('ask for a dispute', provider.findDispute),
    },
    read: () => ({ ...shown, state: worst(), failures: Math.max(...circuits.map(({ failures }) => failures())) }),
    circuits: () => circuits.map(({ operation, state }) => ({ operation, state: state() })),
  };
}

type Circuit = {
  operation: string;
  run: <T>(call: () => Promise<T>) => Promise<T>;
  state: () => ProviderState['state'];
  failures: () => number;
};

function createCircuit(
  operation: string,
  { isIll, failuresToOpen, openMs = OPEN_MS, onCall = () => undefined }: Settings,
  { changed, failed }: { changed: () => void; failed: (what: string) => void },
): Circuit {
  const breaker = new ConsecutiveBreaker(failuresToOpen);
  // Half open lets one probe through; who comes meanwhile waits for what becomes of it.
  const policy = circuitBreaker(handleWhen(isIll), { halfOpenAfter: openMs, breaker });
  let openedAt = 0;
  let failures = 0;
  let lastFailure = '';
  policy.onBreak(() => (openedAt = Date.now()));
  policy.onStateChange(changed);
  policy.onSuccess(() => (failures = 0));
  policy.onFailure(({ handled, reason }) => {
    // A no and a plea for patience come from a provider that is well.
    failures = handled ? failures + 1 : 0;
    if (!handled) return;
    const message = 'error' in reason ? reason.error.message : 'an unusable answer';
    lastFailure = `${operation}: ${message}`.slice(0, MAX_FAILURE_LENGTH);
    failed(lastFailure);
  });

  return {
    operation,
    run: async (call) => {
      try {
        return await policy.execute(() => timed(operation, call, { isIll, onCall }));
      } catch (error) {
        if (!(error instanceof BrokenCircuitError)) throw error;
        onCall({ operation, outcome: 'not-called' satisfies CallOutcome, seconds: null });
        // The jitter spreads the orders that wait, so that they do not all come with the first probe.
        const delayMs = Math.max(openedAt + openMs - Date.now(), 0) + Math.random() * openMs;
        const message = `The provider is left alone for a moment after ${failures} failures in a row (${lastFailure})`;
        throw notNowFailure({ message, delayMs: Math.ceil(delayMs) });
      }
    },
    // The policy goes on to half-open with the next call only, which may never come; what is so is that the next one is let through.
    state: () => {
      const state = stateNames[policy.state];
      return state === 'open' && Date.now() - openedAt >= openMs ? 'half-open' : state;
    },
    failures: () => failures,
  };
}

const stateNames: Record<CircuitState, ProviderState['state']> = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.HalfOpen]: 'half-open',
  [CircuitState.Open]: 'open',
  // Nobody isolates it by hand; it would be left alone, too.
  [CircuitState.Isolated]: 'open',
};
