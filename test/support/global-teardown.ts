import type { ManagedProcess } from '../../src/local/managed-process.ts';

export default async function teardown(): Promise<void> {
  const { testProcesses = [] } = globalThis as { testProcesses?: ManagedProcess[] };
  await Promise.all(testProcesses.map((process) => process.stop(5_000)));
}
