// Has Node run TypeScript: types are taken out (not checked: that is what `tsc` is for), and nothing else is changed. Node does so by
// itself only from 22.18 on. As tsc has it, `./x.js` may mean `./x.ts`.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const isTypeScript = (url) => /^file:.*\.m?ts$/.test(url);

/** Of a module that is not there, the TypeScript that it is compiled from. */
export async function resolve(specifier, context, next) {
  const isRelative = specifier.startsWith('.') && context.parentURL !== undefined && isTypeScript(context.parentURL);
  if (isRelative && /\.m?js$/.test(specifier)) {
    const written = new URL(specifier, context.parentURL);
    const source = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
    if (!existsSync(written) && existsSync(source)) return next(source.href, context);
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!isTypeScript(url)) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    configFile: false,
    swcrc: false,
    sourceMaps: 'inline',
    jsc: { target: 'es2022', parser: { syntax: 'typescript', decorators: true } },
    module: { type: 'es6' },
  });
  return { format: 'module', shortCircuit: true, source: code };
}
