// What a check is, and how it says what it saw.

/**
 * One rule that our workflows rely on. `reliedOnBy`: the file and the function that would do the wrong thing. `run` answers with what was
 * seen; it throws Broken when the rule does not hold, and NotTested when the module gives too little to find out.
 */
export type Check<World> = {
  id: string;
  rule: string;
  why: string;
  reliedOnBy: string;
  run: (world: World) => Promise<string>;
};

export type Result = Omit<Check<never>, 'run'> & { outcome: 'passed' | 'failed' | 'not tested'; seen: string };

/** The rule does not hold; the message says what was seen. */
export class Broken extends Error {}

/** Nobody knows whether the rule holds; the message says what is missing. */
export class NotTested extends Error {}

/** An adapter that does not answer at all. */
export class Hung extends Error {}

export function expectThat(condition: boolean, seen: string): asserts condition {
  if (!condition) throw new Broken(seen);
}

/** What the module gives for a check, or the end of that check. */
export function lever<T>(given: T | undefined, name: string): T {
  if (given === undefined) throw new NotTested(`the module gives no ${name}`);
  return given;
}

export type Outcome<T> = T | { threw: unknown };

/** What a call came to, also where it threw. */
export async function outcomeOf<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return await call();
  } catch (error) {
    return { threw: error };
  }
}

const SHOWN = 200;

/** In a few words, for a report. */
export function describe(outcome: unknown): string {
  if (typeof outcome !== 'object' || outcome === null) return String(outcome);
  if ('threw' in outcome) {
    const { threw } = outcome;
    return `it threw ${threw instanceof Error ? `${threw.name}: ${threw.message}` : String(threw)}`.slice(0, SHOWN);
  }
  return JSON.stringify(outcome).slice(0, SHOWN);
}

/** Looks again and again until something is seen; Broken when it is not in time. */
export async function until<T>(
  look: () => Promise<T | null>,
  { withinMs, what }: { withinMs: number; what: string },
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== null) return seen;
    expectThat(Date.now() < end, `${what} did not come about within ${withinMs / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, Math.min(withinMs / 20, 500)));
  }
}
