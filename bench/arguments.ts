import { parseArgs } from 'node:util';
import { choose, fullPlan, type Plan } from './cells/plan.ts';

export type BenchOptions = {
  plan: Plan;
  repeats: number;
  seconds: number;
  warmUpSeconds: number;
  /** Of the study `memory`. */
  orders: number;
  /** Of the study `outage`. */
  outageSeconds: number;
  gate: boolean;
  /** Shows that it works; its figures say nothing. */
  isQuick: boolean;
  /** Measured as long and as often as usual: where every bar has its figure, they may stand in the documents. */
  isThorough: boolean;
  command: string;
};

export const USAGE = `npm run bench -- [options]

  --cells A,B    only these cells and studies, by name or the beginning of one (* is any part): life, accept/ours, life/*/c16,
                 life/*/*/150ms, counted, starts, memory, outage
  --repeats N    how often each cell is measured (3)
  --seconds N    how long each time (6)
  --warm-up N    seconds of the same load before that (2)
  --orders N     after how many orders memory is measured (20000)
  --outage N     seconds without Temporal in the study outage (60)
  --quick        everything once and tiny: shows that it works, says nothing about speed
  --gate         exit with 1 when a bar is missed or not measured, or a cell is void
  --list         name the cells and studies, and how long they take
  --help

TEMPORAL_ADDRESS names a Temporal server over PostgreSQL (the dev server with --quick only); else one is built with Go, once, and started here.`;

type Parsed = { options: BenchOptions } | { problem: string } | { help: true } | { list: BenchOptions };

const QUICK = { repeats: 1, seconds: 2, 'warm-up': 1, orders: 100, outage: 3 };
const QUICK_CELLS =
  'accept/floor/c16,accept/ours/c16,life/*/c1,life/*/c16,life/ours/c16/150ms,open/ours/20ps,counted,starts,memory,outage';
const FULL = { repeats: 3, seconds: 6, 'warm-up': 2, orders: 20_000, outage: 60 };
const NUMBERS = ['repeats', 'seconds', 'warm-up', 'orders', 'outage'] as const;

export function parseBenchArguments(args: readonly string[]): Parsed {
  try {
    return toOptions(read(args), args);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

const read = (args: readonly string[]) =>
  parseArgs({
    args: [...args],
    options: {
      ...{ cells: { type: 'string' }, repeats: { type: 'string' }, seconds: { type: 'string' } },
      ...{ 'warm-up': { type: 'string' }, orders: { type: 'string' }, outage: { type: 'string' } },
      ...{ quick: { type: 'boolean', default: false }, gate: { type: 'boolean', default: false } },
      ...{ list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    },
  } as const).values;

function toOptions(values: ReturnType<typeof read>, args: readonly string[]): Parsed {
  if (values.help) return { help: true };
  const defaults = values.quick ? QUICK : FULL;
  const numbers = Object.fromEntries(
    NUMBERS.map((name) => [name, toNumber(name, values[name]) ?? defaults[name]]),
  ) as typeof QUICK;
  const wanted = values.cells ?? (values.quick ? QUICK_CELLS : null);
  const { unknown, ...plan } = wanted === null ? { ...fullPlan, unknown: [] } : choose(fullPlan, wanted.split(','));
  if (unknown.length > 0) return { problem: `--cells: nothing is called ${unknown.join(', ')} (--list names all)` };
  const options: BenchOptions = {
    ...{ plan, repeats: numbers.repeats, seconds: numbers.seconds, warmUpSeconds: numbers['warm-up'] },
    ...{ orders: numbers.orders, outageSeconds: numbers.outage, gate: values.gate, isQuick: values.quick },
    isThorough: NUMBERS.every((name) => numbers[name] >= FULL[name]),
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
  return values.list ? { list: options } : { options };
}

function toNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`--${name}: expected a whole number above 0; found ${text}`);
  return value;
}
