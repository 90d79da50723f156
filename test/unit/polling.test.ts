import { expect, test } from '@jest/globals';
import { createPolling, type Polling } from '../../src/workers/polling.ts';
import { until } from '../support/until.ts';

type Watched = { state: { mayWork: boolean; made: number; running: number }; polling: Polling };
type Happening = (watched: Watched) => void;

/** Workers that run until they are stopped. `whileMade` happens while they are made, `whileStopping` before they are gone. */
function startPolling({ whileMade, whileStopping }: { whileMade?: Happening; whileStopping?: Happening } = {}) {
  const state = { mayWork: true, made: 0, running: 0 };
  const polling: Polling = createPolling({
    mayWork: () => state.mayWork,
    start: () => {
      state.made += 1;
      whileMade?.({ state, polling });
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => (end = resolve));
      let isRunning = false;
      return Promise.resolve({
        run: async () => {
          isRunning = true;
          state.running += 1;
          await ended;
          whileStopping?.({ state, polling });
          isRunning = false;
          state.running -= 1;
        },
        stop: () => end(),
        isRunning: () => isRunning,
      });
    },
    onStart: () => undefined,
  });
  return { state, polling, ended: polling.run() };
}

test('takes nothing while it may not, and goes on once it may', async () => {
  const { state, polling, ended } = startPolling();
  await until(() => polling.isUnderWay(), 'it polls');
  state.mayWork = false;
  polling.pause();
  await until(() => state.running === 0, 'it stops');
  expect([polling.isUnderWay(), state.made]).toEqual([false, 1]);
  state.mayWork = true;
  await until(() => polling.isUnderWay(), 'it polls again');
  await polling.close();
  await ended;
  expect(state).toMatchObject({ made: 2, running: 0 });
});

test('goes on as well when it may again before the workers are gone', async () => {
  const { state, polling, ended } = startPolling({ whileStopping: (watched) => (watched.state.mayWork = true) });
  await until(() => polling.isUnderWay(), 'it polls');
  state.mayWork = false;
  polling.pause();
  await until(() => state.made === 2 && polling.isUnderWay(), 'it polls again');
  await polling.close();
  await ended;
});

test('stops at once when the alarm came while the workers were being made, and goes on when it is over', async () => {
  const { state, polling, ended } = startPolling({
    whileMade: (watched) => (watched.state.mayWork = watched.state.made > 1),
  });
  await until(() => state.made === 1 && !polling.isUnderWay(), 'the first were stopped');
  expect(state.running).toBe(0);
  state.mayWork = true;
  await until(() => polling.isUnderWay(), 'it polls');
  await polling.close();
  await ended;
  expect(state.made).toBe(2);
});

test('does not begin once it is closed, also when it is closed while the workers are being made', async () => {
  const { state, polling, ended } = startPolling({ whileMade: (watched) => void watched.polling.close() });
  await ended;
  expect([state.made, polling.isUnderWay()]).toEqual([1, false]);
});
