// All that an adapter said in a run: what it answered, and what it threw. Both may come to stand in a history or a log.
import { inspect } from 'node:util';
import { Broken, Hung, outcomeOf } from './check.ts';

export type Said = {
  /** A call of the adapter, with what it came to. */
  note: (call: string, outcome: unknown) => void;
  /** What the adapter proves itself with. */
  addSecret: (secret: string) => void;
  secrets: () => readonly string[];
  /** The calls in whose outcome the text stands, as it would in a history. */
  callsThatTell: (text: string) => readonly string[];
};

export function createSaid(known: readonly string[]): Said {
  const texts: { call: string; text: string }[] = [];
  const secrets = new Set(known);
  return {
    note: (call, outcome) => void texts.push({ call, text: textOf(outcome) }),
    addSecret: (secret) => void secrets.add(secret),
    secrets: () => [...secrets],
    callsThatTell: (text) => [...new Set(texts.filter((one) => one.text.includes(text)).map(({ call }) => call))],
  };
}

type Calls = Record<string, ((request: never) => Promise<unknown>) | undefined>;

/**
 * The same adapter, whose every call is noted, and ends: what does not answer in `limitMs` has hung. Calls in `untold` answer with a
 * secret on purpose; what they throw is noted all the same.
 */
export function listenTo<Adapter extends object>(
  adapter: Adapter,
  {
    calls,
    said,
    limitMs,
    untold = [],
  }: { calls: readonly string[]; said: Said; limitMs: number; untold?: readonly string[] },
): Adapter {
  const listened = calls.map((name) => [
    name,
    async (request: never): Promise<unknown> => {
      // By name: the methods of a class are no entries of its instances.
      const call = (adapter as Calls)[name];
      if (typeof call !== 'function') throw new Broken(`the adapter has no ${name}`);
      const outcome = await outcomeOf(() => inTime(limitMs, () => call.call(adapter, request)));
      const isThrown = typeof outcome === 'object' && outcome !== null && 'threw' in outcome;
      if (isThrown || !untold.includes(name)) said.note(name, outcome);
      if (isThrown) throw outcome.threw;
      return outcome;
    },
  ]);
  return Object.fromEntries(listened) as Adapter;
}

async function inTime<T>(limitMs: number, call: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Hung(`it had not answered after ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([call(), limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** As Temporal and the log would write it: an answer as it is; of an error message, stack, details and causes. */
function textOf(outcome: unknown): string {
  if (typeof outcome !== 'object' || outcome === null || !('threw' in outcome)) return shown(outcome);
  const parts: string[] = [];
  let error: unknown = outcome.threw;
  for (let depth = 0; depth < 10 && error instanceof Error; depth += 1, error = error.cause) {
    parts.push(error.message, error.stack ?? '', 'details' in error ? shown(error.details) : '');
    if (error instanceof AggregateError) parts.push(...error.errors.map((one: unknown) => textOf({ threw: one })));
  }
  return [...parts, error instanceof Error ? '' : String(error)].join('\n');
}

const shown = (value: unknown): string => inspect(value, { depth: 10, maxStringLength: null, maxArrayLength: null });
