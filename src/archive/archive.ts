// What of closed orders nobody asks the database for, into files. What must stay true: what is taken out stands in a file on the disk before it
// goes, a run that dies is repeated without loss, and no order waits for it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { StockArchive } from '../ports/stock-archive.ts';
import type { ArchiveFolder } from './folder.ts';

/** Movements of one step: some milliseconds of the database. */
const LIMIT = 5_000;
/** Orders have the disk in between. */
const PAUSE_MS = 20;
const ADD_UP_MS = 2_000;

export type Archiving = { olderThanMs: number; apply: boolean; limit?: number; pauseMs?: number };
export type Archived = { found: number; removed: number; bytes: number; files: number };

/** Without `apply` nothing is changed: it is found out what would go. `say` is told how far it is. */
export async function archive(
  { stock, folder, say }: { stock: StockArchive; folder: ArchiveFolder; say: (text: string) => void },
  { olderThanMs, apply, limit = LIMIT, pauseMs = PAUSE_MS }: Archiving,
): Promise<Archived> {
  const done: Archived = { found: 0, removed: 0, bytes: 0, files: 0 };
  if (apply) {
    const through = await stock.lastMovement();
    for (; !(await stock.addUp({ through, withinMs: ADD_UP_MS })); await sleep(pauseMs))
      say('adding up what has moved');
  }
  for (let after: number | null = 0; after !== null; await sleep(pauseMs)) {
    const { movements, lookedTo } = await stock.find({ after, olderThanMs, limit });
    after = lookedTo;
    if (movements.length === 0) continue;
    done.found += movements.length;
    if (!apply) continue;
    // First the file, then the database: whoever dies in between writes the same rows once more, and loses none.
    done.bytes += await folder.write(movements);
    done.files += 1;
    done.removed += await stock.remove({ ids: movements.map(({ id }) => id) });
    say(`${done.removed} movements archived`);
  }
  return done;
}
