// A folder of files with a row a line, each with its digest beside it (`sha256sum --check *.sha256`). What must stay true: a file has its name
// only when all of it is on the disk.
import { createHash } from 'node:crypto';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArchivedMovement } from '../ports/stock-archive.ts';

export type ArchiveFolder = {
  /** Writes these, in the order of their ids, to a file of their own; answers how many bytes that are. */
  write: (movements: readonly ArchivedMovement[]) => Promise<number>;
};

const DIGITS = 12;

/** Made when something is written. */
export function createArchiveFolder({ directory }: { directory: string }): ArchiveFolder {
  return {
    write: async (movements) => {
      const [first, last] = [movements[0], movements.at(-1)];
      if (!first || !last) throw new Error('Expected movements to write; found none');
      await mkdir(directory, { recursive: true });
      const text = movements.map((movement) => `${JSON.stringify(movement)}\n`).join('');
      const [from, to] = [first.id, last.id].map((id) => String(id).padStart(DIGITS, '0'));
      // Repeated after a crash, the same name holds the same rows.
      const name = `stock-movements-${from}-${to}-${movements.length}.ndjson`;
      await writeSafely(directory, name, text);
      const digest = createHash('sha256').update(text).digest('hex');
      await writeSafely(directory, `${name}.sha256`, `${digest}  ${name}\n`);
      return Buffer.byteLength(text);
    },
  };
}

async function writeSafely(directory: string, name: string, text: string): Promise<void> {
  const path = join(directory, name);
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  // The name as well must be there after a loss of power.
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
