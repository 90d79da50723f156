import { rm } from 'node:fs/promises';
import type { ManagedProcess } from '../../src/local/managed-process.ts';

export default async function teardown(): Promise<void> {
  const globals = globalThis as { testProcesses?: ManagedProcess[]; testDirectories?: string[] };
  await Promise.all((globals.testProcesses ?? []).map((process) => process.stop(5_000)));
  for (const directory of globals.testDirectories ?? []) await rm(directory, { recursive: true, force: true });
}
