// The state's log on disk. What must stay true: an answer is given only after its effect is on disk, so that the simulator
// can be killed at any moment and still be believed as a witness.
import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './state.ts';

export type Log = {
  /** Resolves when the entry is on disk. Entries that come together share one fsync. */
  append: (entry: Entry) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens (or makes) the log of a directory and hands over what it holds. A torn last line, from a kill, is cut off. */
export async function openLog(directory: string): Promise<{ entries: Entry[]; log: Log }> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'payments.jsonl');
  const entries = await readEntries(path);
  const file = await open(path, 'a');
  let waiting: { line: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let flushing: Promise<void> | null = null;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await file.appendFile(batch.map(({ line }) => line).join(''));
        await file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    flushing = null;
  }

  return {
    entries,
    log: {
      append: (entry) =>
        new Promise((resolve, reject) => {
          waiting.push({ line: `${JSON.stringify(entry)}\n`, resolve, reject });
          flushing ??= flush();
        }),
      close: async () => {
        await flushing;
        await file.close();
      },
    },
  };
}

async function readEntries(path: string): Promise<Entry[]> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  });
  // Only what ends with a newline was answered for; the rest is the line that a kill cut short.
  const whole = bytes.lastIndexOf(0x0a) + 1;
  if (whole < bytes.length) await truncate(path, whole);
  const lines = bytes
    .subarray(0, whole)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Entry);
}
