// Keeps a part running: a part that dies is started again, until that stops making sense.
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
  stop: (withinMs: number) => Promise<void>;
};

export type KeeperEvents = {
  onRestart: (name: string, why: string) => void;
  /** The part is given up; `message` says why, and what it said last. */
  onGiveUp: (name: string, message: string) => void;
};

export async function keepRunning(program: Program, folders: Folders, events: KeeperEvents): Promise<Part> {
  let current = await startProcess(program, folders);
  let stopping = false;
  const deaths: number[] = [];

  async function watch(): Promise<void> {
    while (!stopping) {
      const why = await current.ended;
      if (isStopping()) return;
      deaths.push(Date.now());
      const recent = deaths.filter((at) => Date.now() - at < WINDOW_MS).length;
      if (recent >= MAX_DEATHS) {
        const tail = await readTail(current.logFile);
        return events.onGiveUp(
          program.name,
          `${program.name} ended ${recent} times within a minute (${why}).\n${tail}`,
        );
      }
      events.onRestart(program.name, why);
      await sleep(Math.min(FIRST_PAUSE_MS * 2 ** (recent - 1), MAX_PAUSE_MS));
      if (!isStopping()) current = await startProcess(program, folders);
    }
  }
  const isStopping = (): boolean => stopping;
  const watching = watch();

  return {
    name: program.name,
    current: () => current,
    stop: async (withinMs) => {
      stopping = true;
      await current.stop(withinMs);
      await watching;
    },
  };
}

/** The last lines of a log, for a message to a person. */
export async function readTail(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_TAIL);
  return [`The last lines of ${logFile}:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)].join('\n');
}
