// Parts that are broken on purpose come back as after any death, and are not given up for it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { createPartControl } from '../../../src/local/chaos.ts';
import { keepRunning, type Part } from '../../../src/local/keeper.ts';
import { until } from '../../support/until.ts';

test('is killed more often than an illness is borne, put away and brought back', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'durable-orders-keeper-'));
  const parts: Part[] = [];
  const control = createPartControl(parts);
  const givenUp: string[] = [];
  let isReady = true;
  const program = { name: 'temporal', command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'] };
  const part = await keepRunning(
    program,
    { logs: join(directory, 'logs'), run: join(directory, 'run') },
    {
      onRestart: () => undefined,
      onGiveUp: (name) => void givenUp.push(name),
      isExcused: control.isExcused,
      ask: () => (isReady ? Promise.resolve() : Promise.reject(new Error('not yet'))),
    },
  );
  parts.push(part);
  try {
    expect(control.isExcused()).toBe(false);
    for (let time = 1; time <= 5; time += 1) {
      const { pid } = part.current();
      expect(control.kill('temporal')).toMatchObject({ name: 'temporal', pid });
      await until(() => ![pid, null].includes(part.pid()), 'another process', 5_000);
    }
    expect(givenUp).toEqual([]);
    isReady = false;
    expect(await control.list()).toMatchObject([{ name: 'temporal', state: 'starting' }]);
    isReady = true;
    expect(await control.list()).toMatchObject([{ name: 'temporal', state: 'running' }]);

    control.stop('temporal');
    await until(() => part.pid() === null, 'it is away');
    expect(await control.list()).toEqual([{ name: 'temporal', pid: null, state: 'stopped' }]);
    expect(control.kill('temporal')).toMatchObject({ pid: null });
    control.start('temporal');
    await until(() => part.pid() !== null, 'it is back');
    expect([control.kill('postgres'), control.stop('api'), control.start('nothing')]).toEqual([null, null, null]);
  } finally {
    await part.stop(1_000);
    await rm(directory, { recursive: true, force: true });
  }
}, 30_000);
