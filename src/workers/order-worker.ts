// The workers of a process. What must stay true: calls to the provider, and to the carrier, run on queues of their own whose rates are
// capped for all processes together, and a worker that is told to stop gives its activities time to finish.
import type { DataConverter } from '@temporalio/common';
import {
  Worker,
  type InjectedSinks,
  type NativeConnection,
  type WorkerDeploymentOptions,
  type WorkerOptions,
  type WorkflowBundle,
} from '@temporalio/worker';
import type {
  CarrierActivities,
  NoticeActivities,
  ProviderActivities,
  ReconcileActivities,
  ReconcileProviderActivities,
  ResolveManyActivities,
  StepActivities,
} from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import type { TraceSinks } from '../contracts/traces.ts';

// The cap is in provider requests. A charge makes two (create, confirm), an undo that voids two. One that refunds makes four: so few
// do that counting all as such would halve the orders that can be paid; where it is too much, the provider asks for patience (429).
const REQUESTS_PER_ACTIVITY = 2;
// How long a killed worker's orders wait for it before another takes them (10 s by default).
const STICKY_TIMEOUT = '5s';
// Ending workflow code that runs for too long ends the whole process (nodejs/node#38503), and time goes by for one that is stopped, too: a
// worker that was frozen for the SDK's five seconds in the midst of a workflow died of it when it went on. A loop without an end shows as
// workflow tasks that time out. The SDK reads it, and has it in no type; test/chaos/frozen-worker notices when it no longer does.
const isolatePatience: object = { isolateExecutionTimeout: '5m' };
// Together below the time in which a process must be gone.
const SHUTDOWN_GRACE = '4s';
const SHUTDOWN_FORCE = '8s';

export type OrderWorkers = {
  /**
   * Runs until stopped. When one worker fails for good (the namespace is gone, say) the other is stopped, and only when both
   * are done it rejects: nothing that their activities use may be closed before.
   */
  run: () => Promise<void>;
  stop: () => void;
  isRunning: () => boolean;
};

/** One build of the workers, among those of a deployment that Temporal moves work between. */
export type WorkerVersion = { deploymentName: string; buildId: string };

type Options = {
  connection: NativeConnection;
  namespace: string;
  dataConverter: DataConverter;
  /** By which Temporal and people tell workers apart (contracts/worker-identity.ts). */
  identity: string;
  bundle: WorkflowBundle;
  steps: StepActivities;
  bulk: ResolveManyActivities & ReconcileActivities;
  provider: ProviderActivities & ReconcileProviderActivities;
  carrier: CarrierActivities;
  /** Null: no mail is sent. */
  notices?: { activities: NoticeActivities; atOnce: number; perSecond: number } | null;
  providerRequestsPerSecond: number;
  carrierRequestsPerSecond: number;
  maxCachedWorkflows: number;
  /** Null: without versions, any worker takes any task. */
  version: WorkerVersion | null;
  /** What becomes of the spans of workflows and activities. */
  traces: Pick<WorkerOptions, 'interceptors'> & { sinks: InjectedSinks<TraceSinks> };
};

export async function createOrderWorkers(options: Options): Promise<OrderWorkers> {
  return together(await createWorkers(options));
}

async function createWorkers(options: Options): Promise<Worker[]> {
  const { connection, namespace, dataConverter, version, traces } = options;
  const shared = {
    connection,
    namespace,
    dataConverter,
    identity: options.identity,
    ...traces,
    shutdownGraceTime: SHUTDOWN_GRACE,
    shutdownForceTime: SHUTDOWN_FORCE,
    // All queues: an activity of a workflow that keeps its version is to run in that version as well.
    ...(version ? { workerDeploymentOptions: deploymentOf(version) } : {}),
  } as const;

  const orders = await Worker.create({
    ...shared,
    taskQueue: TaskQueue.orders,
    workflowBundle: options.bundle,
    // Registered here because local activities run where their workflow runs.
    activities: { ...options.steps, ...options.bulk },
    maxCachedWorkflows: options.maxCachedWorkflows,
    ...isolatePatience,
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT,
  });
  const payments = await Worker.create({
    ...shared,
    taskQueue: TaskQueue.payments,
    activities: options.provider,
    maxTaskQueueActivitiesPerSecond: options.providerRequestsPerSecond / REQUESTS_PER_ACTIVITY,
  });

  const carrier = await Worker.create({
    ...shared,
    taskQueue: TaskQueue.carrier,
    activities: options.carrier,
    maxTaskQueueActivitiesPerSecond: options.carrierRequestsPerSecond / REQUESTS_PER_ACTIVITY,
  });

  if (!options.notices) return [orders, payments, carrier];
  const { activities, atOnce, perSecond } = options.notices;
  const notices = await Worker.create({
    ...shared,
    taskQueue: TaskQueue.notices,
    activities,
    // As many as there are connections to the mail server: more would only wait for one.
    maxConcurrentActivityTaskExecutions: atOnce,
    maxTaskQueueActivitiesPerSecond: perSecond,
  });

  return [orders, payments, carrier, notices];
}

/** Workers that run and stop as one. */
function together(workers: readonly Worker[]): OrderWorkers {
  const stop = (): void => {
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const isRunning = (): boolean => workers.every((worker) => worker.getState() === 'RUNNING');
  return {
    run: async () => {
      const ends = await Promise.allSettled(
        workers.map((worker) =>
          worker.run().finally(() => {
            stop();
          }),
        ),
      );
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
    },
    stop,
    isRunning,
  };
}

const deploymentOf = (version: WorkerVersion): WorkerDeploymentOptions => ({
  version,
  useWorkerVersioning: true,
  // For a type that says nothing itself (all of ours do, see workflows/versioning.ts): patches guard it either way.
  defaultVersioningBehavior: 'AUTO_UPGRADE',
});
