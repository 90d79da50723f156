import { describe, expect, test } from '@jest/globals';
import { checkCell, type CellFacts } from '../../../bench/invariants.ts';
import type { JournalItem } from '../../../src/verify/invariants.ts';

const ids = ['order_01m8ezkcvsecw948hgxfb25rnr', 'order_01m8ezkcvsecw948hgxfb25rns'];
const [first = '', second = ''] = ids;

const journalOf = (orderId: string): JournalItem[] =>
  (['create', 'confirm'] as const).map((operation) => ({
    ...{ operation, effect: operation === 'create' ? 'created' : 'captured', amountMinor: 2_000, replayed: false },
    ...{ idempotencyKey: `${orderId}:${operation}:1`, orderId },
  }));

/** Two orders of ours, confirmed. */
const sound: CellFacts = {
  ...{ variant: 'ours', accepted: ids, mayRunAgain: false, brokenRows: { 'a rule of rows': [] }, unitsSold: 4 },
  orders: ids.map((id) => ({ id, status: 'confirmed' })),
  ledger: ids.map((orderId) => ({ orderId, balance: 2_000 })),
  journal: ids.flatMap(journalOf),
  workflows: ids.map((id) => ({ id, status: 'COMPLETED' })),
};
const rulesOf = (change: Partial<CellFacts>): string[] => checkCell({ ...sound, ...change }).map(({ rule }) => rule);

const LOST = 'no accepted order is lost';
const WORKFLOW = 'every accepted order has one workflow, and it has completed';
const STRANGER = 'every order was accepted, and once';
const CAPTURED = 'every order is captured once';
const AGREE = 'the provider’s journal and the ledger agree';
const SOLD = 'as many units are sold as were ordered';

describe('a cell', () => {
  test('counts when every accepted order is confirmed, paid and sold once', () => {
    expect(checkCell(sound)).toEqual([]);
  });

  test('is void by one order that is lost, and names it', () => {
    const [row] = sound.orders;
    const broken = checkCell({ ...sound, orders: row ? [row] : [] });
    expect(broken).toEqual([{ rule: LOST, count: 1, examples: [{ id: second }] }]);
  });

  const voids: [string, Partial<CellFacts>, string[]][] = [
    [
      'has not ended',
      {
        orders: [
          { id: first, status: 'confirmed' },
          { id: second, status: 'reserved' },
        ],
      },
      [LOST],
    ],
    [
      'was rejected',
      {
        orders: [
          { id: first, status: 'confirmed' },
          { id: second, status: 'rejected' },
        ],
      },
      [LOST],
    ],
    ['has no workflow', { workflows: [{ id: first, status: 'COMPLETED' }] }, [WORKFLOW]],
    ['has an open workflow', { workflows: ids.map((id) => ({ id, status: 'RUNNING' })) }, [WORKFLOW]],
    ['has run twice', { workflows: [...sound.workflows, { id: first, status: 'COMPLETED' }] }, [WORKFLOW]],
    ['nobody was told of', { orders: [...sound.orders, { id: 'another', status: 'confirmed' }] }, [STRANGER]],
    ['was told to two', { accepted: [...ids, first] }, [STRANGER, SOLD]],
    [
      'was captured twice',
      { journal: [...sound.journal, ...journalOf(first).slice(1)] },
      [CAPTURED, AGREE, 'one effect for each key'],
    ],
    ['was never captured', { journal: journalOf(first) }, [CAPTURED, AGREE]],
    ['sold too much', { unitsSold: 5 }, [SOLD]],
    [
      'breaks a rule of verify',
      { brokenRows: { '0 ≤ reserved ≤ on hand': [{ sku: 'a' }] } },
      ['0 ≤ reserved ≤ on hand'],
    ],
  ];
  test.each(voids)('is void by an order that %s', (_what, change, rules) => {
    expect(rulesOf(change)).toEqual(rules);
  });

  test('may have run an order again where Temporal was ended on purpose, but not left it open', () => {
    const again = [...sound.workflows, { id: first, status: 'COMPLETED' }];
    expect(rulesOf({ mayRunAgain: true, workflows: again })).toEqual([]);
    expect(rulesOf({ mayRunAgain: true, workflows: [...again, { id: first, status: 'RUNNING' }] })).toEqual([WORKFLOW]);
    expect(rulesOf({ mayRunAgain: true, workflows: [] })).toEqual([WORKFLOW]);
  });

  test('is asked for no more than its variant does', () => {
    const nothing = { ledger: [], journal: [], workflows: [], unitsSold: 0 };
    const placed = ids.map((id) => ({ id, status: 'placed' }));
    expect(rulesOf({ ...nothing, variant: 'accept', orders: placed })).toEqual([]);
    expect(rulesOf({ ...nothing, variant: 'accept' })).toEqual([LOST]);
    expect(rulesOf({ ...nothing, variant: 'empty', orders: [], workflows: sound.workflows })).toEqual([]);
    expect(rulesOf({ ...nothing, variant: 'empty', orders: [] })).toEqual([WORKFLOW]);
    expect(rulesOf({ variant: 'floor', journal: [], workflows: [] })).toEqual([]);
    expect(rulesOf({ variant: 'naive', workflows: [] })).toEqual([WORKFLOW]);
  });
});
