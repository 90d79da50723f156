// Named points at which a process kills itself with SIGKILL, as a power cut would: no clean-up, no answer. Ports are wrapped
// where they are wired, so that the code that does the work knows nothing of it. Off unless CRASH_POINTS says otherwise.
import { AsyncLocalStorage } from 'node:async_hooks';
import { writeSync } from 'node:fs';
import { ConfigurationError } from './config.ts';
import { createSeededRandom } from './seeded-random.ts';

/** When a point kills: the `nth` time it is reached, or each time with a probability. */
type Trigger = { nth: number } | { probability: number };

export type CrashPoints = {
  /** The port with points `before <role>.<call>` and `after <role>.<call>`; the port itself when none are on. */
  around: <T extends object>(role: string, port: T) => T;
  /** To be called inside a transaction, before its commit: the point `inside <role>.<call>` of the call under way. */
  beforeCommit: (() => void) | null;
};

export type CrashPointSettings = {
  /** `after provider.confirm@2, before orders.close=0.01`: at the second time, and once in a hundred. */
  setting: string | undefined;
  seed: number;
  /** Everything that this process listens on or speaks to: host, host:port or URL, by the setting's name. */
  addresses: Readonly<Record<string, string>>;
  providerKey?: string;
};

const STDERR = 2;

/** Throws ConfigurationError when points are on and anything is off loopback, a live key is near, or the setting is wrong. */
export function createCrashPoints({ setting, seed, addresses, providerKey = '' }: CrashPointSettings): CrashPoints {
  if (setting === undefined) return { around: (_role, port) => port, beforeCommit: null };
  const problems = [
    ...Object.entries(addresses)
      .filter(([, address]) => !isLoopback(address))
      .map(([name]) => `CRASH_POINTS: only where everything is on loopback; ${name} is not`),
    ...(providerKey.includes('_live_') ? ['CRASH_POINTS: never beside a live provider key'] : []),
  ];
  if (problems.length > 0) throw new ConfigurationError(problems);

  const triggers = parseCrashPoints(setting);
  const random = createSeededRandom(seed);
  const times = new Map<string, number>();
  const underWay = new AsyncLocalStorage<string>();

  function reached(point: string): void {
    const trigger = triggers.get(point);
    if (!trigger) return;
    const time = (times.get(point) ?? 0) + 1;
    times.set(point, time);
    if ('nth' in trigger ? time !== trigger.nth : !random.chance(trigger.probability)) return;
    // Written at once, past every buffer: it is the last thing that this process says.
    writeSync(STDERR, `crash point: ${point}\n`);
    process.kill(process.pid, 'SIGKILL');
  }

  const guarded =
    (name: string, call: (...request: unknown[]) => Promise<unknown>) =>
    async (...request: unknown[]): Promise<unknown> => {
      reached(`before ${name}`);
      const result = await underWay.run(name, () => call(...request));
      reached(`after ${name}`);
      return result;
    };

  return {
    around: <T extends object>(role: string, port: T): T =>
      Object.fromEntries(
        Object.entries(port as Record<string, (...request: unknown[]) => Promise<unknown>>).map(([name, call]) => [
          name,
          guarded(`${role}.${name}`, call),
        ]),
      ) as T,
    beforeCommit: () => reached(`inside ${underWay.getStore() ?? 'nothing'}`),
  };
}

const GRAMMAR = /^((?:before|inside|after) \w+\.\w+)(?:@([1-9]\d*)|=(0?\.\d+|1))$/;

function parseCrashPoints(setting: string): Map<string, Trigger> {
  const entries = setting.split(',').map((text): [string, Trigger] => {
    const [, point, nth, probability] = GRAMMAR.exec(text.trim()) ?? [];
    if (point === undefined)
      throw new ConfigurationError([`CRASH_POINTS: expected "after role.call@nth" or "…=probability"; found ${text}`]);
    return [point, nth === undefined ? { probability: Number(probability) } : { nth: Number(nth) }];
  });
  return new Map(entries);
}

/** Whether the address can only be on this machine. What can not be read counts as elsewhere. */
function isLoopback(address: string): boolean {
  const text = address.includes('://') ? address : `tcp://${address.includes('::') ? `[${address}]` : address}`;
  if (!URL.canParse(text)) return false;
  const { hostname, searchParams } = new URL(text);
  // PostgreSQL's driver lets a parameter name another host than the one that stands in its place.
  if (searchParams.has('host') || searchParams.has('hostaddr')) return false;
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
