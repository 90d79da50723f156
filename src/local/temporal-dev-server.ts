import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from './managed-process.ts';

export type TemporalPorts = { grpc: number; ui: number; metrics: number; http: number };

/** Name and type of the search attributes a namespace must know; those of contracts/search-attributes.ts. */
export type SearchAttributes = Readonly<Record<string, 'Keyword' | 'Int'>>;

/** The dev server with its Web UI, on loopback; in memory without a database file. */
export const temporalProgram = async (options: {
  binary: string;
  ports: TemporalPorts;
  dbFile: string | null;
  searchAttributes: SearchAttributes;
  env: NodeJS.ProcessEnv;
}): Promise<Program> => ({
  name: 'temporal',
  command: options.binary,
  args: [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--ui-ip', '127.0.0.1', '--log-level', 'warn'],
    ...['--port', String(options.ports.grpc), '--ui-port', String(options.ports.ui)],
    ...['--metrics-port', String(options.ports.metrics), '--http-port', String(options.ports.http)],
    ...(await quietUi(options.binary)),
    ...(options.dbFile === null ? [] : ['--db-filename', options.dbFile]),
    ...Object.entries(options.searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
  ],
  env: options.env,
});

/** Nothing is asked from outside this machine; a CLI from before this flag has no news to fetch. */
async function quietUi(binary: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(binary, ['server', 'start-dev', '--help']);
  return stdout.includes(NO_NEWS) ? [NO_NEWS] : [];
}

const NO_NEWS = '--ui-disable-news-fetch';

/** Resolves when the server answers for the default namespace; throws after `withinMs`. */
export async function waitForTemporal(address: string, withinMs: number): Promise<void> {
  const connection = Connection.lazy({ address });
  let last: unknown = null;
  try {
    for (const until = Date.now() + withinMs; Date.now() < until; await sleep(200)) {
      try {
        const ask = () => connection.workflowService.describeNamespace({ namespace: 'default' });
        return void (await connection.withDeadline(Date.now() + 2_000, ask));
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`Temporal at ${address} did not answer within ${withinMs} ms`, { cause: last });
  } finally {
    await connection.close();
  }
}
