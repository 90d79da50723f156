// What goes wrong, and in which order: everything that follows from the seed, and nothing else.
import { crashableCalls } from '../contracts/crash-points.ts';
import { createSeededRandom, type SeededRandom } from '../runtime/seeded-random.ts';

/** A process or a server is killed, frozen or restarted: one at a time. */
export const processKinds = [
  'kill-worker',
  'kill-api',
  'kill-postgres',
  'kill-temporal',
  'kill-simulator',
  'kill-carrier',
  'freeze-worker',
  'freeze-api',
  'freeze-postgres',
  'freeze-temporal',
  'freeze-simulator',
  'freeze-carrier',
  'restart-api',
  'restart-worker-with-another-clock',
] as const;

/** Connections are cut, or carry nothing for a while. */
export const lineKinds = ['cut-database', 'cut-temporal', 'cut-provider', 'hang-database', 'hang-provider'] as const;

/** The provider misbehaves. */
export const providerKinds = [
  'provider-500',
  'provider-stored-500',
  'provider-500-after-effect',
  'provider-429',
  'provider-slow',
  'provider-drop-before-effect',
  'provider-drop-after-effect',
  'provider-half-body',
  'provider-outage',
] as const;

/** What it tells gets lost, comes twice, or late. */
export const webhookKinds = ['webhook-lost', 'webhook-repeated', 'webhook-late'] as const;

/** A process dies at a named point. */
export const crashKinds = [
  'crash-in-step',
  'crash-in-undo',
  'crash-in-parking',
  'crash-after-sale',
  'crash-in-review',
  'crash-in-api',
  'crash-in-reconciling',
  'crash-in-telling',
] as const;

/** Holders of cards dispute payments, of ended orders and of open ones, and their banks decide. */
export const disputeKinds = [
  'dispute-won',
  'dispute-lost',
  'dispute-lost-in-part',
  'dispute-left-open',
  'dispute-of-open-order',
  'inquiry-closed',
  'inquiry-turned-dispute',
] as const;
export type DisputeKind = (typeof disputeKinds)[number];

/** Somebody ends workflows in Temporal that an order still needs. */
export const workflowKinds = ['terminate-workflows'] as const;

export const faultKinds = [
  ...processKinds,
  ...lineKinds,
  ...crashKinds,
  ...disputeKinds,
  ...workflowKinds,
  ...providerKinds,
  ...webhookKinds,
] as const;
export type FaultKind = (typeof faultKinds)[number];
/** What finds nothing to strike where every order ends with its sale. */
export const shopKinds: readonly FaultKind[] = [
  'kill-carrier',
  'freeze-carrier',
  'crash-after-sale',
  'crash-in-review',
];
export type ProviderOperation = 'create' | 'confirm' | 'retrieve' | 'cancel' | 'refund' | 'webhook' | 'any';

export type Fault = {
  kind: FaultKind;
  /** Pause before it, once the one before it in its lane is over. */
  gapMs: number;
  /** How long it lasts, where it lasts. */
  lastsMs: number;
  /** Provider faults: what is struck, and how often. Disputes and terminated workflows: how many. */
  operation: ProviderOperation;
  times: number;
  /** Crash faults: the setting CRASH_POINTS. */
  points: string;
  /** The clock of a restarted worker, hours ahead of (or behind) everybody else's. */
  clockHours: number;
};

/** What came of a fault. `hit` is false when it found nothing to strike. `ended`: orders whose workflow it has ended. */
export type Outcome = { detail: string; hit: boolean; ended?: readonly string[] };

/** `again` deals a kind out of turn. Faults of one lane strike one after the other; lanes run beside each other. */
export type Lane = { name: string; kinds: readonly FaultKind[]; next: () => Fault; again: (kind: FaultKind) => Fault };

/**
 * The lanes of a seed. Each deals its kinds in rounds, all of them (shuffled anew) before one comes again. `only` leaves
 * the other kinds out; a lane without kinds is left out.
 */
export function createSchedule({ seed, only }: { seed: number; only: readonly FaultKind[] | null }): Lane[] {
  const lanes = [
    { name: 'processes', kinds: processKinds, gap: [2_000, 6_000] },
    { name: 'lines', kinds: lineKinds, gap: [9_000, 24_000] },
    { name: 'crashes', kinds: crashKinds, gap: [4_000, 9_000] },
    { name: 'disputes', kinds: disputeKinds, gap: [1_000, 4_000] },
    // Each costs its order the time until the books are compared again: so few that orders get on.
    { name: 'workflows', kinds: workflowKinds, gap: [30_000, 60_000] },
    { name: 'provider', kinds: providerKinds, gap: [3_000, 8_000] },
    { name: 'webhooks', kinds: webhookKinds, gap: [20_000, 50_000] },
  ] as const;
  return lanes.flatMap(({ name, kinds, gap }, index) => {
    const dealt = (kinds as readonly FaultKind[]).filter((kind) => only?.includes(kind) ?? true);
    return dealt.length === 0 ? [] : [createLane(name, dealt, gap, createSeededRandom(seed * 31 + index))];
  });
}

function createLane(
  name: string,
  kinds: readonly FaultKind[],
  [leastMs, mostMs]: readonly [number, number],
  random: SeededRandom,
): Lane {
  let round: FaultKind[] = [];
  return {
    name,
    kinds,
    next: () => {
      if (round.length === 0) round = random.shuffled(kinds);
      const [kind, ...rest] = round;
      if (kind === undefined) throw new Error(`Expected lane ${name} to have kinds; found none`);
      round = rest;
      return faultOf(kind, random.between(leastMs, mostMs), random);
    },
    again: (kind) => faultOf(kind, random.between(leastMs, mostMs), random),
  };
}

// Longer than an activity's timeouts at the least, so that others take over before a frozen process goes on.
const FREEZE_MS = [15_000, 40_000] as const;
const HANG_MS = [3_000, 9_000] as const;
// Around the outage limit that orders of a run have (see stack.ts): some orders park, some do not.
const OUTAGE_MS = [12_000, 30_000] as const;

function faultOf(kind: FaultKind, gapMs: number, random: SeededRandom): Fault {
  // Everything is drawn for every fault, so that a new kind does not change what the others are dealt.
  const freezeMs = random.between(...FREEZE_MS);
  const hangMs = random.between(...HANG_MS);
  const outageMs = random.between(...OUTAGE_MS);
  const operation = random.pick(operationsOf(kind));
  const times = random.between(1, 6);
  const points = crashSetting(kind, random);
  const clockHours = random.pick([-30, -7, 5, 30]);
  const lastsMs = kind.startsWith('freeze') ? freezeMs : isShort(kind) ? hangMs : outageMs;
  return { kind, gapMs, lastsMs, operation, times, points, clockHours };
}

/** The pause before a bank decides, too: some decide before we have looked, some after a person has. */
const isShort = (kind: FaultKind): boolean =>
  kind.startsWith('hang') || (disputeKinds as readonly string[]).includes(kind);

function operationsOf(kind: FaultKind): readonly ProviderOperation[] {
  // The provider stores failures of what may be done once, never of questions.
  if (kind === 'provider-stored-500') return ['create', 'confirm'];
  if (kind.startsWith('webhook')) return ['webhook'];
  if (kind === 'provider-outage') return ['any', 'create', 'confirm', 'cancel'];
  return ['create', 'confirm', 'confirm', 'retrieve', 'cancel'];
}

const undoCalls = [
  'payments.fence',
  'provider.cancel',
  'provider.refund',
  'provider.listRefunds',
  'provider.listDisputes',
  'payments.recordVoid',
  'payments.recordRefund',
  'payments.recordDecline',
  'inventory.release',
  'orders.close',
];
const parkingCalls = ['orders.park', 'orders.resume', 'orders.clearParked'];
const rareCalls = [
  ...parkingCalls,
  'payments.raiseRevision',
  'payments.recordDispute',
  'payments.acknowledge',
  'provider.find',
];

/** The points of a crash fault; several, so that one that few orders come to does not keep the lane waiting. */
function crashSetting(kind: FaultKind, random: SeededRandom): string {
  const points = pointsOf(kind);
  const isCommon = kind === 'crash-in-step' || kind === 'crash-in-api';
  const chosen = random.shuffled(points).slice(0, isCommon ? 3 : points.length / 2);
  return chosen.map((point) => `${point}@${random.between(1, isCommon ? 3 : 1)}`).join(',');
}

function pointsOf(kind: FaultKind): string[] {
  const { worker } = crashableCalls;
  const { api, packing, serving, shipping, backordering, returning, amending, saving, reviewing, capturing } =
    crashableCalls;
  if (kind === 'crash-in-api') return [api, packing, serving].flatMap(namedPoints);
  if (kind === 'crash-after-sale')
    return [shipping, backordering, returning, amending, saving, capturing].flatMap(namedPoints);
  if (kind === 'crash-in-review') return namedPoints(reviewing);
  if (kind === 'crash-in-telling') return namedPoints(crashableCalls.telling);
  if (kind === 'crash-in-reconciling') return namedPoints(crashableCalls.reconciling);
  return namedPoints({
    transactions: worker.transactions.filter((call) => belongs(call, kind)),
    others: worker.others.filter((call) => belongs(call, kind)),
  });
}

function belongs(call: string, kind: FaultKind): boolean {
  if (kind === 'crash-in-undo') return undoCalls.includes(call);
  if (kind === 'crash-in-parking') return rareCalls.includes(call);
  return !undoCalls.includes(call) && !rareCalls.includes(call);
}

/** The names of the points of the calls, as CRASH_POINTS wants them. */
export const namedPoints = (calls: { transactions: readonly string[]; others: readonly string[] }): string[] => [
  ...calls.transactions.flatMap((call) => [`before ${call}`, `inside ${call}`, `after ${call}`]),
  ...calls.others.flatMap((call) => [`before ${call}`, `after ${call}`]),
];
