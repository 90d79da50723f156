import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const folder = fileURLToPath(new URL('../../../bench/variants/naive/', import.meta.url));

// It is what `ours` is compared with: made faster or slower, it is another thing, and figures of before say nothing any more.
test('the naive design stays what it was', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.ts')).toSorted();
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update(await readFile(`${folder}${file}`));
  expect({ files, sha256: hash.digest('hex') }).toEqual({
    files: ['activities.ts', 'main.ts', 'worker.ts', 'workflows.ts'],
    sha256: 'dbeb2d1252c3fddcad7bfd43fb965e10cc90ac7d6263587a503f2ced5a062d89',
  });
});
