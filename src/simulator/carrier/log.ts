// The state's log on disk. What must stay true: an answer is given only after its effect is on disk, so that the simulator
// can be killed at any moment and still be believed as a witness.
import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Entry } from './state.ts';

export type Log = {
  /** Resolves when the entry is on disk. */
  append: (entry: Entry) => Promise<void>;
  close: () => Promise<void>;
};

/** Opens (or makes) the log of a directory and hands over what it holds. A torn last line, from a kill, is cut off. */
export async function openLog(directory: string, take: (entry: Entry) => void): Promise<Log> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, 'parcels.jsonl');
  const file = await open(path, 'a');
  const text = await readFile(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) await truncate(path, Buffer.byteLength(whole));
  for (const line of whole.split('\n')) if (line !== '') take(JSON.parse(line) as Entry);

  // One after the other. After a failed write nobody knows what the file ends with: every later one fails with it.
  let last: Promise<void> = Promise.resolve();
  return {
    append: (entry) => {
      last = last.then(async () => {
        await file.appendFile(`${JSON.stringify(entry)}\n`);
        await file.datasync();
      });
      return last;
    },
    close: async () => {
      await last.catch(() => undefined);
      await file.close();
    },
  };
}
