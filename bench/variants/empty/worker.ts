// Runs empty workflows with the SDK's defaults, and tells who asks which of them are done.
import { fileURLToPath } from 'node:url';
import { NativeConnection, Worker } from '@temporalio/worker';
import { loadTemporalConnection } from '../../../src/runtime/temporal.ts';
import { serveWorker } from '../worker-pages.ts';

const temporal = loadTemporalConnection();
const connection = await NativeConnection.connect(temporal.connection);
const worker = await Worker.create({
  connection,
  namespace: temporal.namespace,
  taskQueue: 'empty-orders',
  workflowsPath: fileURLToPath(new URL('./workflows.js', import.meta.url)),
});
await serveWorker(worker);
await connection.close();
