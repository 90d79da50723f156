import { describe, expect, test } from '@jest/globals';
import { contradictionsOf, describeContradictions, type Witness } from '../../src/domain/restore.ts';
import { onlyWhenSound } from '../../src/background/restore-guard.ts';

const state = { epoch: 2, position: 50 };
const witness = (more: Partial<Witness> = {}): Witness => ({
  orderId: 'order_1',
  runId: 'run_1',
  status: 'running',
  startedAt: '2026-01-01T00:00:00.000Z',
  database: { epoch: 2, position: 50 },
  ...more,
});
const here = [{ orderId: 'order_1', isOpen: true, toldItsEnd: false }];
const closedHere = [{ orderId: 'order_1', isOpen: false, toldItsEnd: true }];
const openedByHand = [{ orderId: 'order_1', isOpen: true, toldItsEnd: true }];
const look = (witnesses: Witness[], known = here) =>
  contradictionsOf({ state, witnesses, known }).map(({ says }) => says);

describe('a database is contradicted by', () => {
  test('a workflow whose order is not there', () => {
    expect(look([witness()], [])).toEqual([expect.stringContaining('is not here')]);
  });

  test('a workflow that has come to its end while its order is open, when its history says that the end was recorded', () => {
    const found = contradictionsOf({ state, witnesses: [witness({ status: 'completed' })], known: here });
    expect(found).toEqual([{ orderId: 'order_1', says: expect.stringContaining('is open here'), endedRunId: 'run_1' }]);
  });

  test('everything else without a look into a history', () => {
    const found = contradictionsOf({ state, witnesses: [witness()], known: [] });
    expect(found).toMatchObject([{ endedRunId: null }]);
  });

  test('a workflow that was started when the feed was further', () => {
    expect(look([witness({ database: { epoch: 2, position: 51 } })])).toEqual([expect.stringContaining('position 51')]);
  });

  test('a workflow of an epoch that has not begun here, whatever else it says', () => {
    expect(look([witness({ database: { epoch: 3, position: 1 } })])).toEqual([expect.stringContaining('epoch 3')]);
  });

  test('a workflow from before memos, as long as nothing was recovered', () => {
    const first = { state: { epoch: 1, position: 50 }, witnesses: [witness({ database: null })], known: [] };
    expect(contradictionsOf(first)).toHaveLength(1);
  });
});

describe('a database is not contradicted by', () => {
  test.each<[string, Witness[], typeof here]>([
    ['a workflow at work', [witness()], here],
    ['a run that was terminated, timed out or cancelled', [witness({ status: 'other' })], here],
    ['a completed workflow of a closed order', [witness({ status: 'completed' })], closedHere],
    ['a list that lags: a closed order whose workflow still seems to run', [witness()], closedHere],
    [
      'a completed workflow of an order whose row was opened again by hand',
      [witness({ status: 'completed' })],
      openedByHand,
    ],
    ['an order that Temporal has never heard of', [], here],
    [
      'a completed run beside one that was started or reset after it',
      [witness({ status: 'completed' }), witness({ startedAt: '2026-01-02T00:00:00.000Z' })],
      here,
    ],
    [
      'a completed run beside a later one that was terminated',
      [witness({ status: 'completed' }), witness({ status: 'other', startedAt: '2026-01-02T00:00:00.000Z' })],
      here,
    ],
    ['what a recovery has dealt with', [witness({ status: 'completed', database: { epoch: 1, position: 99 } })], here],
    ['what a recovery could not mend', [witness({ database: null })], []],
  ])('%s', (_name, witnesses, known) => {
    expect(look(witnesses, known)).toEqual([]);
  });
});

test('a person reads how many contradictions there are, and the first of them', () => {
  const five = Array.from({ length: 5 }, (_, index) => ({
    orderId: `order_${index}`,
    says: 'it is not here',
    endedRunId: null,
  }));
  expect(describeContradictions(five, true)).toMatch(/^This database was restored.*\. order_0: .*and 2 more$/);
  expect(describeContradictions(five, false)).toMatch(/^This database has never had an order/);
});

test('what a request would start is not started while nobody knows whether the database is the newest', async () => {
  let mayWork = false;
  const started: string[] = [];
  const start = onlyWhenSound({ mayWork: () => mayWork }, (id: string) => Promise.resolve(started.push(id)));
  await expect(start('order_1')).rejects.toThrow('nothing is started');
  mayWork = true;
  await start('order_2');
  expect(started).toEqual(['order_2']);
});
