// Temporal's own runtime in this process: what it says in the log, and what it counts.
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from '../runtime/logger.ts';
import { errorForLog } from '../runtime/log-scrub.ts';

// Below the time in which a scrape must be over.
const READ_WITHIN_MS = 2_000;
// Somebody else may take a port between our finding it and the runtime's taking it.
const TRIES = 5;

/**
 * Installs the runtime, once for the process, before anything else of the SDK is used. Answers with what reads the SDK's metrics: it
 * serves them itself, on a loopback port that nobody else need know, since they are shown beside ours.
 */
export async function installRuntime(log: Logger): Promise<{ readMetrics: () => Promise<string> }> {
  for (let attempt = 1; ; attempt += 1) {
    const address = `127.0.0.1:${await freePort()}`;
    try {
      install(log, address);
    } catch (error) {
      if (attempt === TRIES) throw error;
      continue;
    }
    return { readMetrics: () => read(`http://${address}/metrics`) };
  }
}

function install(log: Logger, bindAddress: string): void {
  const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
  Runtime.install({
    // The SDK's own lines come out as ours: one JSON line per fact.
    logger: new DefaultLogger('INFO', ({ level, message, meta }) =>
      log[levels[level]]({ temporal: told(meta) }, message),
    ),
    // The process's own signals are handled in one place.
    shutdownSignals: [],
    telemetryOptions: {
      metrics: {
        prometheus: { bindAddress, countersTotalSuffix: true, unitSuffix: true, useSecondsForDurations: true },
      },
    },
  });
}

/** An error of an activity comes as it was thrown: with the rows and requests that it quotes. */
const told = (meta: Record<string, unknown> | undefined): object | undefined =>
  meta && 'error' in meta ? { ...meta, error: errorForLog(meta['error']) } : meta;

async function read(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(READ_WITHIN_MS) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`Expected the SDK's metrics; found ${answer.status}`);
  return text;
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
