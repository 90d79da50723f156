import { expect, test } from '@jest/globals';
import { HAS_VERSION } from '../../src/contracts/worker-versions.ts';

// Told as a worker tells it: before any of the code runs.
Object.assign(globalThis, { [HAS_VERSION]: true });
const workflows = await import('../../src/workflows/index.ts');

test('every workflow says itself whether it keeps the version of the workers that began it', () => {
  const said = Object.entries(workflows).map(([name, workflow]) => {
    const { workflowDefinitionOptions: options } = workflow as { workflowDefinitionOptions?: unknown };
    return [name, (options as { versioningBehavior?: string } | undefined)?.versioningBehavior];
  });
  expect(said.length).toBeGreaterThan(0);
  for (const [name, behaviour] of said)
    expect([name, behaviour]).toEqual([name, expect.stringMatching(/^PINNED$|^AUTO_/)]);
  // What can wait for a person is never kept: nobody could ever end that version.
  const waiting = {
    processOrder: 'AUTO_UPGRADE',
    followPayment: 'AUTO_UPGRADE',
    refundOrder: 'AUTO_UPGRADE',
    captureOrder: 'AUTO_UPGRADE',
    returnOrder: 'AUTO_UPGRADE',
  };
  expect(Object.fromEntries(said)).toMatchObject(waiting);
});
