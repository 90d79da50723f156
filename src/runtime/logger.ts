import { pino, type Logger } from 'pino';

export type { Logger };

/** One JSON line per fact on standard output. `process` says which of our processes speaks. */
export function createLogger({ name, level }: { name: string; level: string }): Logger {
  return pino({
    level,
    base: { process: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // A database URL carries a password, a header may carry a key.
    redact: { paths: ['req.headers.authorization', 'req.headers.cookie', '*.connectionString'], censor: '[redacted]' },
  });
}
