// Workflow code as it once ran, kept by `npm run keep-bundle`: what began the orders that may still be open.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';

const directory = fileURLToPath(new URL('../replay/bundles/', import.meta.url));
const ENDING = '.js.br';

export async function keptBundles(): Promise<string[]> {
  const files = await readdir(directory);
  return files.filter((file) => file.endsWith(ENDING)).map((file) => file.slice(0, -ENDING.length));
}

/** Unpacks it into a folder; answers with its path there, for a worker to run. */
export async function unpackBundle(name: string, into: string): Promise<string> {
  const path = join(into, `${name}.js`);
  await writeFile(path, brotliDecompressSync(await readFile(`${directory}${name}${ENDING}`)));
  return path;
}

/** A copy of a bundle with one edit; throws when the edit finds no place, or more than one: it would prove nothing. */
export async function editBundle(path: string, edit: { from: RegExp; to: string }, copy: string): Promise<void> {
  const code = await readFile(path, 'utf8');
  const places = code.split(edit.from).length - 1;
  if (places !== 1) throw new Error(`Expected one place for ${String(edit.from)}; found ${places}`);
  await writeFile(copy, code.replace(edit.from, edit.to));
}
