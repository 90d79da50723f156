// Writes the order, starts its workflow, and answers when it is started.
import { Client, Connection } from '@temporalio/client';
import { createAcceptance } from '../../../src/adapters/postgres/acceptance.ts';
import { openDatabase, REQUEST_PATIENCE } from '../../../src/adapters/postgres/database.ts';
import { loadApiConfig } from '../../../src/runtime/config.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { loadTemporalConnection } from '../../../src/runtime/temporal.ts';
import { openDoor, pricingOf } from '../door.ts';
import type { naiveOrder } from './workflows.ts';

const config = loadApiConfig();
const logger = createLogger({ name: 'naive', level: config.LOG_LEVEL });
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: REQUEST_PATIENCE,
  applicationName: 'bench-naive-api',
  logger,
});
const temporal = loadTemporalConnection();
const connection = await Connection.connect(temporal.connection);
const client = new Client({ connection, namespace: temporal.namespace });
const acceptance = createAcceptance({ db, pricing: pricingOf(config) });

await openDoor({
  config,
  logger,
  place: async (request, plan) => {
    const accepting = await acceptance.place(request, plan);
    if ('accepted' in accepting) {
      const { orderId } = accepting.accepted;
      await client.workflow.start<typeof naiveOrder>('naiveOrder', {
        taskQueue: 'naive-orders',
        workflowId: orderId,
        args: [{ orderId }],
      });
    }
    return accepting;
  },
  parts: [
    { name: 'database', close: () => db.destroy() },
    { name: 'temporal', close: () => connection.close() },
  ],
});
