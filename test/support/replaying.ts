import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Stack } from './stack.ts';

const main = fileURLToPath(new URL('../../dist/replay/main.js', import.meta.url));

/** Runs what `npm run replay` runs, against the stack's Temporal; answers with what it ended with, and what it printed. */
export async function replay(
  { env }: Pick<Stack, 'env'>,
  args: readonly string[],
): Promise<{ code: number; said: string }> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout } = error as { code?: unknown; stdout?: string };
    if (typeof code !== 'number') throw error;
    return { code, said: stdout ?? '' };
  }
}
