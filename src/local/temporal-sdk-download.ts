import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { temporalBinaries, type Fetcher } from './temporal-binaries.ts';

// Where the SDK's download server can not be reached, it must not hold up the start.
const LIMIT_MS = 60_000;
const REACHABLE_MS = 3_000;
const DOWNLOAD_HOST = 'https://temporal.download/';

/** The Temporal SDK downloads these binaries for its own tests; started once, they are in the folder we name. */
export const sdkDownload: Fetcher = {
  name: 'the Temporal SDK (temporal.download)',
  fetch: async (kind, directory) => {
    // Asked first and briefly: the SDK itself waits long for a server that it can not reach.
    await fetch(DOWNLOAD_HOST, { method: 'HEAD', signal: AbortSignal.timeout(REACHABLE_MS) });
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    const executable = { type: 'cached-download', downloadDir: directory } as const;
    const starting =
      kind === 'cli'
        ? TestWorkflowEnvironment.createLocal({ server: { executable, ip: '127.0.0.1' } })
        : TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
    const environment = await Promise.race([starting, late()]);
    await environment.teardown();
    const [downloaded] = await readdir(directory);
    if (downloaded === undefined) throw new Error('the SDK left no binary');
    await rename(join(directory, downloaded), join(directory, temporalBinaries[kind].file));
  },
};

const late = (): Promise<never> =>
  new Promise((_resolve, reject) =>
    setTimeout(() => reject(new Error(`took longer than ${LIMIT_MS} ms`)), LIMIT_MS).unref(),
  );
