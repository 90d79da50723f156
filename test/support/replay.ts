import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';

const directory = fileURLToPath(new URL('../replay/histories/', import.meta.url));
type History = Parameters<typeof Worker.runReplayHistory>[1];

// The SDK logs every refusal at length; the gate provokes them by the dozen.
Runtime.install({
  logger: new DefaultLogger('ERROR', () => undefined),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});

/** Recorded histories by name: all, or those of the given names. */
export async function recordedHistories(
  names?: readonly string[],
): Promise<{ workflowId: string; history: History }[]> {
  const files =
    names?.map((name) => `${name}.json`) ?? (await readdir(directory)).filter((file) => file.endsWith('.json'));
  return Promise.all(
    files.map(async (file) => ({
      workflowId: file.slice(0, -'.json'.length),
      history: JSON.parse(await readFile(`${directory}${file}`, 'utf8')) as History,
    })),
  );
}

/** Replays the histories (all, or the named) against a bundle; answers with the names of those it refuses, and why. */
export async function refusedHistories(code: string, names?: readonly string[]): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const replays = Worker.runReplayHistories({ workflowBundle: { code } }, await recordedHistories(names));
  for await (const { workflowId, error } of replays) if (error) refused.set(workflowId, error.message);
  return refused;
}
