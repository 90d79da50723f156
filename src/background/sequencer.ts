import type { EventLog } from '../ports/events.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// Half of what the contract calls "usually": an event waits at most this long, plus its batch, for its position.
const PAUSE_MS = 50;
const BATCH = 1_000;

/** Gives events their position in the global feed. Every process may run one: the database lets one at a time work. */
export const createSequencer = ({
  events,
  logger,
  mayWork,
}: {
  events: EventLog;
  logger: Logger;
  mayWork?: MayWork;
}): Loop =>
  createLoop({
    mayWork,
    name: 'sequencer',
    pauseMs: PAUSE_MS,
    work: async () => (await events.assignPositions({ limit: BATCH })) === BATCH,
    logger,
  });
