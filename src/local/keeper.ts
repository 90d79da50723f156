// Keeps a part running: a part that dies is started again, until that stops making sense. Whoever breaks things on purpose (the chaos page)
// does it through here, so that what was ordered is not taken for an illness.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type Folders, type ManagedProcess, type Program } from './managed-process.ts';

const FIRST_PAUSE_MS = 500;
const MAX_PAUSE_MS = 5_000;
// A part that dies this often within the window will not get better by itself.
const MAX_DEATHS = 5;
const WINDOW_MS = 60_000;
const LOG_TAIL = 12;

export type Part = {
  name: string;
  current: () => ManagedProcess;
  /** Null while none runs. */
  pid: () => number | null;
  /** Whether it was put away, and stays so until it is brought back. */
  isAway: () => boolean;
  /** Throws while it is not ready for work. */
  ask: () => Promise<void>;
  /** SIGKILL; answers whom it struck, null when nothing ran. It is started again as after any death. */
  kill: () => number | null;
  /** Stops it; it stays away until `bringBack`. */
  putAway: (withinMs: number) => void;
  bringBack: () => void;
  stop: (withinMs: number) => Promise<void>;
};

export type KeeperEvents = {
  onRestart: (name: string, why: string) => void;
  /** It was put away, and is started again when that is asked for. */
  onAway?: (name: string) => void;
  /** The part is given up; `message` says why, and what it said last. */
  onGiveUp: (name: string, message: string) => void;
  /** Deaths that somebody wanted, or that follow from one, say nothing about whether a part will get better. */
  isExcused?: () => boolean;
};

export async function keepRunning(
  program: Program,
  folders: Folders,
  { ask, ...events }: KeeperEvents & { ask: () => Promise<void> },
): Promise<Part> {
  let current = await startProcess(program, folders);
  let runs = true;
  let stopping = false;
  const away = createGate();
  const outlives = createPatience(program.name, events);

  async function watch(): Promise<void> {
    while (!isStopping()) {
      const why = await current.ended;
      runs = false;
      if (isStopping() || !(await mayStartAgain(why)) || isStopping()) return;
      current = await startProcess(program, folders);
      runs = true;
    }
  }
  /** Waits as long as it makes sense; false: it makes none any more. */
  async function mayStartAgain(why: string): Promise<boolean> {
    if (away.isShut()) {
      events.onAway?.(program.name);
      return away.opened().then(() => true);
    }
    return outlives(why, current.logFile);
  }
  const isStopping = (): boolean => stopping;
  const pid = (): number | null => (runs ? current.pid : null);
  const watching = watch();
  return {
    name: program.name,
    current: () => current,
    pid,
    isAway: away.isShut,
    ask,
    kill: () => {
      const struck = pid();
      if (struck !== null) current.kill();
      return struck;
    },
    putAway: (withinMs) => {
      if (away.isShut()) return;
      away.shut();
      if (runs) void current.stop(withinMs);
    },
    bringBack: away.open,
    stop: async (withinMs) => {
      stopping = true;
      away.open();
      await current.stop(withinMs);
      await watching;
    },
  };
}

/** After a death: waits, or gives the part up. Answers whether it is to be started again. */
function createPatience(name: string, { onRestart, onGiveUp, isExcused = () => false }: KeeperEvents) {
  let deaths: number[] = [];
  return async (why: string, logFile: string): Promise<boolean> => {
    const now = Date.now();
    deaths = [...deaths.filter((at) => now - at < WINDOW_MS), ...(isExcused() ? [] : [now])];
    if (deaths.length >= MAX_DEATHS) {
      const told = `${name} ended ${deaths.length} times within a minute (${why}).`;
      onGiveUp(name, `${told}\n${await readTail(logFile)}`);
      return false;
    }
    onRestart(name, why);
    await sleep(Math.min(FIRST_PAUSE_MS * 2 ** Math.max(deaths.length - 1, 0), MAX_PAUSE_MS));
    return true;
  };
}

function createGate() {
  let wait: { promise: Promise<void>; resolve: () => void } | null = null;
  return {
    isShut: (): boolean => wait !== null,
    shut: (): void => {
      let resolve: () => void = () => undefined;
      const promise = new Promise<void>((done) => (resolve = done));
      wait ??= { promise, resolve };
    },
    open: (): void => {
      wait?.resolve();
      wait = null;
    },
    opened: (): Promise<void> => wait?.promise ?? Promise.resolve(),
  };
}

/** The last lines of a log, for a message to a person. */
export async function readTail(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_TAIL);
  return [`The last lines of ${logFile}:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)].join('\n');
}
