// The state's log on disk. What must stay true: an answer is given only after its effect is on disk, so that the simulator
// can be killed at any moment and still be believed as a witness.
import { createReadStream } from 'node:fs';
import { mkdir, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { entryOf, lineOf } from './entry-lines.ts';
import type { Entry } from './state.ts';

export type Log = {
  /** Resolves when the entry is on disk. Entries that come together share one fsync. */
  append: (entry: Entry) => Promise<void>;
  /** Resolves when everything that was appended so far is on disk. */
  settled: () => Promise<void>;
  close: () => Promise<void>;
};

type Waiting = { line: string; resolve: () => void; reject: (error: unknown) => void };

/** Opens (or makes) the log of a directory and hands over what it holds. A torn last line, from a kill, is cut off. */
export async function openLog(directory: string, take: (entry: Entry) => void): Promise<Log> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'payments.jsonl');
  const file = await open(path, 'a');
  await readEntries(path, take).catch(async (error: unknown) => {
    await file.close();
    throw error;
  });
  let waiting: Waiting[] = [];
  let flushing: Promise<void> | null = null;
  let broken: { cause: unknown } | null = null;

  async function flush(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        // After a failed write nobody knows what the file ends with: nothing is written, or answered, any more.
        if (broken) throw new Error('The log could not be written; restart the simulator', broken);
        await file.appendFile(batch.map(({ line }) => line).join(''));
        await file.datasync();
        for (const { resolve } of batch) resolve();
      } catch (error) {
        broken ??= { cause: error };
        for (const { reject } of batch) reject(error);
      }
    }
    flushing = null;
  }

  const write = (line: string): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ line, resolve, reject });
      flushing ??= flush();
    });
  const close = async (): Promise<void> => {
    await flushing;
    await file.close();
  };
  return { append: (entry) => write(lineOf(entry)), settled: () => write(''), close };
}

/** Line by line: the log of a long life is larger than a string may be. */
async function readEntries(path: string, take: (entry: Entry) => void): Promise<void> {
  let rest = Buffer.alloc(0);
  let whole = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let begin = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, begin)) {
      take(entryOf(bytes.toString('utf8', begin, end)));
      begin = end + 1;
    }
    whole += begin;
    rest = bytes.subarray(begin);
  }
  // Only what ends with a newline was answered for; the rest is the line that a kill cut short.
  if (rest.length > 0) await truncate(path, whole);
}
