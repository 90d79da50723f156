import { faultKinds, shopKinds, type FaultKind } from './schedule.ts';

export type RunOptions = {
  orders: number;
  minutes: number;
  seed: number;
  /** Only these kinds of faults; all of them when null. */
  only: readonly FaultKind[] | null;
  /** How far the clocks of all workers are off. */
  clockHours: number;
  reportFile: string | null;
  keep: boolean;
  /** Every order ends with its sale: nothing is shipped, reviewed, changed or sent back. */
  withoutShop: boolean;
  /** The command that does the same again. */
  rerun: string;
};

export const USAGE = `npm run verify -- [--orders N] [--seed S] [--minutes M] [--only kind,kind] [--clock HOURS] [--report FILE] [--keep] [--without-shop]

  --orders   how many orders at least (1000)
  --minutes  how long faults are dealt (4); a round of every kind is finished all the same
  --seed     what is placed and what goes wrong (a new one each time)
  --only     only these kinds of faults: ${faultKinds.join(', ')}
  --clock    the clocks of both workers are that many hours off
  --report   where the report goes as JSON (.local/verify/last.json)
  --keep     logs and data are kept also when all is well
  --without-shop  every order ends with its sale: nothing is shipped, reviewed, changed or sent back`;

const DEFAULTS = { orders: 1_000, minutes: 4 };
const MAX_SEED = 1_000_000;
const FLAGS = ['--keep', '--without-shop'];

/** Reads the command line; a mistake is answered with what it is. */
export function parseArguments(args: readonly string[]): { options: RunOptions } | { problem: string } {
  const given = new Map<string, string>();
  for (let index = 0; index < args.length; index += 1) {
    const name = args[index] ?? '';
    if (!['--orders', '--minutes', '--seed', '--only', '--clock', '--report', ...FLAGS].includes(name))
      return { problem: `unknown argument ${name}` };
    const value = FLAGS.includes(name) ? 'yes' : args[(index += 1)];
    if (value === undefined) return { problem: `${name}: expected a value` };
    given.set(name.slice(2), value);
  }
  const numbers = {
    orders: Number(given.get('orders') ?? DEFAULTS.orders),
    minutes: Number(given.get('minutes') ?? DEFAULTS.minutes),
    seed: Number(given.get('seed') ?? Math.floor(Math.random() * MAX_SEED)),
    clockHours: Number(given.get('clock') ?? 0),
  };
  if (!Number.isInteger(numbers.orders) || numbers.orders < 1) return { problem: '--orders: expected a whole number' };
  if (!(numbers.minutes > 0)) return { problem: '--minutes: expected a number above 0' };
  if (!Number.isInteger(numbers.seed)) return { problem: '--seed: expected a whole number' };
  if (!Number.isFinite(numbers.clockHours)) return { problem: '--clock: expected hours' };
  const names = given.get('only')?.split(',') ?? null;
  const unknown = names?.find((name) => !(faultKinds as readonly string[]).includes(name));
  if (unknown !== undefined) return { problem: `--only: ${unknown} is no kind of fault` };
  return {
    options: {
      ...numbers,
      only:
        names || given.has('without-shop')
          ? faultKinds.filter((kind) => names?.includes(kind) ?? !shopKinds.includes(kind))
          : null,
      reportFile: given.get('report') ?? null,
      keep: given.has('keep'),
      withoutShop: given.has('without-shop'),
      rerun: `${rerunOf(numbers, names)}${given.has('without-shop') ? ' --without-shop' : ''}`,
    },
  };
}

function rerunOf(
  { orders, minutes, seed, clockHours }: Pick<RunOptions, 'orders' | 'minutes' | 'seed' | 'clockHours'>,
  only: readonly string[] | null,
): string {
  const more = `${only ? ` --only ${only.join(',')}` : ''}${clockHours === 0 ? '' : ` --clock ${clockHours}`}`;
  return `npm run verify -- --orders ${orders} --minutes ${minutes} --seed ${seed}${more}`;
}
