// `npm start`: the whole product on one machine, until Ctrl-C.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openControlServer, type ControlServer } from '../chaos/control.ts';
import { createPartControl, type OpenControl } from './chaos.ts';
import { createDisplay } from './display.ts';
import { greeting } from './greeting.ts';
import type { Part } from './keeper.ts';
import { endLeftovers } from './managed-process.ts';
import { identify, isAlive, type ProcessIdentity } from './process-identity.ts';
import { startStack, type Stack } from './stack.ts';

// Seven parts, stopped in three rounds, must be gone within 15 s.
const STOP_MS = 4_500;
const PARENT_POLL_MS = 500;
// The api first (nothing new comes in), then the worker, then what both stand on.
const stopRounds = [['api'], ['worker'], ['simulator', 'carrier', 'temporal', 'postgres']];

const directory = fileURLToPath(new URL('../../.local', import.meta.url));
const folders = { logs: join(directory, 'logs'), run: join(directory, 'run') };
const lockFile = join(directory, 'npm-start.json');
const display = createDisplay({ out: process.stdout, colours: process.stdout.isTTY && !process.env['NO_COLOR'] });
const parts: Part[] = [];
const processes = createPartControl(parts);
let control: ControlServer | null = null;
let stopping: Promise<void> | null = null;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));
endWithParent(process.ppid);
await main();

async function main(): Promise<void> {
  display.heading('durable-orders');
  if (!(await takeLock())) return void (process.exitCode = 1);
  try {
    const left = await endLeftovers(folders.run, STOP_MS);
    if (left.length > 0) display.note(`ended what the last start left running: ${left.join(', ')}`);
    const stack = await startStack({
      directory,
      folders,
      display,
      env: process.env,
      parts,
      events: { onRestart, onGiveUp, onAway, isExcused: processes.isExcused },
      openControl,
    });
    await writeLock(stack);
    process.stdout.write(greeting({ ...stack, logs: folders.logs }));
  } catch (error) {
    if (stopping) return;
    const why = error instanceof Error ? error.message : String(error);
    display.problem(
      `${why}\n\nMend what it says, then run npm start again; what was there is kept. Logs: ${folders.logs}`,
    );
    await stop(1);
  }
}

/** In this process, which outlives what it kills. */
async function openControl(servers: Parameters<OpenControl>[0]): Promise<ControlServer> {
  control = await openControlServer({ ...servers, processes });
  return control;
}

/** Whoever started us (npm, a shell) may be ended without a word to us; the stack must not outlive it unseen. */
function endWithParent(parent: number): void {
  setInterval(() => {
    if (process.ppid !== parent) void stop(0);
  }, PARENT_POLL_MS).unref();
}

function onRestart(name: string, why: string): void {
  display.note(`${name} ended (${why}); it is started again`);
}

function onAway(name: string): void {
  display.note(`${name} was put away; it is started again when that is asked for`);
}

function onGiveUp(name: string, message: string): void {
  display.problem(`${message}\nMend what it says, then run npm start again; nothing is lost. (${name} was given up.)`);
  void stop(1);
}

/** Stops what runs, in order and once, and ends this process. */
function stop(exitCode: number): Promise<void> {
  stopping ??= (async () => {
    if (exitCode === 0) display.note('stopping');
    await control?.close();
    for (const names of stopRounds) {
      await Promise.all(parts.filter(({ name }) => names.includes(name)).map((part) => part.stop(STOP_MS)));
    }
    await rm(lockFile, { force: true });
    if (exitCode === 0) display.note('stopped; everything is kept for the next start');
    process.exit(exitCode);
  })();
  return stopping;
}

/** One start per folder: two would fight for the same data. */
async function takeLock(): Promise<boolean> {
  await mkdir(directory, { recursive: true });
  const other = await readLock();
  if (other && isAlive(other)) {
    display.problem(
      `npm start runs already here (process ${other.pid}${other.stack ? `, API ${other.stack.apiUrl}` : ''}). Stop that one first.`,
    );
    return false;
  }
  await writeLock(null);
  return true;
}

/** Null without one; one that a kill cut short says nothing, and its process is gone. */
async function readLock(): Promise<(ProcessIdentity & { stack?: Stack }) | null> {
  try {
    return JSON.parse(await readFile(lockFile, 'utf8')) as ProcessIdentity & { stack?: Stack };
  } catch {
    return null;
  }
}

async function writeLock(stack: Stack | null): Promise<void> {
  await writeFile(lockFile, JSON.stringify({ ...identify(process.pid), ...(stack ? { stack } : {}) }));
}
