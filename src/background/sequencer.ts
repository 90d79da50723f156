import type { EventLog } from '../ports/events.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// Half of what the contract calls "usually": an event waits at most this long, plus its batch, for its position.
const PAUSE_MS = 50;
// Every process numbers what it has written itself. What another wrote that died before its turn waits for so long.
const OF_OTHERS_MS = 500;
const BATCH = 1_000;

/**
 * Gives events their position in the global feed. Every process may run one: the database lets one at a time work. As long as its
 * process writes nothing it asks now and then only, so that idle processes leave the database alone.
 */
export function createSequencer({
  events,
  logger,
  mayWork,
}: {
  events: EventLog;
  logger: Logger;
  mayWork?: MayWork;
}): Loop {
  let seen = -1;
  let asked = 0;
  async function work(): Promise<boolean> {
    const now = events.transactions();
    if (now === seen && performance.now() - asked < OF_OTHERS_MS) return false;
    asked = performance.now();
    // What fails is asked again at the next turn, and is not well before that.
    seen = -1;
    const count = await events.assignPositions({ limit: BATCH });
    seen = now;
    return count === BATCH;
  }
  return createLoop({ mayWork, name: 'sequencer', pauseMs: PAUSE_MS, work, logger });
}
