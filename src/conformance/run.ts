// Runs checks and says what became of each. What must stay true: nothing is ever passed that was not seen.
import { Broken, describe, NotTested, type Check, type Result } from './check.ts';

/** So few that a sandbox with a limit of requests is not asked for more than it allows. */
const AT_ONCE = 4;
const CHECK_LIMIT_MS = 120_000;

/** The rules of one port, for what a module gives. */
export type Suite<Module> = {
  checks: readonly Omit<Check<never>, 'run'>[];
  run: (module: Module, options: RunOptions) => Promise<readonly Result[]>;
};

/** `only`: checks whose id is one of these, or begins with one of them and a dot. None: all. */
export type RunOptions = { only: readonly string[]; atOnce?: number; onResult?: (result: Result) => void };

/** Each check in a world of its own, some at once; the results in the order of the checks. */
export async function runChecks<World>(
  checks: readonly Check<World>[],
  open: () => Promise<{ world: World; close: () => Promise<void> }>,
  { only, atOnce = AT_ONCE, onResult = () => undefined }: RunOptions,
): Promise<readonly Result[]> {
  const chosen = checks.filter(({ id }) => isChosen(id, only));
  const results: Result[] = [];
  const waiting = [...chosen.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, check] = next;
      const result = await runCheck(check, open);
      results[index] = result;
      onResult(result);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, chosen.length) }, work));
  return results;
}

const isChosen = (id: string, only: readonly string[]): boolean =>
  only.length === 0 || only.some((name) => id === name || id.startsWith(`${name}.`));

async function runCheck<World>(
  { run, ...about }: Check<World>,
  open: () => Promise<{ world: World; close: () => Promise<void> }>,
): Promise<Result> {
  let close: (() => Promise<void>) | undefined;
  try {
    const opened = await open();
    close = opened.close;
    return { ...about, outcome: 'passed', seen: await inTime(run(opened.world)) };
  } catch (error) {
    if (error instanceof NotTested) return { ...about, outcome: 'not tested', seen: error.message };
    return { ...about, outcome: 'failed', seen: error instanceof Broken ? error.message : describe({ threw: error }) };
  } finally {
    await close?.();
  }
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    const seen = `it was not over after ${CHECK_LIMIT_MS / 1_000} s`;
    timer = setTimeout(() => reject(new Broken(seen)), CHECK_LIMIT_MS);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
