// How each kind of fault is brought about, on real processes and real connections.
import { setTimeout as sleep } from 'node:timers/promises';
import { addFault, waitUntilUsedUp } from './provider-faults.ts';
import { keepComparing } from './comparing.ts';
import { disputeStrikes } from './dispute-strikes.ts';
import type {
  crashKinds,
  Fault,
  FaultKind,
  lineKinds,
  Outcome,
  processKinds,
  providerKinds,
  webhookKinds,
} from './schedule.ts';
import type { Slot } from './slot.ts';
import { clockOff, type VerifyStack } from './stack.ts';
import { terminateWorkflows } from './terminating.ts';

export type Strikes = Readonly<Record<FaultKind, (fault: Fault) => Promise<Outcome>>>;

// How long an armed process may take to come to one of its points; then the lane goes on. Parking is rare, and so is comparing.
const CRASH_WITHIN_MS = 20_000;
const RARE_CRASH_WITHIN_MS = 40_000;
// Beyond the provider timeout of a run (3 s): the answer comes when nobody listens any more.
const SLOW_MS = 4_000;
// Long enough for requests to be under way when their process is frozen.
const UNDER_WAY_MS = 700;

/** `clockHours`: how far the clocks of all workers are off. */
export function createStrikes({ stack, clockHours }: { stack: VerifyStack; clockHours: number }): Strikes {
  const power = createPower();
  return {
    ...processStrikes(stack, power, clockOff(clockHours)),
    ...lineStrikes(stack),
    ...crashStrikes(stack, power, clockOff(clockHours)),
    ...disputeStrikes(stack),
    'terminate-workflows': ({ times }) => terminateWorkflows(stack, times),
  };
}

type Extra = Record<string, string>;
type Power = ReturnType<typeof createPower>;

/** What can be done to a process. Two lanes can want the same one: they take turns. */
function createPower() {
  const turns = new Map<Slot, Promise<unknown>>();

  async function alone<T>(slot: Slot, work: () => Promise<T>): Promise<T> {
    const mine = (turns.get(slot) ?? Promise.resolve()).then(work);
    turns.set(
      slot,
      mine.catch(() => undefined),
    );
    return mine;
  }

  return {
    alone,
    kill: (slot: Slot, extra: Extra = {}): Promise<Outcome> =>
      alone(slot, async () => {
        await slot.kill();
        await slot.start(extra);
        return { detail: '', hit: true };
      }),
    freeze: (slot: Slot, forMs: number): Promise<Outcome> =>
      alone(slot, async () => {
        await slot.freeze(forMs);
        return { detail: seconds(forMs), hit: true };
      }),
    restart: (slot: Slot, extra: Extra, detail: string): Promise<Outcome> =>
      alone(slot, async () => {
        await slot.stop();
        await slot.start(extra);
        return { detail, hit: true };
      }),
    crash: (
      slot: Slot,
      points: string,
      { extra = {}, withinMs = CRASH_WITHIN_MS }: { extra?: Extra; withinMs?: number },
    ) =>
      alone(slot, async (): Promise<Outcome> => {
        await slot.kill();
        const hit = await slot.startDoomed({ ...extra, CRASH_POINTS: points }, withinMs);
        await slot.kill();
        await slot.start(extra);
        return { detail: points, hit };
      }),
  };
}

function processStrikes(
  { slots, simulatorUrl }: VerifyStack,
  { alone, kill, freeze, restart }: Power,
  clock: Extra,
): Pick<Strikes, (typeof processKinds)[number]> {
  return {
    'kill-worker': () => kill(slots.workerA, clock),
    'kill-api': () => kill(slots.api),
    'kill-postgres': () => kill(slots.postgres),
    'kill-temporal': () => kill(slots.temporal),
    'kill-simulator': () => kill(slots.simulator),
    'kill-carrier': () => kill(slots.carrier),
    // The other worker is whole meanwhile: it takes over, and the frozen one wakes up as a zombie.
    'freeze-worker': ({ lastsMs }) =>
      alone(slots.workerB, async () => {
        await addFault(simulatorUrl, { operation: 'confirm', mode: 'delay', delayMs: 2_000, times: 5 });
        await sleep(UNDER_WAY_MS);
        return freeze(slots.workerA, lastsMs);
      }),
    'freeze-api': ({ lastsMs }) => freeze(slots.api, lastsMs),
    'freeze-postgres': ({ lastsMs }) => freeze(slots.postgres, lastsMs),
    'freeze-temporal': ({ lastsMs }) => freeze(slots.temporal, lastsMs),
    'freeze-simulator': ({ lastsMs }) => freeze(slots.simulator, lastsMs),
    'freeze-carrier': ({ lastsMs }) => freeze(slots.carrier, lastsMs),
    'restart-api': () => restart(slots.api, {}, ''),
    'restart-worker-with-another-clock': ({ clockHours }) =>
      restart(slots.workerA, clockOff(clockHours), `${clockHours} h`),
  };
}

function lineStrikes({
  proxies,
  simulatorUrl,
}: VerifyStack): Pick<Strikes, (typeof lineKinds | typeof providerKinds | typeof webhookKinds)[number]> {
  const cut = (connections: number): Outcome => ({ detail: `${connections} connections`, hit: connections > 0 });
  const provider =
    (mode: string, more: object = {}) =>
    async ({ operation, times }: Fault): Promise<Outcome> => {
      const id = await addFault(simulatorUrl, { operation, mode, times, ...more });
      // The provider's journal, which survives the provider, has the last word in the report.
      const hit = id !== null && (await waitUntilUsedUp(simulatorUrl, id));
      return { detail: `${operation} × ${times}`, hit };
    };
  return {
    'cut-database': () => Promise.resolve(cut(proxies.database.cut())),
    'cut-temporal': () => Promise.resolve(cut(proxies.temporal.cut())),
    'cut-provider': () => Promise.resolve(cut(proxies.provider.cut())),
    'hang-database': ({ lastsMs }) => proxies.database.hang(lastsMs).then(cut),
    'hang-provider': ({ lastsMs }) => proxies.provider.hang(lastsMs).then(cut),
    'provider-500': provider('error_500'),
    'provider-stored-500': provider('error_500', { cached: true }),
    'provider-500-after-effect': provider('error_500_after_effect'),
    'provider-429': provider('error_429'),
    'provider-slow': provider('delay', { delayMs: SLOW_MS }),
    'provider-drop-before-effect': provider('drop_before_effect'),
    'provider-drop-after-effect': provider('drop_after_effect'),
    'provider-half-body': provider('half_body'),
    'webhook-lost': provider('drop_before_effect'),
    'webhook-repeated': provider('drop_after_effect'),
    'webhook-late': (fault) => provider('delay', { delayMs: fault.lastsMs })(fault),
    'provider-outage': async ({ operation, lastsMs }) => {
      const id = await addFault(simulatorUrl, { operation, mode: 'error_500', times: 'always' });
      const hit = id !== null && (await waitUntilUsedUp(simulatorUrl, id, lastsMs));
      return { detail: `${operation}, ${seconds(lastsMs)}`, hit };
    },
  };
}

const crashStrikes = (
  stack: VerifyStack,
  { crash }: Power,
  extra: Extra,
): Pick<Strikes, (typeof crashKinds)[number]> => ({
  'crash-in-step': ({ points }) => crash(stack.slots.workerB, points, { extra }),
  'crash-in-undo': ({ points }) => crash(stack.slots.workerB, points, { extra }),
  'crash-in-parking': ({ points }) => crash(stack.slots.workerB, points, { extra, withinMs: RARE_CRASH_WITHIN_MS }),
  'crash-after-sale': ({ points }) => crash(stack.slots.workerB, points, { extra, withinMs: RARE_CRASH_WITHIN_MS }),
  'crash-in-review': ({ points }) => crash(stack.slots.workerB, points, { extra, withinMs: RARE_CRASH_WITHIN_MS }),
  'crash-in-api': ({ points }) => crash(stack.slots.api, points, {}),
  'crash-in-telling': ({ points }) => crash(stack.slots.workerB, points, { extra }),
  'crash-in-reconciling': async ({ points }) => {
    const comparing = keepComparing(stack);
    try {
      return await crash(stack.slots.workerB, points, { extra, withinMs: RARE_CRASH_WITHIN_MS });
    } finally {
      await comparing.stop();
    }
  },
});

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;
