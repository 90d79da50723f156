// How one part of the stack is run: on which port, from which file, and when it is there.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Display } from './display.ts';
import { keepRunning, readTail, type KeeperEvents, type Part } from './keeper.ts';
import type { Folders, Program } from './managed-process.ts';
import { choosePort } from './ports.ts';

const READY_MS = 60_000;
const POLL_MS = 100;
export const dist = fileURLToPath(new URL('..', import.meta.url));

export type Environment = NodeJS.ProcessEnv;
export type Context = {
  directory: string;
  folders: Folders;
  display: Display;
  env: Environment;
  parts: Part[];
  events: KeeperEvents;
};

/** One of our own processes: a file of the build. */
export const ours = (name: string, file: string, env: Environment): Program => ({
  name,
  command: process.execPath,
  args: ['--enable-source-maps', join(dist, file)],
  env,
});

/** Runs the program until the stack stops; resolves when it answers `ask`, throws with its log when it never does. */
export async function runPart(
  { parts, folders, events }: Context,
  program: Program,
  { name, ask }: { name: string; ask: () => Promise<void> },
): Promise<void> {
  const part = await keepRunning(program, folders, { ...events, ask });
  parts.push(part);
  let last: unknown = null;
  for (const until = Date.now() + READY_MS; Date.now() < until; await sleep(POLL_MS)) {
    try {
      return await ask();
    } catch (error) {
      last = error;
    }
  }
  const why = last instanceof Error ? last.message : String(last);
  throw new Error(
    `${name} was not ready within ${READY_MS / 1_000} s: ${why}\n${await readTail(part.current().logFile)}`,
  );
}

/** An empty variable is one that is not set. */
export function wantedPort(env: Environment, name: string, otherwise: number): number {
  const chosen = Number(env[name] || otherwise);
  if (Number.isInteger(chosen) && chosen >= 0 && chosen <= 65_535) return chosen;
  throw new Error(`${name}: expected a port from 0 (any) to 65535; found ${env[name] ?? ''}`);
}

/** The wanted port, or another one, which is said. */
export async function takePort({ display }: Context, wanted: number): Promise<number> {
  const chosen = await choosePort(wanted);
  if (chosen !== wanted && wanted !== 0) display.note(`port ${wanted} is taken: ${chosen} instead`);
  return chosen;
}

export async function expectOk(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
}
