// What every port relies on when nobody knows what happened: such a call throws, in time, and once. Made into checks for the calls of
// each port.
import { ApplicationFailure } from '@temporalio/common';
import { FailureName } from '../contracts/failures.ts';
import { describe, expectThat, Hung, outcomeOf, type Check } from './check.ts';
import { IMPATIENT_MS, type Connection } from './connection.ts';
import type { Fault } from './proxy.ts';

/** Calls that are made while something is wrong, by name. */
export type Calls = Record<string, () => Promise<unknown>>;

type Judge = (outcome: { threw: unknown }) => string | null;
type Tested = Connection<object> & { module: { requestsPerCall?: number | undefined } };
type Port<World extends Tested> = {
  /** Prepares what is called, and answers with the calls, of `adapter`. */
  calls: (world: World, adapter: World['adapter']) => Promise<Calls>;
  /** What becomes of an order where the answer is taken for a no. */
  harm: string;
  reliedOnBy: string;
  /** Whether the port has a word for a partner that asks for patience, with the pause that it asks for. */
  isPatient: boolean;
};

const RETRY_AFTER_S = 7;
// For whatever else the machine does.
const LATE_MS = 2_000;

const page = '<html><body><h1>It works!</h1></body></html>';
const json = { 'Content-Type': 'application/json' };
const html = { 'Content-Type': 'text/html' };
const body = '{"error":{"message":"conformance suite","type":"api_error"}}';

export function unknownChecks<World extends Tested>(port: Port<World>): Check<World>[] {
  const { harm, reliedOnBy } = port;
  const thrown = (id: string, rule: string, why: string, faults: readonly Fault[], judge?: Judge): Check<World> => ({
    ...{ id: `unknown.${id}`, rule, why, reliedOnBy },
    run: async (world) => expectThrown(world, await port.calls(world, world.adapter), faults, judge ?? isRetried),
  });
  return [
    thrown('dropped', 'A connection that breaks is unknown: the call throws', harm, [
      { kind: 'drop', afterEffect: false },
    ]),
    thrown(
      'server-error',
      'Answers from 500 on are unknown, JSON or not',
      'A provider that is ill has not decided anything.',
      [
        { kind: 'answer', status: 500, headers: json, body },
        { kind: 'answer', status: 503, headers: html, body: page },
      ],
    ),
    thrown('half-body', 'Half an answer is unknown', 'What was done may stand in the other half.', [{ kind: 'half' }]),
    thrown(
      'no-answer',
      'A 200 that is no answer of the provider is unknown',
      'A gateway in between may answer 200 with a page of its own. Read leniently, it is a payment without a state.',
      [
        { kind: 'answer', status: 200, headers: html, body: page },
        { kind: 'answer', status: 200, headers: json, body: '{}' },
      ],
    ),
    hangs(port),
    thrown(
      'credentials',
      'A refusal of our own key (401, 403) is unknown: it says nothing about the order',
      'A key is rotated wrongly, and every order of that hour is declined, or parked for a person. Thrown, they wait and go on.',
      [
        { kind: 'answer', status: 401, headers: json, body },
        { kind: 'answer', status: 403, headers: json, body },
      ],
    ),
    patience(port),
    requests(port, 'once', 'A call makes one request (or as many as the module says)', [null]),
    requests(port, 'no-retries', 'A call that fails is not tried again by the adapter', [
      { kind: 'drop', afterEffect: false },
      { kind: 'answer', status: 500, headers: json, body },
      { kind: 'answer', status: 429, headers: json, body },
    ]),
  ];
}

function hangs<World extends Tested>(port: Port<World>): Check<World> {
  return {
    id: 'unknown.hangs',
    rule: 'A call ends after its time, also where the answer has begun',
    why: 'A call that waits for ever holds a place of the queue: a handful of them stop every payment.',
    reliedOnBy: port.reliedOnBy,
    run: async (world) => {
      const calls = await port.calls(world, await world.impatient());
      return expectThrown(world, calls, [{ kind: 'hang' }, { kind: 'trickle' }], isRetried, IMPATIENT_MS + LATE_MS);
    },
  };
}

function patience<World extends Tested>(port: Port<World>): Check<World> {
  const headers = { ...json, 'Retry-After': String(RETRY_AFTER_S) };
  const faults = [{ kind: 'answer', status: 429, headers, body }] as const;
  return {
    id: 'unknown.patience',
    rule: port.isPatient
      ? 'A 429 is “not now” (notNowFailure), and not sooner than its Retry-After says'
      : 'A 429 is unknown: the call throws',
    why: 'A partner that asks for patience and is asked again at once shuts us out; taken for a no, the busiest hour rejects its orders.',
    reliedOnBy: port.isPatient ? 'activities/patience.ts notSooner' : port.reliedOnBy,
    run: async (world) =>
      expectThrown(world, await port.calls(world, world.adapter), faults, port.isPatient ? isNotNow : isRetried),
  };
}

/** Temporal tries again what is thrown, unless it says not to. */
const isRetried: Judge = ({ threw }) => {
  if (threw instanceof Hung) return describe({ threw });
  const isFinal = threw instanceof ApplicationFailure && threw.nonRetryable === true;
  return isFinal ? `${describe({ threw })}, which is not tried again` : null;
};

const isNotNow: Judge = (outcome) => {
  const { threw } = outcome;
  if (!(threw instanceof ApplicationFailure) || threw.type !== FailureName.notNow) return describe(outcome);
  const delayMs = Number(threw.nextRetryDelay ?? 0);
  if (delayMs >= RETRY_AFTER_S * 1_000) return isRetried(outcome);
  return `it asks again after ${delayMs} ms; Retry-After says ${RETRY_AFTER_S} s`;
};

/** `limitMs`: what it may take, where that is asked. */
async function expectThrown(
  world: Tested,
  calls: Calls,
  faults: readonly Fault[],
  judge: Judge,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<string> {
  const proxy = world.proxy();
  const ready = Object.entries(calls);
  const complaints: string[] = [];
  for (const fault of faults) {
    await proxy.during(fault, () =>
      Promise.all(
        ready.map(async ([name, call]) => {
          const begun = performance.now();
          const outcome = await outcomeOf(call);
          const tookMs = Math.round(performance.now() - begun);
          const late = tookMs > limitMs ? `it took ${tookMs} ms` : null;
          const complaint = complain(outcome, judge) ?? late;
          if (complaint !== null) complaints.push(`${name} (${nameOf(fault)}): ${complaint}`);
        }),
      ),
    );
    // Each further one may take its time again.
    if (complaints.length > 0) break;
  }
  expectThat(complaints.length === 0, complaints.join('; '));
  return `thrown by ${ready.map(([name]) => name).join(', ')}`;
}

function complain(outcome: unknown, judge: Judge): string | null {
  if (typeof outcome !== 'object' || outcome === null || !('threw' in outcome)) return describe(outcome);
  return judge(outcome);
}

const nameOf = (fault: Fault): string => (fault.kind === 'answer' ? String(fault.status) : fault.kind);

function requests<World extends Tested>(
  port: Port<World>,
  id: string,
  rule: string,
  faults: readonly (Fault | null)[],
): Check<World> {
  return {
    id: `requests.${id}`,
    rule,
    why: 'Temporal owns the retries, and the cap of the queue counts requests: an adapter that tries again by itself multiplies both, when the provider can bear it least.',
    reliedOnBy: 'workers/order-worker.ts REQUESTS_PER_ACTIVITY',
    run: async (world) => {
      const proxy = world.proxy();
      const allowed = world.module.requestsPerCall ?? 1;
      const ready = Object.entries(await port.calls(world, world.adapter));
      const complaints: string[] = [];
      for (const fault of faults) {
        for (const [name, call] of ready) {
          const before = proxy.requests();
          await (fault ? proxy.during(fault, () => outcomeOf(call)) : outcomeOf(call));
          const made = proxy.requests() - before;
          if (made > allowed) complaints.push(`${name}${fault ? ` (${nameOf(fault)})` : ''} made ${made} requests`);
        }
      }
      expectThat(complaints.length === 0, complaints.join('; '));
      return `${allowed} at most, of ${ready.map(([name]) => name).join(', ')}`;
    },
  };
}
