// Runs the command line as it is, in this process: the arguments, the files and HTTP are real, the terminal is a string.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Io } from '../../src/cli/io.ts';
import { runCli } from '../../src/cli/program.ts';
import { loadCliConfig } from '../../src/runtime/cli-settings.ts';

export type Ran = { code: number; out: string; said: string };

/** An empty folder of its own, for profiles and what runs here. */
export const emptyFolder = (): string => mkdtempSync(join(tmpdir(), 'durable-orders-cli-'));

// Never made: no profiles, and nothing that runs here.
const nowhere = join(tmpdir(), 'durable-orders-cli-nowhere');

/** What the process would have for its io, over strings. */
export function fakeIo(
  env: Record<string, string> = {},
  more: Partial<Io> & { input?: string } = {},
): { io: Io; ran: Omit<Ran, 'code'> } {
  const ran = { out: '', said: '' };
  const { input = '', ...over } = more;
  const io: Io = {
    settings: loadCliConfig({ XDG_CONFIG_HOME: nowhere, ...env }),
    out: (text) => void (ran.out += text),
    say: (text) => void (ran.said += `${text}\n`),
    isTerminal: false,
    canAsk: false,
    readInput: () => Promise.resolve(input),
    askPerson: () => Promise.reject(new Error('nobody is there')),
    signal: new AbortController().signal,
    home: nowhere,
    repeat: { firstPauseMs: 1, maxPauseMs: 5, retries: 2 },
    now: () => Date.now(),
    freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
    runMain: () => Promise.resolve(0),
    ...over,
  };
  return { io, ran };
}

/** Runs one command line against the api at `url`. */
export async function orders(
  url: string | null,
  args: readonly string[],
  env: Record<string, string> = {},
  more: Parameters<typeof fakeIo>[1] = {},
): Promise<Ran> {
  const { io, ran } = fakeIo({ ...(url === null ? {} : { ORDERS_API_URL: url }), ...env }, more);
  const code = await runCli(args, io);
  return { code, ...ran };
}
