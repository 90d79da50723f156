// What checks of every port have in common: the adapter of one check, and the way to the sandbox that can be broken.
import { lever } from './check.ts';
import { openProxy, type FaultProxy } from './proxy.ts';
import { listenTo, type Said } from './said.ts';

/**
 * Where and how the adapter under test is to speak. `baseUrl`: the suite stands there, and hands everything on to the module's
 * `upstream`; null when the module names none. `timeoutMs`: after so long a call has to end.
 */
export type At = { baseUrl: string | null; timeoutMs: number };

/** What a module of every port gives. */
export type ModuleOf<Adapter> = {
  /** How the adapter is called in the report. */
  name: string;
  /** Makes an adapter that speaks to `at.baseUrl`. Called often: each is to be as one in another process. */
  create: (at: At) => Adapter | Promise<Adapter>;
  /** The sandbox. Without it nothing that needs a broken connection is tested. */
  upstream?: string | undefined;
  /** Long enough for the sandbox; 10 s when left out. Whether the limit holds is tried with a shorter one. */
  timeoutMs?: number | undefined;
  /** How many requests a call makes at most; 1 when left out. */
  requestsPerCall?: number | undefined;
  /** What must never be told, beside what requests are seen to carry. */
  secrets?: readonly string[] | undefined;
  /** Called at the end. */
  close?: (() => Promise<void>) | undefined;
};

export type Connection<Adapter> = {
  adapter: Adapter;
  /** The adapter as another process would have it: what it remembers itself does not count. */
  another: () => Promise<Adapter>;
  /** One with a short limit, in which nothing needs to be done. */
  impatient: () => Promise<Adapter>;
  /** NotTested where there is no upstream. */
  proxy: () => FaultProxy;
  said: Said;
  close: () => Promise<void>;
};

const TIMEOUT_MS = 10_000;
/** Not too short for clients that count in seconds. */
export const IMPATIENT_MS = 1_000;
/** What hangs is told from what is late: nobody's limit is as long. */
const HUNG_AFTER_MS = 2_500;

export async function connect<Adapter extends object>(
  module: ModuleOf<Adapter>,
  { calls, untold = [], said }: { calls: readonly string[]; untold?: readonly string[]; said: Said },
): Promise<Connection<Adapter>> {
  const { upstream, timeoutMs = TIMEOUT_MS } = module;
  const proxy = upstream === undefined ? null : await openProxy(new URL(upstream), { onCredential: said.addSecret });
  const make = async (limitMs: number): Promise<Adapter> => {
    const adapter = await module.create({ baseUrl: proxy?.url ?? null, timeoutMs: limitMs });
    return listenTo(adapter, { calls, untold, said, limitMs: limitMs + HUNG_AFTER_MS });
  };
  const another = (): Promise<Adapter> => make(timeoutMs);
  try {
    const adapter = await another();
    const close = async (): Promise<void> => proxy?.close();
    const impatient = (): Promise<Adapter> => make(IMPATIENT_MS);
    return { adapter, another, impatient, proxy: () => lever(proxy ?? undefined, 'upstream'), said, close };
  } catch (error) {
    await proxy?.close();
    throw error;
  }
}
