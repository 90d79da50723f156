// One process of the run: started, killed, frozen and started again on purpose. One that ends without having been told to is
// started again too, and remembered.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type Folders, type ManagedProcess, type Program } from '../local/managed-process.ts';

const READY_MS = 90_000;
const POLL_MS = 100;
const STOP_MS = 15_000;
const RESTART_PAUSE_MS = 500;

export type Slot = {
  name: string;
  logFile: () => string;
  /** Starts it (unless it runs) with more environment, and resolves when it is ready. */
  start: (extra?: Record<string, string>) => Promise<void>;
  /** SIGKILL, without a word. */
  kill: () => Promise<void>;
  /** Asks it to stop, as a deploy does. */
  stop: () => Promise<void>;
  /** Stops it for good: nothing starts it any more. */
  retire: () => Promise<void>;
  /** SIGSTOP to it and its children, and SIGCONT after `forMs`. */
  freeze: (forMs: number) => Promise<void>;
  /** Starts it with more environment that makes it die by itself; answers whether it did, within the time. */
  startDoomed: (extra: Record<string, string>, withinMs: number) => Promise<boolean>;
  /** How often it ended without having been told to, and how. */
  strayEnds: () => readonly string[];
};

type SlotOptions = {
  program: (extra: Record<string, string>) => Program;
  ready: () => Promise<void>;
  folders: Folders;
};

export function createSlot(options: SlotOptions): Slot {
  const { program, ready, folders } = options;
  const { name } = program({});
  const life = createLife(options);
  const stop = (): Promise<void> =>
    life.end((running) => {
      thaw(running.pid);
      return running.stop(STOP_MS);
    });
  return {
    name,
    logFile: () => `${folders.logs}/${name}.log`,
    start: life.start,
    kill: () => life.end(({ pid }) => signal(pid, 'SIGKILL')),
    stop,
    retire: async () => {
      await life.retire();
      await stop();
    },
    freeze: async (forMs) => {
      const running = life.current();
      if (!running) return;
      await freezeProcess(running.pid, forMs);
      await waitUntilReady(name, ready);
    },
    startDoomed: async (extra, withinMs) =>
      Promise.race([(await life.startDoomed(extra)).ended.then(() => true), sleep(withinMs, false)]),
    strayEnds: () => life.strayEnds,
  };
}

/** Which process runs now, and whether its end is wanted: one that ends unasked is started again. */
function createLife({ program, ready, folders }: SlotOptions) {
  const strayEnds: string[] = [];
  let current: ManagedProcess | null = null;
  let starting: Promise<unknown> | null = null;
  /** Whatever is being started, doomed or not. */
  let launching: Promise<unknown> = Promise.resolve();
  let expected = false;
  let retired = false;

  async function start(extra: Record<string, string> = {}): Promise<void> {
    if (retired) return;
    expected = false;
    // Two that want it at the same time must not get two of it.
    if (!current) await (starting ??= begin(extra).finally(() => (starting = null)));
    await waitUntilReady(program({}).name, ready);
  }

  /** Resolves when it runs, with a promise of its end. */
  async function begin(extra: Record<string, string>): Promise<{ ended: Promise<void> }> {
    const launch = startProcess(program(extra), folders);
    launching = launch.catch(() => undefined);
    const launched = await launch;
    current = launched;
    return { ended: launched.ended.then((how) => onEnd(launched, how)) };
  }

  async function onEnd(ended: ManagedProcess, how: string): Promise<void> {
    if (current === ended) current = null;
    if (expected) return;
    strayEnds.push(how);
    await sleep(RESTART_PAUSE_MS);
    if (!isRunning()) await start().catch(() => undefined);
  }
  const isRunning = (): boolean => current !== null;

  return {
    strayEnds,
    start,
    current: () => current,
    retire: async (): Promise<void> => {
      retired = true;
      // What is being started just now would be stopped by nobody.
      await launching;
    },
    startDoomed: async (extra: Record<string, string>): Promise<{ ended: Promise<void> }> => {
      if (retired) return { ended: Promise.resolve() };
      expected = true;
      return begin(extra);
    },
    end: async (work: (running: ManagedProcess) => Promise<void> | void): Promise<void> => {
      const running = current;
      if (!running) return;
      expected = true;
      await work(running);
      await running.ended;
      if (current === running) current = null;
    },
  };
}

async function freezeProcess(pid: number, forMs: number): Promise<void> {
  for (const each of withChildren(pid)) signal(each, 'SIGSTOP');
  await sleep(forMs);
  thaw(pid);
}

/** What is frozen can not hear that it should stop, either. */
function thaw(pid: number): void {
  for (const each of withChildren(pid).reverse()) signal(each, 'SIGCONT');
}

async function waitUntilReady(name: string, ready: () => Promise<void>): Promise<void> {
  let last: unknown = null;
  for (const until = Date.now() + READY_MS; Date.now() < until; await sleep(POLL_MS)) {
    try {
      return await ready();
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${name} was not ready within ${READY_MS / 1_000} s`, { cause: last });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** PostgreSQL serves every connection with a child: a server that is frozen is frozen with all of them. */
function withChildren(pid: number): number[] {
  if (process.platform !== 'linux') return [pid];
  const children = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry) && parentOf(entry) === pid);
  return [pid, ...children.map(Number)];
}

function parentOf(pid: string): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the parent is the second field behind it.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null;
  }
}
