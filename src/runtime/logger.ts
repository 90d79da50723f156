import { pino, type DestinationStream, type Logger } from 'pino';
import { errorForLog, scrub } from './log-scrub.ts';
import { traceFields } from './tracing/trace.ts';

export type { Logger };

/**
 * One JSON line per fact on standard output. `process` says which of our processes speaks. What looks like a secret, an e-mail address or
 * a card number is taken out of every line, and of errors only what says which they are is written.
 */
export function createLogger({ name, level, to }: { name: string; level: string; to?: DestinationStream }): Logger {
  // Synchronous, as pino's own default is: a process that is about to die has said everything.
  const out = to ?? pino.destination(1);
  return pino(
    {
      level,
      base: { process: name },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: traceFields,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: errorForLog },
      // A header may carry a key.
      redact: {
        paths: ['req.headers.authorization', 'req.headers.cookie', '*.connectionString'],
        censor: '[redacted]',
      },
    },
    { write: (line) => void out.write(scrub(line)) },
  );
}
