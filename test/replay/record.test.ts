// Not a test but a recorder, run by `npm run record`: walks every path that has no history yet and keeps its history. A
// recorded history is never changed: it stands for the orders that are open while a new version is deployed.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test } from '@jest/globals';
import { putProduct } from '../support/orders.ts';
import { paths, shortBounds } from '../support/paths.ts';
import { startTestStack } from '../support/stack.ts';

const fileOf = (name: string): string => fileURLToPath(new URL(`histories/${name}.json`, import.meta.url));
const isRecording = process.env['RECORD_HISTORIES'] === '1';

test('every path of an order has a recorded history', () => {
  if (isRecording) return;
  expect(paths.filter(({ name }) => !existsSync(fileOf(name))).map(({ name }) => name)).toEqual([]);
});

(isRecording ? test : test.skip)(
  'records the paths that have none',
  async () => {
    const stack = await startTestStack({ env: shortBounds });
    await putProduct(stack.url, 'book');
    await putProduct(stack.url, 'free', { priceMinor: 0 });
    for (const { name, walk } of paths.filter((path) => !existsSync(fileOf(path.name)))) {
      const id = await walk(stack);
      const handle = stack.temporal.workflow.getHandle(id);
      if (name !== 'refund-failed-parks') await handle.result();
      const json: unknown = JSON.parse(historyToJSON(await handle.fetchHistory()));
      await writeFile(fileOf(name), `${JSON.stringify(json, scrub, 1)}\n`);
    }
    await stack.close();
  },
  300_000,
);

/** What says something about the machine and nothing about the order; replay reads neither. */
const scrub = (name: string, value: unknown): unknown =>
  name === 'stackTrace' ? '' : name === 'identity' ? 'worker' : value;
