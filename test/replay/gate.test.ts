// Does the replay test see anything? Edits that would break open orders are made in a copy of the workflow's code, and each
// must be refused by some recorded history; harmless edits must pass.
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildWorkflowBundle } from '../../src/workers/workflow-bundle.ts';
import { refusedHistories } from '../support/replay.ts';
import { breaking, harmless, type Edit } from '../support/workflow-edits.ts';

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'durable-orders-gate-'));
  await writeFile(join(copy, 'package.json'), '{"type":"module"}');
  await cp(fileURLToPath(new URL('../../src', import.meta.url)), join(copy, 'src'), { recursive: true });
});
afterAll(() => rm(copy, { recursive: true, force: true }));

/** The bundle of the copy with the edits, which are taken back afterwards. */
async function bundleWith(edits: readonly Edit[]): Promise<string> {
  const originals = new Map<string, string>();
  try {
    for (const { file, from, to } of edits) {
      const path = join(copy, 'src', 'workflows', file);
      const text = await readFile(path, 'utf8');
      if (!originals.has(path)) originals.set(path, text);
      // An edit that no longer finds its place would prove nothing.
      if (text.split(from).length !== 2)
        throw new Error(`Expected one place in ${file} for the edit; found ${text.split(from).length - 1}: ${from}`);
      const imported = to.includes('sleep(') ? "import { sleep } from '@temporalio/workflow';\n" : '';
      await writeFile(path, imported + text.replace(from, () => to));
    }
    const workflowsPath = join(copy, 'src', 'workflows', 'index.ts');
    return (await buildWorkflowBundle({ workflowsPath, cacheDirectory: join(copy, 'cache') })).code;
  } finally {
    for (const [path, text] of originals) await writeFile(path, text);
  }
}

describe('the replay gate', () => {
  test.each(breaking.map((edit) => [edit.name, edit] as const))('refuses %s', async (_name, edit) => {
    // Only the history that is to see it: all sixty, for every edit, took longer than everything else here.
    const refused = await refusedHistories(await bundleWith([edit]), [edit.seenBy]);
    // Not because the edited code does not run at all.
    expect([...refused]).toEqual([[edit.seenBy, expect.stringContaining('Nondeterminism error')]]);
  });

  test('lets what changes no command pass', async () => {
    expect(await refusedHistories(await bundleWith(harmless))).toEqual(new Map());
  });
});
