import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test('a build counts from when it began, so that a source saved meanwhile is built next time', async () => {
  const marker = fileURLToPath(new URL('../../dist/.built', import.meta.url));
  const begun = await readFile(marker, 'utf8');
  expect((await stat(marker)).mtime.toISOString()).toBe(begun);
});

// Hundreds of small modules are what a start took most of its time for (docs/decisions/0040).
test.each(['api', 'workers', 'cli'])(
  'the process %s is one file, and nothing but what patches comes beside it',
  async (name) => {
    const text = await readFile(fileURLToPath(new URL(`../../dist/${name}/main.js`, import.meta.url)), 'utf8');
    const imported = [...text.matchAll(/^import (?:[^'"]* from )?["']([^"']+)["'];?$/gm)].map(([, from = '']) => from);
    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((from) => from.startsWith('.') || from.startsWith('kysely'))).toEqual(
      name === 'cli' ? [] : ['./tracing.js'],
    );
    // Before any package that it may patch.
    if (name !== 'cli') expect(imported.find((from) => !from.startsWith('node:'))).toBe('./tracing.js');
  },
);
