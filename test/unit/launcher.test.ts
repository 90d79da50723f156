// The launcher starts what is accepted, and once.
import { afterEach, expect, test } from '@jest/globals';
import { createLauncher, type Launcher } from '../../src/background/launcher.ts';
import type { LaunchableOrder } from '../../src/ports/launch.ts';
import { silent } from '../support/database.ts';
import { until } from '../support/until.ts';

const order = (orderId: string): LaunchableOrder => ({ orderId }) as LaunchableOrder;
let launcher: Launcher | null = null;
afterEach(() => launcher?.stop());

test('an order whose mark falls due while it still waits for its start here is started once', async () => {
  const started: string[] = [];
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let claims = 0;
  const marks = {
    claimDue: () => Promise.resolve((claims += 1) === 1 ? ['first', 'last', 'due'].map(order) : []),
    countWaiting: () => Promise.resolve(0),
    findOpen: () => Promise.resolve(null),
    noteRunning: () => Promise.resolve(),
    markAgain: () => Promise.resolve(),
  };
  const starter = {
    start: async ({ orderId }: LaunchableOrder) => {
      started.push(orderId);
      await held;
      return 'started' as const;
    },
  };
  launcher = createLauncher({ marks, starter, backlogLimit: 10, logger: silent });
  // More than are started at once: the last one waits in the queue.
  for (const orderId of ['first', ...Array.from({ length: 31 }, (_, index) => `other-${index}`), 'last'])
    launcher.launchSoon(order(orderId));
  launcher.start();
  await until(() => claims > 0, 'marks are claimed');
  letGo();
  await until(() => started.includes('due') && started.includes('last'), 'what was due is started');
  expect(started.length).toBe(34);
  expect(new Set(started).size).toBe(34);
  // It may be needed again later.
  launcher.launchSoon(order('first'));
  await until(() => started.length === 35, 'it is started again');
});
