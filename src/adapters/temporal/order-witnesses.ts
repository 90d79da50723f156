// What Temporal has seen of the database. What must stay true: only workflows that are ours are heard (another application may
// share the namespace), and no call waits without a limit.
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { requiredTsToDate } from '@temporalio/common/lib/time.js';
import { orderIdPattern, TaskQueue } from '../../contracts/ids.ts';
import { PROCESS_ORDER, WITNESS_MEMO, type DatabaseWitness } from '../../contracts/process-order.ts';
import type { Witness } from '../../domain/restore.ts';
import type { OrderWitnesses, WitnessPatience } from '../../ports/restore.ts';
import { readable } from './readable.ts';
import { showsRecordedEnd } from './recorded-end.ts';

// Temporal lists open runs by when they were started and closed ones by when they closed, newest first: what a lost piece of a
// database's life has left is among the first of one of the two.
const NEWEST = 100;
// WORKFLOW_EXECUTION_STATUS of Temporal's API, by number; the enum itself lives in a package that is not ours to depend on.
const RUNNING = 1;
const COMPLETED = 2;

export const createOrderWitnesses = ({ client }: { client: Client }): OrderWitnesses => ({
  newest: async (patience) => {
    const list = async (condition: string): Promise<Witness[]> => {
      const query = `WorkflowType = '${PROCESS_ORDER}' and TaskQueue = '${TaskQueue.orders}' and ${condition}`;
      const { namespace } = client.options;
      const listing = await within(client, patience, () =>
        client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: NEWEST }),
      );
      // Whose memo can not be read must be one of ours to matter.
      const ours = listing.executions.filter(({ execution }) => orderIdPattern.test(execution?.workflowId ?? ''));
      return (await readable(client, ours)).flatMap(toWitness);
    };
    return (await Promise.all([list(`ExecutionStatus = 'Running'`), list(`ExecutionStatus != 'Running'`)])).flat();
  },

  sawEndRecorded: async ({ orderId, runId, ...patience }) => {
    try {
      const history = await within(client, patience, () => client.workflow.getHandle(orderId, runId).fetchHistory());
      return showsRecordedEnd(await readable(client, history.events ?? []));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return true;
      throw error;
    }
  },
});

const within = <T>(client: Client, { withinMs, signal }: WitnessPatience, call: () => Promise<T>): Promise<T> => {
  const bounded = (): Promise<T> => client.connection.withDeadline(Date.now() + withinMs, call);
  return signal ? client.connection.withAbortSignal(signal, bounded) : bounded();
};

type Raw = Awaited<ReturnType<Client['workflowService']['listWorkflowExecutions']>>['executions'][number];

function toWitness({ execution, status, startTime, memo }: Raw): Witness[] {
  const orderId = execution?.workflowId ?? '';
  const runId = execution?.runId ?? '';
  if (!orderIdPattern.test(orderId)) return [];
  const code: number = status ?? 0;
  return [
    {
      orderId,
      runId,
      status: code === RUNNING ? 'running' : code === COMPLETED ? 'completed' : 'other',
      startedAt: requiredTsToDate(startTime, 'startTime').toISOString(),
      database: witnessIn(memo),
    },
  ];
}

/** What the starter knew of the database; null in memos from before it was told. */
export function witnessIn(memo: Raw['memo']): DatabaseWitness | null {
  const payload = memo?.fields?.[WITNESS_MEMO];
  return payload ? defaultPayloadConverter.fromPayload<DatabaseWitness>(payload) : null;
}
