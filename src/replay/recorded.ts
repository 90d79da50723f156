// The histories that are recorded in the repository: every path an order can go (test/replay/histories).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Open } from './verdict.ts';

const ENDING = '.json';

type Recorded = { events: { workflowExecutionStartedEventAttributes?: { workflowType?: { name?: string } } }[] };

/** Throws when there is none in the directory: nothing replayed would look like everything well. */
export async function* recordedHistories(directory: string): AsyncGenerator<Open> {
  const files = (await readdir(directory)).filter((file) => file.endsWith(ENDING)).sort();
  if (files.length === 0) throw new Error(`Expected recorded histories in ${directory}; found none`);
  for (const file of files) {
    const history = JSON.parse(await readFile(join(directory, file), 'utf8')) as Recorded;
    const type = history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
    yield { workflowId: file.slice(0, -ENDING.length), type, history };
  }
}
