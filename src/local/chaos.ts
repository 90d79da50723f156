// What may be done to the parts of the stack on purpose, and what of it excuses a death.
import type { Part } from './keeper.ts';

export type PartState = { name: string; pid: number | null; state: 'running' | 'starting' | 'stopped' };
/** What the control server does to processes; `null` where there is none of this name, or it is not to be struck. */
export type PartControl = {
  list: () => Promise<PartState[]>;
  kill: (name: string) => PartState | null;
  stop: (name: string) => PartState | null;
  start: (name: string) => PartState | null;
};
export type Control = { url: string; token: string };
/** Opens the control server; it knows the processes by itself. */
export type OpenControl = (servers: {
  port: number;
  databaseUrl: string;
  apiUrl: string;
  simulatorUrl: string;
}) => Promise<Control>;

/** PostgreSQL is not among them: what a killed one leaves running keeps the next from its data for a while. */
const mayBeKilled = ['api', 'worker', 'simulator', 'temporal'];
const mayBeStopped = ['temporal'];
// What depends on a part that was struck may die of it, until long after it is back.
const EXCUSED_MS = 60_000;
const STOP_MS = 3_000;
const ASK_MS = 700;

/** `parts` grows as parts start. */
export function createPartControl(parts: readonly Part[]): PartControl & { isExcused: () => boolean } {
  let struckAt = -Infinity;
  // The process of each part that was seen ready for work: once it was, it runs.
  const ready = new Map<string, number>();

  async function look(part: Part): Promise<PartState> {
    const pid = part.pid();
    if (pid !== null && ready.get(part.name) !== pid && (await isReady(part)) && part.pid() === pid)
      ready.set(part.name, pid);
    return stateOf(part);
  }
  function stateOf(part: Part): PartState {
    const pid = part.pid();
    if (part.isAway()) return { name: part.name, pid, state: 'stopped' };
    return { name: part.name, pid, state: pid !== null && ready.get(part.name) === pid ? 'running' : 'starting' };
  }
  function strike(names: readonly string[], name: string, deed: (part: Part) => void): PartState | null {
    const part = names.includes(name) ? parts.find((one) => one.name === name) : undefined;
    if (!part) return null;
    struckAt = Date.now();
    const pid = part.pid();
    deed(part);
    return { ...stateOf(part), pid };
  }
  return {
    list: () => Promise.all(parts.map(look)),
    kill: (name) => strike(mayBeKilled, name, (part) => part.kill()),
    stop: (name) => strike(mayBeStopped, name, (part) => part.putAway(STOP_MS)),
    start: (name) => strike(mayBeStopped, name, (part) => part.bringBack()),
    isExcused: () => Date.now() - struckAt < EXCUSED_MS || parts.some((part) => part.isAway()),
  };
}

/** One that hangs is not ready; nobody waits for it. */
async function isReady(part: Part): Promise<boolean> {
  const late = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ASK_MS).unref());
  const asked = part.ask().then(
    () => true,
    () => false,
  );
  return Promise.race([asked, late]);
}
