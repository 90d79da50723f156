import { describe, expect, test } from '@jest/globals';
import { parseBenchArguments } from '../../../bench/arguments.ts';
import { cellName } from '../../../bench/cells/cell.ts';
import { choose, fullPlan, rotated } from '../../../bench/cells/plan.ts';

const namesOf = (wanted: string[]): string[] => choose(fullPlan, wanted).cells.map(cellName);

describe('a run’s cells', () => {
  test('have names of their own', () => {
    const names = fullPlan.cells.map(cellName);
    expect(new Set(names).size).toBe(names.length);
    for (const bar of ['accept/floor/c16', 'accept/ours/c16', 'life/empty/c16', 'life/naive/c1', 'life/ours/c1'])
      expect(names).toContain(bar);
  });

  test('are chosen by a name, its beginning, or a star for a part of it', () => {
    expect(namesOf(['life/ours/c1'])).toEqual(['life/ours/c1']);
    expect(namesOf(['life/*/c16'])).toEqual([
      ...['life/empty/c16', 'life/naive/c16', 'life/ours/c16'],
      ...['life/naive/c16/150ms', 'life/ours/c16/150ms'],
    ]);
    expect(namesOf(['open'])).toHaveLength(2);
    expect(choose(fullPlan, ['memory', 'life/ours'])).toMatchObject({ studies: ['memory'], unknown: [] });
    expect(choose(fullPlan, ['life/theirs', 'starts']).unknown).toEqual(['life/theirs']);
  });

  test('are measured once in each repeat, and begin each repeat with another', () => {
    const order = rotated(['a', 'b', 'c', 'd'], 3);
    const repeats = [0, 1, 2].map((repeat) => order.filter((one) => one.repeat === repeat).map(({ cell }) => cell));
    for (const cells of repeats) expect(cells.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(new Set(repeats.map(([first]) => first)).size).toBe(3);
    expect(order.map(({ repeat }) => repeat)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  });
});

describe('the arguments', () => {
  const optionsOf = (...args: string[]) => {
    const parsed = parseBenchArguments(args);
    if (!('options' in parsed)) throw new Error(JSON.stringify(parsed));
    return parsed.options;
  };

  test('without any ask for all of it; only what is measured so well may stand in the documents', () => {
    expect(optionsOf()).toMatchObject({ plan: fullPlan, repeats: 3, orders: 20_000, outageSeconds: 60, gate: false });
    expect(optionsOf().isThorough).toBe(true);
    expect(optionsOf('--gate', '--repeats', '5', '--cells', 'life').isThorough).toBe(true);
    for (const less of ['--repeats', '--seconds', '--warm-up', '--orders', '--outage'])
      expect(optionsOf(less, '1').isThorough).toBe(false);
    expect(optionsOf('--quick').isThorough).toBe(false);
  });

  test('that say nothing that is known are a problem', () => {
    expect(parseBenchArguments(['--repeats', 'many'])).toEqual({
      problem: '--repeats: expected a whole number above 0; found many',
    });
    for (const [args, named] of [
      [['--cells', 'lief'], 'lief'],
      [['--speed'], '--speed'],
    ] as const) {
      const parsed = parseBenchArguments(args);
      expect('problem' in parsed && parsed.problem).toContain(named);
    }
  });
});
