// Versions of workers, as Temporal knows them.
import type { Stack } from './stack.ts';
import { until } from './until.ts';

type Version = { deploymentName: string; buildId: string };

/** From now on it gets what is new, and what moves on. Temporal refuses it until it has heard of both queues. */
export const makeCurrent = ({ temporal, namespace }: Stack, version: Version): Promise<void> =>
  until(async () => {
    await temporal.workflowService.setWorkerDeploymentCurrentVersion({ namespace, ...version });
    return true;
  }, `version ${version.buildId} is the current one`);

// VersionDrainageStatus of Temporal's API; the enum itself lives in a package that is not ours to depend on.
const drainages = new Map<number, 'DRAINING' | 'DRAINED'>([
  [1, 'DRAINING'],
  [2, 'DRAINED'],
]);

/** Whether anything still needs it; `none` while it is the current version. */
export async function drainageOf(
  { temporal, namespace }: Stack,
  deploymentName: string,
  buildId: string,
): Promise<'DRAINING' | 'DRAINED' | 'none'> {
  const { workerDeploymentVersionInfo: info } = await temporal.workflowService.describeWorkerDeploymentVersion({
    namespace,
    deploymentVersion: { deploymentName, buildId },
  });
  return drainages.get(info?.drainageInfo?.status ?? 0) ?? 'none';
}

/** The builds that worked on a workflow, in the order in which each began to. */
export async function versionsOf({ temporal }: Stack, workflowId: string): Promise<string[]> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const builds = (events ?? []).flatMap(({ workflowTaskCompletedEventAttributes: task }) =>
    task ? [task.deploymentVersion?.buildId ?? 'none'] : [],
  );
  return builds.filter((build, index) => build !== builds[index - 1]);
}
