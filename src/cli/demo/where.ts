// Whether there is a stack on this machine that may be played with. What must stay true: anywhere else nothing is placed.
import { z } from 'zod';
import { UnreachableError } from '#client';
import { isThisMachine } from '../../runtime/loopback.ts';
import { UsageError } from '../io.ts';
import type { Session } from '../session.ts';
import { createProcesses, type Processes } from './processes.ts';
import { createSimulator, type Simulator } from './simulator.ts';

const ANSWER_MS = 5_000;

/** What the api tells its console of where it runs. */
const configSchema = z.object({
  simulatorUrl: z.url().nullable(),
  chaos: z.object({ url: z.url(), token: z.string() }).nullish(),
});

export type Playground = { simulator: Simulator; processes: Processes | null };

/** Throws UsageError where it is not a stack of one machine, UnreachableError where nothing answers. */
export async function findPlayground({ io, target }: Session): Promise<Playground> {
  const { simulatorUrl, chaos } = await readConfig(target.url, io.signal);
  const refuse = (why: string): UsageError =>
    new UsageError(`The demo breaks things, so it plays on a stack of npm start alone. ${why}; nothing was placed.`);
  if (simulatorUrl === null)
    throw refuse(`The api at ${target.url} charges at a real payment provider, and at no simulator`);
  // Its 127.0.0.1 is not ours: there may be a simulator here too, of somebody else's orders.
  if (!isThisMachine(new URL(target.url).hostname) || !isThisMachine(new URL(simulatorUrl).hostname))
    throw refuse(`The api at ${target.url} runs on another machine`);
  const simulator = createSimulator(simulatorUrl, io.signal);
  if (!(await simulator.isThere())) throw refuse(`Its simulator does not answer at ${simulatorUrl}`);
  return { simulator, processes: chaos ? createProcesses(chaos, io.signal) : null };
}

async function readConfig(url: string, signal: AbortSignal): Promise<z.infer<typeof configSchema>> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const answer = await fetch(`${url}/console/config.json`, { signal: patience }).catch((cause: unknown) => {
    throw new UnreachableError(`Nothing answers at ${url}. Start a stack with npm start, then run the demo beside it`, {
      attempts: 1,
      cause,
    });
  });
  const read = configSchema.safeParse(await answer.json().catch(() => null));
  if (answer.ok && read.success) return read.data;
  throw new UsageError(
    `What answers at ${url} does not say that it is a stack of npm start (${answer.status}); nothing was placed.`,
  );
}
