// What waits in Temporal's task queues, for monitoring. What must stay true: no call waits without a limit, and no answer is never
// shown as an empty queue.
import type { Client } from '@temporalio/client';
import { TaskQueue } from '../../contracts/ids.ts';
import type { QueueStanding, TaskQueues } from '../../ports/figures.ts';

const DEADLINE_MS = 1_500;
// A poll lasts a minute at most, and clocks differ. Temporal itself remembers who polled for five minutes: workers that are dead.
const POLLED_WITHIN_MS = 90_000;
// TASK_QUEUE_TYPE_… of Temporal's API; the enum itself lives in a package that is not ours to depend on.
const KINDS = { workflow: 1, activity: 2 } as const;

const asked: readonly Pick<QueueStanding, 'queue' | 'kind'>[] = [
  { queue: TaskQueue.orders, kind: 'workflow' },
  { queue: TaskQueue.orders, kind: 'activity' },
  { queue: TaskQueue.payments, kind: 'activity' },
  { queue: TaskQueue.carrier, kind: 'activity' },
];

export function createTaskQueues({ client }: { client: Client }): TaskQueues {
  const { namespace } = client.options;
  async function describe({ queue, kind }: Pick<QueueStanding, 'queue' | 'kind'>): Promise<QueueStanding> {
    const { stats, pollers } = await client.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: queue },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- see above
      taskQueueType: KINDS[kind],
      reportStats: true,
    });
    if (!stats) throw new Error(`Expected Temporal to say what waits in ${queue}; found nothing about it`);
    const { approximateBacklogCount: count, approximateBacklogAge: age } = stats;
    return {
      queue,
      kind,
      backlog: Number(count ?? 0),
      oldestSeconds: Number(age?.seconds ?? 0) + (age?.nanos ?? 0) / 1e9,
      pollers: pollers.filter(({ lastAccessTime }) => agoMs(lastAccessTime) <= POLLED_WITHIN_MS).length,
    };
  }
  return {
    read: () => client.connection.withDeadline(Date.now() + DEADLINE_MS, () => Promise.all(asked.map(describe))),
  };
}

type Timestamp = { seconds?: { toString: () => string } | number | null; nanos?: number | null };

const agoMs = (at: Timestamp | null | undefined): number =>
  at ? Date.now() - Number(at.seconds ?? 0) * 1_000 - (at.nanos ?? 0) / 1e6 : Infinity;
