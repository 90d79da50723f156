import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { recordedHistories, refusedHistories } from '../support/replay.ts';
import { sharedServers } from '../support/servers.ts';

test('every recorded history replays against the workflow as it is: open orders survive a deploy', async () => {
  const { bundlePath } = await sharedServers();
  expect((await recordedHistories()).length).toBeGreaterThanOrEqual(14);
  expect(await refusedHistories(await readFile(bundlePath, 'utf8'))).toEqual(new Map());
});
