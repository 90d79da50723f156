import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { createSearchAttributeCheck } from '../../src/adapters/temporal/search-attributes.ts';
import { sharedServers, testNamespace } from '../support/servers.ts';

let connection: Connection;
beforeAll(async () => {
  connection = await Connection.connect({ address: (await sharedServers()).temporalAddress });
});
afterAll(() => connection.close());

test('a namespace that knows them all is well', async () => {
  const client = new Client({ connection, namespace: await testNamespace() });
  await expect(createSearchAttributeCheck({ client })()).resolves.toBeUndefined();
});

test('one that lacks some is told which, and how to make them; once they are there it is well', async () => {
  // Temporal's own namespace: nobody has told it of orders.
  const client = new Client({ connection, namespace: 'temporal-system' });
  const check = createSearchAttributeCheck({ client });
  await expect(check()).rejects.toThrow(
    /lacks search attributes: OrderStatus, OrderAttention, CustomerId, OrderTotalMinor\..*--name OrderStatus --type Keyword .*--name OrderTotalMinor --type Int/,
  );
});
