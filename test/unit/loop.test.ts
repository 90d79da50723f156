// Background loops: what fails in them must show, and only as long as it does.
import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createLoop } from '../../src/background/loop.ts';
import { createHealthMonitor } from '../../src/runtime/health.ts';
import { until } from '../support/until.ts';

test('a loop that fails is a failing part of health until it works again', async () => {
  let broken = true;
  let turns = 0;
  const loop = createLoop({
    name: 'test',
    pauseMs: 5,
    work: () => {
      turns += 1;
      return broken ? Promise.reject(new Error('no such table')) : Promise.resolve(false);
    },
    logger: pino({ level: 'silent' }),
  });
  const monitor = createHealthMonitor({ loop: loop.check });
  loop.start();
  await until(() => turns > 0, 'a turn');
  expect(await monitor.check()).toMatchObject({ loop: { state: 'failing', detail: 'no such table' } });
  broken = false;
  const before = turns;
  await until(() => turns > before + 1, 'a turn that works');
  expect(await monitor.check()).toMatchObject({ loop: { state: 'ok' } });
  await loop.stop();
});
