// `npm run keep-bundle -- <name>`: keeps the workflow code as it is now, packed, in test/replay/bundles. A test begins orders with
// every kept bundle, leaves them at each of their waits, and lets the present code finish them (docs/changing-workflows.md).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name = ''] = process.argv.slice(2);
const file = join(root, 'test', 'replay', 'bundles', `${name}.js.br`);
if (!/^[0-9a-z][0-9a-z-]{2,60}$/.test(name)) fail('Usage: npm run keep-bundle -- <name>, in small letters and dashes');
// It stands for the orders that it began: a bundle that is there already is never replaced.
if (existsSync(file)) fail(`${file} is there already; choose another name`);

build();
const code = readFileSync(join(root, 'dist', 'workflow-bundle.js'), 'utf8');
// Two thirds of it are its map, which runs nothing; a worker wants to find one all the same.
const map = { version: 3, file: `${name}.js`, sources: [], names: [], mappings: '' };
const mark = '//# sourceMappingURL=data:application/json;base64,';
const at = code.lastIndexOf('//# sourceMappingURL=');
if (at < 0) fail('Expected the bundle to end with its map; found none');
const packed = brotliCompressSync(
  `${code.slice(0, at)}${mark}${Buffer.from(JSON.stringify(map)).toString('base64')}\n`,
);
mkdirSync(join(file, '..'), { recursive: true });
writeFileSync(file, packed);
process.stdout.write(`Kept ${file} (${Math.ceil(packed.length / 1024)} KiB)\n`);

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
