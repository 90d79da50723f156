import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { TRACE_HEADER } from '../../src/contracts/traces.ts';
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

/** The same history as it would be had its workflow been started in a trace. */
export function underTrace(history: History): History {
  const carried = JSON.stringify({ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const header = {
    fields: { [TRACE_HEADER]: { metadata: { encoding: base64('json/plain') }, data: base64(carried) } },
  };
  const copy = structuredClone(history) as { events: { workflowExecutionStartedEventAttributes?: object }[] };
  const [started] = copy.events;
  if (!started?.workflowExecutionStartedEventAttributes) throw new Error('Expected a history to begin with its start');
  Object.assign(started.workflowExecutionStartedEventAttributes, { header });
  return copy;
}

/** Replays the histories (all, or the named) against a bundle; answers with the names of those it refuses, and why. */
export async function refusedHistories(
  code: string,
  names?: readonly string[],
  change: (history: History) => History = (history) => history,
): Promise<Map<string, string>> {
  const refused = new Map<string, string>();
  const histories = (await recordedHistories(names)).map((each) => ({ ...each, history: change(each.history) }));
  const replays = Worker.runReplayHistories({ workflowBundle: { code } }, histories);
  for await (const { workflowId, error } of replays) if (error) refused.set(workflowId, error.message);
  return refused;
}
