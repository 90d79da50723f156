#!/usr/bin/env node
// The command `orders`, as a process: what docs/cli.md describes. Everything else is in program.ts, and can be run without a process.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../runtime/config.ts';
import { loadCliConfig, type CliConfig } from '../runtime/cli-settings.ts';
import { askPerson } from './ask-person.ts';
import { Exit } from './exit-codes.ts';
import { Interrupted, type Io } from './io.ts';
import { runCli } from './program.ts';

const home = fileURLToPath(new URL('../..', import.meta.url));
const stop = new AbortController();

// The first one lets the command say what it knows; the second one ends it at once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(Exit.interrupted);
    stop.abort(new Interrupted('Interrupted'));
  });
// Whoever reads has had enough (`orders list | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? Exit.ok : Exit.failed),
);

process.exitCode = await main();

async function main(): Promise<number> {
  let settings: CliConfig;
  try {
    settings = loadCliConfig();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`orders: ${error.message}\n`);
    return Exit.usage;
  }
  return runCli(process.argv.slice(2), ioOf(settings));
}

function ioOf(settings: CliConfig): Io {
  return {
    settings,
    out: (line) => void process.stdout.write(line),
    say: (line) => void process.stderr.write(`${line}\n`),
    isTerminal: process.stdout.isTTY,
    canAsk: process.stdin.isTTY && process.stderr.isTTY,
    readInput: () => text(process.stdin),
    askPerson: (question, options) => askPerson(question, { ...options, signal: stop.signal }),
    signal: stop.signal,
    home,
    now: () => Date.now(),
    freeBytes: async (path) => {
      const { bavail, bsize } = await statfs(path);
      return bavail * bsize;
    },
    runMain,
  };
}

/** The terminal sends Ctrl-C to both; what else ends us is handed on, and its end is waited for. */
function runMain(file: string, args: readonly string[]): Promise<number> {
  const main = join(home, file);
  if (!existsSync(main)) return Promise.resolve(-1);
  const child = spawn(process.execPath, ['--enable-source-maps', main, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(code ?? (signal ? Exit.interrupted : Exit.failed)));
  });
}
