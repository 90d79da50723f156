// What a run has shown, for people and as JSON.
import type { ClientEntry } from './client-log.ts';
import type { Struck } from './faults.ts';
import type { JournalItem, Violation } from './invariants.ts';
import { disputeKinds, type FaultKind } from './schedule.ts';
import { worstStalls, type Stall } from './stall.ts';
import type { OrderRow, Witnesses } from './witnesses.ts';

export type Report = {
  rerun: string;
  seconds: number;
  orders: number;
  requests: { sent: number; unanswered: number; refused503: number };
  ends: Record<string, number>;
  faults: Record<string, { struck: number; missed: number }>;
  crashPoints: Record<string, number>;
  resolvedByOperator: number;
  /** What customers, and somebody at the provider's dashboard, did to payments. */
  beside: Readonly<Record<string, number>>;
  /** How often the books were compared, and what that found and did. */
  comparisons: { times: number; did: Readonly<Record<string, number>> };
  /** From the moment when everything was well again until the last order was settled. */
  drainSeconds: number;
  stalls: { longest: Stall | null; longestUnbroken: Stall | null };
  violations: Record<string, Violation[]>;
  neverStruck: FaultKind[];
};

/** What the simulator calls the mode of each kind of provider fault. */
const modes: Partial<Record<FaultKind, string>> = {
  'provider-500': 'error_500',
  'provider-stored-500': 'error_500',
  'provider-outage': 'error_500',
  'provider-500-after-effect': 'error_500_after_effect',
  'provider-429': 'error_429',
  'provider-slow': 'delay',
  'provider-drop-before-effect': 'drop_before_effect',
  'provider-drop-after-effect': 'drop_after_effect',
  'provider-half-body': 'half_body',
};

export function createReport(run: {
  rerun: string;
  seconds: number;
  drainSeconds: number;
  resolvedByOperator: number;
  beside: Readonly<Record<string, number>>;
  kinds: readonly FaultKind[];
  struck: readonly Struck[];
  crashPoints: Record<string, number>;
  witnesses: Witnesses;
  violations: Record<string, Violation[]>;
}): Report {
  const { witnesses, kinds, violations } = run;
  const struck = run.struck.map((fault) => ({
    ...fault,
    struck: fault.struck && isWitnessed(fault, witnesses.journal),
  }));
  const faults = Object.fromEntries(
    kinds.map((kind) => {
      const ofKind = struck.filter((fault) => fault.kind === kind);
      const hits = ofKind.filter((fault) => fault.struck).length;
      return [kind, { struck: hits, missed: ofKind.length - hits }];
    }),
  );
  return {
    rerun: run.rerun,
    seconds: run.seconds,
    orders: witnesses.orders.length,
    requests: countRequests(witnesses.client),
    ends: countBy(witnesses.orders.map(endOf)),
    faults,
    crashPoints: run.crashPoints,
    resolvedByOperator: run.resolvedByOperator,
    beside: run.beside,
    comparisons: { times: witnesses.comparisons.length, did: sumsOf(witnesses.comparisons.map(({ did }) => did)) },
    drainSeconds: run.drainSeconds,
    stalls: stallsOf(run.struck, witnesses),
    violations: Object.fromEntries(Object.entries(violations).filter(([, found]) => found.length > 0)),
    neverStruck: kinds.filter((kind) => faults[kind]?.struck === 0),
  };
}

export const isGood = ({ violations, neverStruck }: Report): boolean =>
  Object.keys(violations).length === 0 && neverStruck.length === 0;

// A slow answer is written down when it is given, seconds after its fault was taken up.
const JOURNAL_LAG_MS = 6_000;

/** A fault of the provider has struck when the provider's own journal says so. */
function isWitnessed({ kind, from, to }: Struck, journal: readonly JournalItem[]): boolean {
  const mode = modes[kind];
  if (mode === undefined) return true;
  const until = to + JOURNAL_LAG_MS;
  return journal.some(
    ({ fault, at }) => fault === mode && at !== undefined && isWithin(Date.parse(at), { from, to: until }),
  );
}

const isWithin = (instant: number, { from, to }: { from: number; to: number }): boolean =>
  from <= instant && instant <= to;

/** Disputes break nothing that orders stand on; an order whose workflow was ended waits for the next comparison by design. */
function stallsOf(struck: readonly Struck[], { events, terminated }: Witnesses): Report['stalls'] {
  const lost = new Set(terminated);
  const broken = struck.filter(({ kind }) => !(disputeKinds as readonly string[]).includes(kind));
  return worstStalls(
    events.filter(({ orderId }) => !lost.has(orderId)),
    broken,
  );
}

const endOf = ({ status, attention, rejectionCode }: OrderRow): string =>
  attention ? `parked at ${attention.step}` : rejectionCode === null ? status : `${status}: ${rejectionCode}`;

function countRequests(client: readonly ClientEntry[]): Report['requests'] {
  const heard = client.flatMap((entry) => entry.heard);
  return {
    sent: heard.length,
    unanswered: heard.filter((one) => 'unknown' in one).length,
    refused503: heard.filter((one) => 'status' in one && one.status === 503).length,
  };
}

export function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of [...names].sort()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sumsOf(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [name, count] of counts.flatMap(Object.entries<number>)) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

// Enough to see what kind of thing it is; the JSON has all of them.
const SHOWN = 5;

/** The report as text. */
export function describeReport(report: Report): string {
  const { faults, ends, violations, stalls, requests, neverStruck, crashPoints } = report;
  const table = (rows: readonly (readonly [string, string])[]): string[] =>
    rows.map(([name, value]) => `  ${name.padEnd(38)} ${value}`);
  const stall = (found: Stall | null): string =>
    found ? `${(found.standingMs / 1_000).toFixed(1)} s (${found.orderId}, ${found.after} → ${found.before})` : 'none';
  const total = Object.values(faults).reduce((sum, { struck }) => sum + struck, 0);
  const broken = Object.entries(violations);
  return [
    `${report.orders} orders in ${report.seconds} s; ${requests.sent} requests, ${requests.unanswered} without an answer, ${requests.refused503} refused with 503`,
    '',
    `Faults: ${total} of ${Object.values(faults).filter(({ struck }) => struck > 0).length} kinds`,
    ...table(
      Object.entries(faults).map(([kind, { struck, missed }]) => [
        kind,
        `${struck}${missed > 0 ? ` (and ${missed} that did not strike)` : ''}`,
      ]),
    ),
    `Crash points that killed: ${Object.keys(crashPoints).length}`,
    ...table(Object.entries(crashPoints).map(([point, times]) => [point, String(times)])),
    'Orders by end',
    ...table(Object.entries(ends).map(([end, count]) => [end, String(count)])),
    'Payments, by others',
    ...table(Object.entries(report.beside).map(([what, count]) => [what, String(count)])),
    `The books were compared ${report.comparisons.times} times`,
    ...table(Object.entries(report.comparisons.did).map(([what, count]) => [what, String(count)])),
    '',
    `Resolved by the operator: ${report.resolvedByOperator}`,
    `From all well to the last order settled: ${report.drainSeconds} s`,
    `Longest pause of an order: ${stall(stalls.longest)}`,
    `The same without the time in which something was broken: ${((stalls.longestUnbroken?.unbrokenMs ?? 0) / 1_000).toFixed(1)} s (${stalls.longestUnbroken?.orderId ?? 'none'})`,
    '',
    ...(neverStruck.length > 0 ? [`NEVER STRUCK: ${neverStruck.join(', ')}`] : []),
    broken.length === 0 ? 'No violations.' : 'VIOLATIONS',
    ...broken.flatMap(([rule, found]) => [
      `  ${rule}: ${found.length}`,
      ...found.slice(0, SHOWN).map((violation) => `    ${JSON.stringify(violation).slice(0, 400)}`),
    ]),
    '',
    `Again: ${report.rerun}`,
    '',
  ].join('\n');
}
