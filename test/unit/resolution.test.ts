import { describe, expect, test } from '@jest/globals';
import { isAbout } from '../../src/domain/resolution.ts';

const [first, second] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z'];

describe('a decision about a parking that was seen', () => {
  test.each([
    ['is about the same parking of the same run', { runId: 'run', number: 2, since: second }, true],
    ['is not about an earlier one of the run', { runId: 'run', number: 1, since: first }, false],
    ['is not about a later one of the run', { runId: 'run', number: 3, since: second }, false],
    [
      'is about a row of the run before that shows the same instant',
      { runId: 'before', number: 2, since: second },
      true,
    ],
    ['is not about another row of the run before', { runId: 'before', number: 2, since: first }, false],
    ['is about a mark that reconciliation made while it was parked', { runId: 'run', number: 0, since: second }, true],
    ['is not about a mark from before it was parked', { runId: 'run', number: 0, since: first }, false],
  ])('%s', (_name, seen, answer) => {
    expect(isAbout(seen, { runId: 'run', number: 2, since: second })).toBe(answer);
  });

  test('is known by its number alone while the workflow has not heard since when its row says that it is parked', () => {
    const parking = { runId: 'run', number: 2, since: null };
    expect(isAbout({ runId: 'run', number: 2, since: second }, parking)).toBe(true);
    for (const seen of [
      { runId: 'run', number: 0, since: second },
      { runId: 'before', number: 2, since: second },
    ])
      expect(isAbout(seen, parking)).toBe(false);
  });
});
