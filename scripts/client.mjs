// `npm run client [-- --check]`: the types of clients/typescript from the OpenAPI document that the api would serve, and docs/cli.md from the
// commands. `--check` writes nothing, and fails where they are not the same any more.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';

const PROBLEM = {
  description: 'A problem (RFC 9457)',
  content: { 'application/problem+json': { schema: ref('Problem') } },
};
const HEAD = '// Written by `npm run client` from the OpenAPI document: do not change it by hand.\n\n';

build();
const root = fileURLToPath(new URL('..', import.meta.url));
const file = fileURLToPath(new URL('../clients/typescript/src/schema.ts', import.meta.url));
// Behind the build: it installs what is missing.
const { astToString, default: openapiTS } = await import('openapi-typescript');
const printed = execFileSync(process.execPath, ['dist/api/openapi-main.js'], {
  cwd: root,
  maxBuffer: 64 * 1024 * 1024,
});
// What has a default may be left out of a body.
const options = { defaultNonNullable: false };
const wanted = HEAD + astToString(await openapiTS(withOneProblem(JSON.parse(printed.toString())), options));

const isStale = !existsSync(file) || readFileSync(file, 'utf8') !== wanted;
// Not touched where it is right: what is newer than the build is built again.
if (isStale && !process.argv.includes('--check')) writeFileSync(file, wanted);
else if (isStale) {
  process.stderr.write('clients/typescript/src/schema.ts is not what the OpenAPI document says: npm run client\n');
  process.exitCode = 1;
}

const page = ['dist/cli/page-main.js', ...process.argv.slice(2)];
if (spawnSync(process.execPath, page, { cwd: root, stdio: 'inherit' }).status !== 0) process.exitCode = 1;

/** Every refusal has the same form: a dozen of them at each operation would be nine tenths of the types, and say no more. */
function withOneProblem(document) {
  for (const methods of Object.values(document.paths))
    for (const operation of Object.values(methods)) {
      const answers = Object.entries(operation.responses).filter(([status]) => Number(status) < 400);
      operation.responses = { ...Object.fromEntries(answers), default: PROBLEM };
    }
  return document;
}

function ref(name) {
  return { $ref: `#/components/schemas/${name}` };
}
