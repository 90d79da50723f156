// What a worker of a variant shows beside its work: whether it polls.
import type { Worker } from '@temporalio/worker';
import { json, serveAside } from '../../src/runtime/side-server.ts';

/** Runs the worker until the process is told to end. */
export async function serveWorker(worker: Worker): Promise<void> {
  const aside = await serveAside({
    host: '127.0.0.1',
    port: Number(process.env['WORKER_HEALTH_PORT']),
    pages: { '/readyz': () => json(worker.getState() === 'RUNNING' ? 200 : 503, { state: worker.getState() }) },
  });
  // The SDK ends it on SIGTERM.
  await worker.run();
  await aside.close();
}
