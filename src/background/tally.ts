import type { Tally } from '../ports/tally.ts';
import type { Logger } from '../runtime/logger.ts';
import { createLoop, type Loop, type MayWork } from './loop.ts';

// Monitoring looks every few seconds: nobody sees more than this of a delay.
const PAUSE_MS = 2_000;
const BATCH = 2_000;

/** Counts events for monitoring. Every process may run one: the database lets one at a time count. */
export const createTallyLoop = ({
  tally,
  logger,
  mayWork,
}: {
  tally: Pick<Tally, 'count'>;
  logger: Logger;
  mayWork: MayWork;
}): Loop =>
  createLoop({ name: 'tally', pauseMs: PAUSE_MS, work: () => tally.count({ limit: BATCH }), logger, mayWork });
