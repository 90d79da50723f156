// `npm run conformance -- payment ./my-adapter.ts`: tries an adapter of one's own against its sandbox (docs/adapters.md). Ends 0 when
// nothing failed, 1 when something did, 2 when it could not be tried.
import { parseArgs } from 'node:util';
import { carrierSuite } from './carrier/suite.ts';
import type { Result } from './check.ts';
import { loadModule, shapes, Unusable } from './load.ts';
import { paymentSuite } from './payment/suite.ts';
import { pricingSuite } from './pricing/suite.ts';
import { countOf, documentOf, linesOf, summaryOf } from './report.ts';
import type { RunOptions, Suite } from './run.ts';

const USAGE = `npm run conformance -- <port> <module> [-o text|json] [--only <check>]…
npm run conformance -- <port> --list

  port       payment, carrier or pricing
  module     a file (.ts, .mts, .js or .mjs) whose default export says how to make the adapter, and what its sandbox can do
  -o         text (as it is found) or json (at the end)
  --only     checks by name, for example unknown.hangs, or all of a kind, for example refund; can be given several times
  --list     what is checked, and which code relies on it
Ends 0 when nothing failed, 1 when something did, 2 when it could not be tried.`;

const BROKEN = 1;
const COULD_NOT = 2;

const suites = { payment: paymentSuite, carrier: carrierSuite, pricing: pricingSuite };
type Port = keyof typeof suites;

class Usage extends Error {}

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const answer = (text: string): void => void process.stdout.write(`${text}\n`);

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  say(error instanceof Usage ? `${error.message}\n\n${USAGE}` : textOf(error));
  return COULD_NOT;
});

async function main(args: string[]): Promise<number> {
  const { help, list, port, path, isJson, only } = readOptions(args);
  if (help) return (answer(USAGE), 0);
  const suite = suites[port] as Suite<{ name: string; close?: () => Promise<void> }>;
  expectKnown(suite, only);
  if (list) return (answer(suite.checks.map(described).join('\n')), 0);
  if (path === undefined) throw new Usage('Which module?');
  const module = (await loadModule(path, shapes[port])) as { name: string; close?: () => Promise<void> };
  const tell = isJson ? () => undefined : (result: Result) => linesOf(result).forEach(answer);
  if (!isJson) answer(`${port}: ${module.name}`);
  try {
    const results = await suite.run(module, { only, onResult: tell } satisfies RunOptions);
    const counts = countOf(results);
    answer(isJson ? documentOf({ port, adapter: module.name }, results) : summaryOf(counts));
    return counts.failed > 0 ? BROKEN : 0;
  } finally {
    await module.close?.();
  }
}

function readOptions(args: string[]) {
  const options = {
    help: { type: 'boolean', short: 'h', default: false },
    list: { type: 'boolean', default: false },
    output: { type: 'string', short: 'o', default: 'text' },
    only: { type: 'string', multiple: true, default: [] as string[] },
  } as const;
  const { values, positionals } = parsed(() => parseArgs({ args, options, strict: true, allowPositionals: true }));
  const { help, list, output, only } = values;
  const [port = '', path, ...others] = positionals;
  if (help) return { help, list, port: 'payment' as Port, path, isJson: false, only };
  if (!Object.hasOwn(suites, port)) throw new Usage(`Which port? There are ${Object.keys(suites).join(', ')}`);
  if (others.length > 0) throw new Usage(`One module; found ${others.length} more`);
  if (output !== 'text' && output !== 'json') throw new Usage('-o: text or json');
  return { help, list, port: port as Port, path, isJson: output === 'json', only };
}

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Usage(error instanceof Error ? error.message : String(error));
  }
}

/** A name that is mistyped would try nothing, and nothing would fail. */
function expectKnown({ checks }: Pick<Suite<never>, 'checks'>, only: readonly string[]): void {
  const unknown = only.find((name) => !checks.some(({ id }) => id === name || id.startsWith(`${name}.`)));
  if (unknown !== undefined) throw new Usage(`There is no check ${unknown}; --list has them`);
}

function described({ id, rule, why, reliedOnBy }: Suite<never>['checks'][number]): string {
  return `${id}\n  ${rule}\n  ${why}\n  relied on by ${reliedOnBy}\n`;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof Unusable ? error.message : (error.stack ?? error.message);
}
