// `npm run verify:mutants`: is the checker worth anything? Applies damage to a copy of this folder, one mutant at a time, and
// demands that a named test, or a short run of `verify`, turns red by what came out. The table goes to docs/mutants.md.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, isInstalled } from './ensure-installed.mjs';
import { mutants } from './mutants/list.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const LIMIT_MS = 15 * 60_000;
const LEFT_OUT = ['node_modules', '.git', '.local', 'coverage'];

ensureInstalled();
const wanted = process.argv.slice(2).join(' ');
// Tests take seconds, runs minutes: what is quick comes first.
const chosen = mutants.filter(({ name }) => name.includes(wanted)).sort((a, b) => Number(!a.test) - Number(!b.test));
const copy = mkdtempSync(join(tmpdir(), 'durable-orders-mutants-'));
// With the times of the files: a lock file that looks new would have the dependencies installed again, through the link.
const isWanted = (path) => !LEFT_OUT.some((name) => path === join(root, name));
cpSync(root, copy, { recursive: true, preserveTimestamps: true, filter: isWanted });
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
if (!isInstalled(copy)) throw new Error('Expected the copy to find the dependencies installed; it does not');

const table = join(root, 'docs', 'mutants.md');
// What is not run again keeps what was seen of it.
const seenBefore = new Map(
  (existsSync(table) ? readFileSync(table, 'utf8') : '').split('\n').flatMap((row) => {
    const [, name, seen] = /^\| (.+?) +\| (.+?) +\|$/.exec(row) ?? [];
    return mutants.some((mutant) => mutant.name === name) ? [[name, seen]] : [];
  }),
);
const results = [];
try {
  for (const mutant of chosen) {
    const begun = Date.now();
    const outcome = examine(mutant);
    results.push({ ...mutant, ...outcome });
    const seconds = Math.round((Date.now() - begun) / 1_000);
    // After each: a long run that is ended early has not been for nothing.
    writeFileSync(table, tableOf(results));
    process.stdout.write(`${outcome.red ? 'red  ' : 'GREEN'}  ${mutant.name}: ${outcome.seen} (${seconds} s)\n`);
  }
} finally {
  rmSync(copy, { recursive: true, force: true });
}
const survivors = results.filter(({ red }) => !red);
process.stdout.write(`${results.length - survivors.length} of ${results.length} mutants were seen\n`);
process.exit(survivors.length > 0 || results.length === 0 ? 1 : 0);

function examine({ edits, test, verify }) {
  const originals = new Map();
  try {
    for (const { file, from, to } of edits) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      if (!originals.has(path)) originals.set(path, text);
      const damaged = typeof from === 'string' ? text.replace(from, () => to) : text.replace(from, to);
      // An edit that no longer finds its place would prove nothing.
      if (damaged === text) return { red: false, seen: `the edit of ${file} finds no place` };
      writeFileSync(path, damaged);
    }
    // Damage that does not compile would be red without any outcome.
    const built = run(['scripts/build.mjs']);
    if (built.status !== 0) return { red: false, seen: `does not build: ${built.stdout.slice(-300)}` };
    return test ? byTest(test) : byVerify(verify);
  } finally {
    for (const [path, text] of originals) writeFileSync(path, text);
  }
}

/** Red when a test of that name was run and failed. */
function byTest([file, name]) {
  const out = join(copy, 'results.json');
  rmSync(out, { force: true });
  run(['scripts/test.mjs', file, '-t', name, '--json', `--outputFile=${out}`]);
  if (!existsSync(out)) return { red: false, seen: 'the test run left no result' };
  const all = JSON.parse(readFileSync(out, 'utf8')).testResults.flatMap((suite) => suite.assertionResults);
  const failed = all.filter(({ status, fullName }) => status === 'failed' && fullName.includes(name));
  if (failed.length === 0) return { red: false, seen: `no test named “${name}” failed` };
  return { red: true, seen: `\`${file}\`: ${failed[0].title}` };
}

/** Red when the run violated the rule. */
function byVerify([args, rule]) {
  const out = join(copy, 'report.json');
  rmSync(out, { force: true });
  const { stdout } = run(['scripts/verify.mjs', ...args, '--report', out]);
  if (!existsSync(out)) return { red: false, seen: `the run left no report: …${stdout.slice(-300)}` };
  const { violations } = JSON.parse(readFileSync(out, 'utf8'));
  const found = violations[rule];
  if (!found) return { red: false, seen: `not violated: ${rule}; violated: ${Object.keys(violations).join('; ')}` };
  return { red: true, seen: `\`verify\`: ${rule} (${found.length})` };
}

function run(args) {
  const { NODE_OPTIONS: _ours, ...env } = process.env;
  return spawnSync(process.execPath, args, { cwd: copy, env, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 1e9 });
}

function tableOf(rows) {
  for (const { name, red, seen } of rows) seenBefore.set(name, red ? seen : `**not seen**: ${seen}`);
  const lines = [...mutants]
    .sort((a, b) => Number(!a.test) - Number(!b.test))
    .map(({ name }) => `| ${name} | ${seenBefore.get(name) ?? '**not run yet**'} |`);
  return [
    '# Mutants',
    '',
    'Written by `npm run verify:mutants`: damage to a copy of the code, one at a time, and what turned red. A run of some of them (by',
    'a part of their name) replaces their rows.',
    '',
    '| damage | what turned red |',
    '| --- | --- |',
    ...lines,
    '',
  ].join('\n');
}
