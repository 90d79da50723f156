import { expect, test } from '@jest/globals';
import { describeWorkers } from '../../src/api/worker-health.ts';
import { codeOf, workerIdentity } from '../../src/contracts/worker-identity.ts';

const NOW = Date.parse('2026-11-27T12:00:00Z');
const poller = (code: string | null, agoMs = 1_000) => ({
  identity: code === null ? '17@host' : workerIdentity({ pid: 17, host: 'host', code }),
  polledAt: new Date(NOW - agoMs),
});
const [one, other] = ['0123456789ab', 'ba9876543210'];

test('a worker says which build it runs', () => {
  expect(codeOf(workerIdentity({ pid: 1, host: 'a.b-c', code: one }))).toBe(one);
  expect(codeOf('17@host')).toBeNull();
});

test('of one build only how many there are is told', () => {
  expect(describeWorkers([poller(one), poller(one)], NOW)).toBe(`2 workers poll, build ${one}`);
});

test('a worker with other code is told of, and what that means', () => {
  const told = describeWorkers([poller(one), poller(one), poller(other), poller(null)], NOW);
  expect(told).toContain(
    `4 workers poll, of 3 builds of the workflows: ${one} (2), ${other} (1), one that does not say which (1)`,
  );
  expect(told).toContain('old code');
});

test('one that has gone polls no more, though Temporal still names it', () => {
  expect(describeWorkers([poller(one), poller(other, 100_000)], NOW)).toBe(`1 worker polls, build ${one}`);
  expect(() => describeWorkers([poller(one, 100_000)], NOW)).toThrow('No worker polls');
  expect(() => describeWorkers([], NOW)).toThrow('No worker polls');
});
