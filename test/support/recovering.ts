// The command that recovers a restored database, as an operator runs it.
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stack } from './stack.ts';

const main = fileURLToPath(new URL('../../dist/recovery/main.js', import.meta.url));

/** Starts it, for a test that does not let it come to its end. */
export const startRecover = (stack: Pick<Stack, 'env'>): ChildProcess =>
  spawn(process.execPath, [main], { env: stack.env, stdio: 'ignore' });

export type Recovered = { code: unknown; said: string };

/** Runs it against the stack; answers with what it said and its exit code. */
export const runRecover = (stack: Pick<Stack, 'env'>, args: readonly string[] = []): Promise<Recovered> =>
  new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--enable-source-maps', main, ...args],
      { env: stack.env, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
    );
  });
