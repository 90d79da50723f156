// One child process: in a group of its own (the terminal's Ctrl-C reaches only us, who know the order), with its output in
// a file, and with a note on disk so that a later start can end what a killed one left behind.
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';

export type Program = {
  name: string;
  command: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Whose rights it runs with, where that is not ours. */
  user?: { uid: number; gid: number };
  /** What asks it to stop (SIGTERM unless it wants another). */
  stopSignal?: NodeJS.Signals;
};

export type Folders = { logs: string; run: string };

export type ManagedProcess = {
  pid: number;
  logFile: string;
  /** Resolves when it is gone, with what it ended with. */
  ended: Promise<string>;
  /** Ends it without a word, as a power cut would. */
  kill: () => void;
  /** Asks it to stop, and insists after `withinMs`. */
  stop: (withinMs: number) => Promise<void>;
};

const POLL_MS = 50;

export async function startProcess(program: Program, folders: Folders): Promise<ManagedProcess> {
  await mkdir(folders.logs, { recursive: true });
  await mkdir(folders.run, { recursive: true });
  const logFile = join(folders.logs, `${program.name}.log`);
  const output = openSync(logFile, 'a');
  const child = spawn(program.command, program.args, {
    detached: true,
    stdio: ['ignore', output, output],
    ...(program.env ? { env: program.env } : {}),
    ...(program.cwd ? { cwd: program.cwd } : {}),
    ...(program.user ?? {}),
  });
  closeSync(output);
  const ended = endOf(child);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${program.name} could not be started: ${await ended}`);
  const note = join(folders.run, `${program.name}.json`);
  const identity = identify(pid);
  const signal = program.stopSignal ?? 'SIGTERM';
  if (identity) await writeFile(note, JSON.stringify({ ...identity, signal }));
  return {
    pid,
    logFile,
    ended,
    kill: () => send(pid, 'SIGKILL'),
    stop: async (withinMs) => {
      if (identity) await endProcess(identity, { signal, withinMs });
      await rm(note, { force: true });
    },
  };
}

/** Ends whatever an earlier start left running, by its notes; answers with the names of what was ended. */
export async function endLeftovers(run: string, withinMs: number): Promise<string[]> {
  const names = (await readdir(run).catch(() => [])).filter((name) => name.endsWith('.json'));
  const ended = await Promise.all(
    names.map(async (name) => {
      const note = parseNote(await readFile(join(run, name), 'utf8'));
      const alive = note !== null && isAlive(note);
      if (alive) await endProcess(note, { signal: note.signal, withinMs });
      await rm(join(run, name), { force: true });
      return alive ? [name.slice(0, -'.json'.length)] : [];
    }),
  );
  return ended.flat();
}

async function endProcess(
  identity: ProcessIdentity,
  { signal, withinMs }: { signal: NodeJS.Signals; withinMs: number },
): Promise<void> {
  if (!isAlive(identity)) return;
  send(identity.pid, signal);
  for (const until = Date.now() + withinMs; Date.now() < until; await sleep(POLL_MS)) if (!isAlive(identity)) return;
  // The whole group: what it started itself must not outlive it either.
  send(-identity.pid, 'SIGKILL');
  while (isAlive(identity)) await sleep(POLL_MS);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`));
  });

function parseNote(text: string): (ProcessIdentity & { signal: NodeJS.Signals }) | null {
  try {
    return JSON.parse(text) as ProcessIdentity & { signal: NodeJS.Signals };
  } catch {
    // Cut short by a kill while it was written: the process behind it had not been ready for anything yet.
    return null;
  }
}
