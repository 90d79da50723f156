import closeWithGrace from 'close-with-grace';
import type { Logger } from './logger.ts';

/** What is to be closed, last opened first. */
export type Closable = { name: string; close: () => Promise<void> };

// Below the 15 s in which `npm start` promises that everything is gone, above the worker's own grace.
const CLOSE_TIMEOUT_MS = 12_000;

/**
 * Closes everything, one after the other and the last opened first, on SIGINT, SIGTERM or a defect; ends the process with 1
 * after a defect or when closing takes longer than 12 s. One part that fails to close does not keep the others open.
 */
export function closeOnExit({ logger, parts }: { logger: Logger; parts: readonly Closable[] }): void {
  closeWithGrace({ delay: CLOSE_TIMEOUT_MS, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err }, 'a defect ends this process');
    else logger.info({ signal }, 'closing');
    for (const part of [...parts].reverse()) {
      try {
        await part.close();
      } catch (error) {
        logger.error({ err: error, part: part.name }, 'a part did not close cleanly');
      }
    }
    logger.info('closed');
    logger.flush();
  });
}
