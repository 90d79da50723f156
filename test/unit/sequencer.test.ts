// The sequencer of an idle process leaves the database alone, and that of a busy one does not let its events wait.
import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSequencer } from '../../src/background/sequencer.ts';
import { silent } from '../support/database.ts';
import { memoryFeed } from '../support/feed.ts';
import { until } from '../support/until.ts';

const started: ReturnType<typeof createSequencer>[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((sequencer) => sequencer.stop()))));

function start(answer: () => Promise<number>) {
  let transactions = 0;
  let asked = 0;
  const events = {
    ...memoryFeed().events,
    assignPositions: () => {
      asked += 1;
      return answer();
    },
    transactions: () => transactions,
  };
  const sequencer = createSequencer({ events, logger: silent });
  started.push(sequencer);
  sequencer.start();
  return { sequencer, asked: () => asked, write: () => (transactions += 1) };
}

test('while its process writes nothing it asks now and then, and at its next turn after a transaction', async () => {
  const { asked, write } = start(() => Promise.resolve(0));
  await until(() => asked() === 1, 'its first turn');
  // Twenty turns, two or three of which ask.
  await sleep(1_000);
  expect(asked()).toBeGreaterThan(1);
  expect(asked()).toBeLessThan(6);
  for (let turn = 0; turn < 5; turn += 1) {
    const before = asked();
    write();
    await until(() => asked() > before, 'it asks after a transaction', 400);
  }
});

test('what failed is ill until it was asked again, however idle the process is', async () => {
  let isWell = true;
  const { sequencer, asked } = start(() => (isWell ? Promise.resolve(0) : Promise.reject(new Error('away'))));
  await until(() => asked() > 0, 'its first turn');
  isWell = false;
  await until(() => asked() > 1, 'it is asked, and fails');
  const failed = asked();
  // Half a second apart it would be three seconds.
  await until(() => asked() > failed + 5, 'it is asked turn by turn', 1_500);
  await expect(sequencer.check()).rejects.toThrow('away');
  isWell = true;
  const before = asked();
  await until(() => asked() > before, 'it is asked');
  await until(() => sequencer.check().then(() => true), 'it is well');
});
