// Who polls, as Temporal says it: it remembers pollers for five minutes after they are gone.
import { expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { createTaskQueues } from '../../src/adapters/temporal/task-queues.ts';

const ago = (ms: number) => ({ lastAccessTime: { seconds: Math.floor((Date.now() - ms) / 1_000), nanos: 0 } });
const temporal = (answer: object): Client =>
  ({
    options: { namespace: 'default' },
    connection: { withDeadline: (_until: number, call: () => unknown) => call() },
    workflowService: { describeTaskQueue: () => Promise.resolve(answer) },
  }) as unknown as Client;
const stats = { approximateBacklogCount: 3, approximateBacklogAge: { seconds: 7, nanos: 500_000_000 } };

test('who polled minutes ago is not counted as somebody who polls', async () => {
  const pollers = [ago(0), ago(60_000), ago(180_000), { lastAccessTime: null }, {}];
  const [queue] = await createTaskQueues({ client: temporal({ stats, pollers }) }).read();
  expect(queue).toEqual({ queue: 'orders', kind: 'workflow', backlog: 3, oldestSeconds: 7.5, pollers: 2 });
  const dead = await createTaskQueues({ client: temporal({ stats, pollers: [ago(180_000)] }) }).read();
  expect(dead.map((each) => each.pollers)).toEqual([0, 0, 0, 0]);
});
