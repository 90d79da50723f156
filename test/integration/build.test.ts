import { readFile, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

test('a build counts from when it began, so that a source saved meanwhile is built next time', async () => {
  const marker = fileURLToPath(new URL('../../dist/.built', import.meta.url));
  const begun = await readFile(marker, 'utf8');
  expect((await stat(marker)).mtime.toISOString()).toBe(begun);
});
