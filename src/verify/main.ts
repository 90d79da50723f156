// `npm run verify`: real processes, orders of every path under load, faults on a seeded schedule; then everything is made
// well, and a read-only checker joins what the witnesses say. Exits with 1 on any violation, and when a kind of fault never
// struck.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadVerifyEnvironment } from '../runtime/config.ts';
import { parseArguments, USAGE, type RunOptions } from './arguments.ts';
import { checkWitnesses } from './checker.ts';
import { startCustomers } from './customers.ts';
import { startDashboard } from './dashboard.ts';
import { compareAtLast, comparing } from './comparing.ts';
import { createFaultRunner } from './faults.ts';
import { startOperator } from './operator.ts';
import { startRefunder } from './refunder.ts';
import { countBy, createReport, describeReport, isGood, type Report } from './report.ts';
import { createSchedule } from './schedule.ts';
import { countOpen, heal, waitForWorkflows, waitUntilSettled } from './settle.ts';
import { startVerifyStack, type VerifyStack } from './stack.ts';
import { startShop } from './shop.ts';
import { startSubscriber, type ToldFacts } from './subscriber.ts';
import { createStrikes } from './strikes.ts';
import { provideProducts, startTraffic } from './traffic.ts';
import { askWitnesses } from './witnesses.ts';

// So that the number is reached in time although traffic holds back while too much is open.
const HEADROOM = 1.3;

const begun = Date.now();
const say = (text: string): void =>
  void process.stdout.write(`${((Date.now() - begun) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);

if (process.argv.includes('--help')) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const parsed = parseArguments(process.argv.slice(2));
if ('problem' in parsed) {
  process.stderr.write(`${parsed.problem}\n\n${USAGE}\n`);
  process.exit(2);
}
process.exit(await main(parsed.options));

async function main(options: RunOptions): Promise<number> {
  say(`seed ${options.seed}: ${options.rerun}`);
  const stack = await startVerifyStack(loadVerifyEnvironment(), {
    ...options,
    settings: { ...comparing, ...(options.withoutShop ? { REVIEW_UNITS_ABOVE: '10000' } : {}) },
  });
  const stopEarly = (): void => void stack.close({ keepFiles: false }).finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stopEarly);
  let keepFiles = true;
  try {
    const report = await run(stack, options);
    await keepReport(report, options.reportFile);
    process.stdout.write(`\n${describeReport(report)}`);
    keepFiles = !isGood(report) || options.keep;
    if (keepFiles) say(`logs and data: ${stack.directory}`);
    return isGood(report) ? 0 : 1;
  } finally {
    await stack.close({ keepFiles });
  }
}

async function run(stack: VerifyStack, options: RunOptions): Promise<Report> {
  const { seed, orders, minutes, only, clockHours, rerun } = options;
  const { apiUrl } = stack;
  const since = new Date();
  await provideProducts(apiUrl);
  const subscriber = await startSubscriber({ apiUrl, seed });
  const lanes = createSchedule({ seed, only });
  const kinds = lanes.flatMap((lane) => lane.kinds);
  const traffic = startTraffic({
    apiUrl,
    seed,
    perSecond: (HEADROOM * orders) / (minutes * 60),
    countOpen: () => countOpen(stack),
    withoutShop: options.withoutShop,
  });
  const operator = startOperator({ apiUrl, seed });
  const customers = startCustomers({ stack, log: traffic.log });
  const dashboard = startDashboard(stack);
  const refunder = startRefunder(stack);
  const shop = startShop({ stack, log: traffic.log });
  const faults = createFaultRunner({ lanes, strikes: createStrikes({ stack, clockHours }), say });
  say('orders come in, and things go wrong');

  const dealing = faults.run();
  await sleep(minutes * 60_000);
  faults.stop();
  await dealing;
  // A machine that was too slow for the rest takes it now: the number was promised.
  while (traffic.accepted() < orders) await sleep(100);
  await dashboard.stop();
  await refunder.stop();
  await heal(stack);
  say(`${traffic.accepted()} orders; everything is made well`);
  const healed = Date.now();
  await traffic.stop();
  await waitUntilSettled(stack);
  const drainSeconds = Math.round((Date.now() - healed) / 1_000);
  say(`settled after ${drainSeconds} s; the books are compared once more`);
  const lastComparison = await compareAtLast(stack, since);
  await operator.stop();
  await customers.stop();
  await shop.stop();
  await waitForWorkflows(stack);
  say('the witnesses are heard');

  const terminated = faults.struck.flatMap(({ ended }) => ended);
  const told = subscriber.facts();
  const witnesses = await askWitnesses(stack, { client: traffic.log, lastComparison, terminated, told });
  await subscriber.close();
  return createReport({
    rerun,
    seconds: Math.round((Date.now() - begun) / 1_000),
    drainSeconds,
    resolvedByOperator: operator.resolved(),
    beside: { ...customers.did(), ...dashboard.did(), ...refunder.did(), ...shop.did(), ...toldTwice(told) },
    kinds,
    struck: faults.struck,
    crashPoints: await readCrashPoints(stack),
    witnesses,
    violations: { ...checkWitnesses(witnesses), 'no process ended by itself': strayEnds(stack) },
  });
}

function strayEnds({ slots: { api, workerA, workerB } }: VerifyStack) {
  return [api, workerA, workerB].flatMap((slot) => slot.strayEnds().map((how) => ({ process: slot.name, how })));
}

function toldTwice({ repeated }: ToldFacts) {
  return { 'messages to a subscriber that came again': repeated };
}

/** Which points killed a process, by the last words of the killed. */
async function readCrashPoints({ directory }: VerifyStack): Promise<Record<string, number>> {
  const logs = join(directory, 'logs');
  const texts = await Promise.all((await readdir(logs)).map((file) => readFile(join(logs, file), 'utf8')));
  return countBy(texts.flatMap((text) => [...text.matchAll(/^crash point: (.*)$/gm)].map(([, point]) => point ?? '')));
}

async function keepReport(report: Report, file: string | null): Promise<void> {
  const path = file ?? fileURLToPath(new URL('../../.local/verify/last.json', import.meta.url));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(report, null, 2)}\n`);
  say(`report: ${path}`);
}
