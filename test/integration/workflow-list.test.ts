// Which workflows Temporal has, in our words. No worker runs: what is started stays open until somebody ends it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createWorkflowList } from '../../src/adapters/temporal/workflow-list.ts';
import { orderAttentionKey } from '../../src/contracts/search-attributes.ts';
import type { ListedWorkflow, WorkflowList } from '../../src/ports/workflow-list.ts';
import { sharedServers, testNamespace } from '../support/servers.ts';
import { until } from '../support/until.ts';

const TYPE = 'processOrder';
let connection: Connection;
let client: Client;
let workflows: WorkflowList;

beforeAll(async () => {
  const { temporalAddress } = await sharedServers();
  connection = await Connection.connect({ address: temporalAddress });
  client = new Client({ connection, namespace: await testNamespace() });
  workflows = createWorkflowList({ client });
  for (const id of ['list-1', 'list-2', 'list-3']) await start(id);
  await start('other-1', 'followPayment');
  await client.workflow.getHandle('list-2').terminate('for the test');
  await until(async () => (await all({})).length === 3, 'the list shows all that was started');
  await until(async () => (await all({ onlyRunning: true })).length === 2, 'the list shows what was ended');
});
afterAll(async () => {
  for (const id of ['list-1', 'list-3', 'other-1']) await client.workflow.getHandle(id).terminate('the test is over');
  await connection.close();
});

const start = (workflowId: string, type = TYPE) =>
  client.workflow.start(type, {
    taskQueue: 'nobody-polls-this',
    workflowId,
    ...(workflowId === 'list-3'
      ? { typedSearchAttributes: [{ key: orderAttentionKey, value: 'charge-payment' }] }
      : {}),
  });

async function all(filter: { onlyRunning?: boolean; startedFrom?: string; startedBefore?: string }) {
  const found: ListedWorkflow[] = [];
  for (let cursor: string | null = null; ;) {
    const page = await workflows.list({ type: TYPE, ...filter, cursor, limit: 2 });
    found.push(...page.items);
    cursor = page.next;
    if (cursor === null) return found;
  }
}

const idsOf = (found: readonly ListedWorkflow[]) => found.map(({ workflowId }) => workflowId).sort();

test('lists the workflows of a type over all pages, all of them or those that run', async () => {
  expect(idsOf(await all({}))).toEqual(['list-1', 'list-2', 'list-3']);
  expect(idsOf(await all({ onlyRunning: true }))).toEqual(['list-1', 'list-3']);
});

test('lists those that began in a span of time', async () => {
  const now = new Date().toISOString();
  expect(await all({ startedFrom: now })).toEqual([]);
  expect(await all({ startedBefore: now })).toHaveLength(3);
});

test('describes one as it stands now, parked or ended; of none it knows it says so', async () => {
  const ended = await workflows.describe({ workflowId: 'list-2' });
  expect(ended).toMatchObject({ workflowId: 'list-2', status: 'terminated', attention: null });
  expect(Date.parse(ended?.closedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(ended?.startedAt ?? ''));
  expect(await workflows.describe({ workflowId: 'list-3' })).toMatchObject({
    status: 'running',
    closedAt: null,
    attention: 'charge-payment',
  });
  expect(await workflows.describe({ workflowId: 'list-4' })).toBeNull();
});
