// The workflows of a cluster that are open, with their histories.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { TaskQueue } from '../contracts/ids.ts';
import type { Open } from './verdict.ts';

export type Wanted = {
  /** Names of workflow types; none: all of them. */
  types: readonly string[];
  /** A further condition in the words of Temporal's list filter. */
  query: string | null;
  limit: number;
};

/** The filter that finds them: running, and ours by their task queue, so that a new type needs no mention here. */
export function listFilter({ types, query }: Pick<Wanted, 'types' | 'query'>): string {
  const quoted = types.map((type) => `'${type}'`);
  return [
    "ExecutionStatus = 'Running'",
    `TaskQueue = '${TaskQueue.orders}'`,
    ...(quoted.length > 0 ? [`WorkflowType in (${quoted.join(', ')})`] : []),
    ...(query === null ? [] : [`(${query})`]),
  ].join(' and ');
}

/** Fetched one by one, as they are asked for; `read` decodes what is encrypted. One that closed since it was listed needs no build any more. */
export async function* openWorkflows(
  client: Client,
  wanted: Wanted,
  read: (history: Open['history']) => Promise<Open['history']>,
): AsyncGenerator<Open> {
  let found = 0;
  for await (const { workflowId, runId, type } of client.workflow.list({ query: listFilter(wanted) })) {
    if (found === wanted.limit) return;
    try {
      const handle = client.workflow.getHandle(workflowId, runId);
      const { status } = await handle.describe();
      if (status.name !== 'RUNNING') continue;
      yield { workflowId, type, history: await read(await handle.fetchHistory()) };
      found += 1;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}
