// Which workflows Temporal has. What must stay true: the list lags behind what is, so its answers are only hints; a single
// workflow is described from its history's own record, which does not lag. No call waits without a limit.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { searchAttributePayloadConverter } from '@temporalio/common/lib/converter/payload-search-attributes.js';
import { optionalTsToDate, requiredTsToDate } from '@temporalio/common/lib/time.js';
import { orderAttentionKey } from '../../contracts/search-attributes.ts';
import type { ListedWorkflow, WorkflowList, WorkflowStatus } from '../../ports/workflow-list.ts';

// Lists of a large namespace take their time; a single workflow answers within milliseconds.
const LIST_DEADLINE_MS = 10_000;
const DESCRIBE_DEADLINE_MS = 5_000;

export const createWorkflowList = ({ client }: { client: Client }): WorkflowList => ({
  async list({ type, onlyRunning = false, startedFrom, startedBefore, cursor, limit }) {
    const conditions = [
      `WorkflowType = '${type}'`,
      ...(onlyRunning ? [`ExecutionStatus = 'Running'`] : []),
      ...(startedFrom === undefined ? [] : [`StartTime >= '${startedFrom}'`]),
      ...(startedBefore === undefined ? [] : [`StartTime < '${startedBefore}'`]),
    ];
    const { executions, nextPageToken } = await client.connection.withDeadline(Date.now() + LIST_DEADLINE_MS, () =>
      client.workflowService.listWorkflowExecutions({
        namespace: client.options.namespace,
        query: conditions.join(' and '),
        pageSize: limit,
        ...(cursor === null ? {} : { nextPageToken: Buffer.from(cursor, 'base64') }),
      }),
    );
    const next = nextPageToken.length > 0 ? Buffer.from(nextPageToken).toString('base64') : null;
    return { items: executions.map(toListed), next };
  },

  async describe({ workflowId }) {
    try {
      const { raw } = await client.connection.withDeadline(Date.now() + DESCRIBE_DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId).describe(),
      );
      if (!raw.workflowExecutionInfo) throw new Error(`Expected ${workflowId} to be described; found no description`);
      return toListed(raw.workflowExecutionInfo);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  },
});

type Raw = Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>['executions'][number];

function toListed({ execution, status, startTime, closeTime, searchAttributes }: Raw): ListedWorkflow {
  const { workflowId, runId } = execution ?? {};
  if (!workflowId || !runId)
    throw new Error('Expected every listed workflow to have an id and a run; found one without');
  const attention = searchAttributes?.indexedFields?.[orderAttentionKey.name];
  return {
    workflowId,
    runId,
    status: statusNames[status ?? 0] ?? 'other',
    startedAt: requiredTsToDate(startTime, 'startTime').toISOString(),
    closedAt: optionalTsToDate(closeTime)?.toISOString() ?? null,
    attention: attention ? firstText(searchAttributePayloadConverter.fromPayload(attention)) : null,
  };
}

/** Temporal keeps every search attribute as a list. */
const firstText = (values: unknown): string | null =>
  Array.isArray(values) && typeof values[0] === 'string' ? values[0] : null;

// WorkflowExecutionStatus of Temporal's API, by its numbers; the enum itself lives in a package that is not ours to depend on.
const statusNames: Readonly<Record<number, WorkflowStatus>> = {
  1: 'running',
  2: 'completed',
  3: 'failed',
  4: 'cancelled',
  5: 'terminated',
  6: 'continued',
  7: 'timed-out',
  // Paused in Temporal by a person: it runs, and goes on when it is let go.
  8: 'running',
};
