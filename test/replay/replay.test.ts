import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { recordedHistories, refusedHistories, underTrace } from '../support/replay.ts';
import { sharedServers } from '../support/servers.ts';

test('every recorded history replays against the workflow as it is: open orders survive a deploy', async () => {
  const { bundlePath } = await sharedServers();
  expect((await recordedHistories()).length).toBeGreaterThanOrEqual(14);
  expect(await refusedHistories(await readFile(bundlePath, 'utf8'))).toEqual(new Map());
});

test('every history replays with the trace that it was recorded without: traces can be turned on under open orders', async () => {
  const { bundlePath } = await sharedServers();
  expect(await refusedHistories(await readFile(bundlePath, 'utf8'), undefined, underTrace)).toEqual(new Map());
});
