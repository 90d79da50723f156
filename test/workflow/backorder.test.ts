// Waiting for stock in the workflow alone, with time skipped: what is there ships, the rest is waited for until its end.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure } from '../../src/contracts/failures.ts';
import { cancelUpdate, resolveUpdate, stockNewsSignal } from '../../src/contracts/messages.ts';
import type { StockStanding } from '../../src/contracts/shipment.ts';
import { cancelled } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { bounds, standing, startWorkflowTest, stepsOf, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const input = { ships: true, onShortage: 'split', bounds: { ...bounds, backorderLimitMs: 10 * DAY } } as const;
const countOf = (calls: readonly string[], name: string): number => calls.filter((call) => call === name).length;
const one = { first: 1, number: 1 };
const two = { first: 2, number: 2 };
const waits = (nextInMs: number | null, shipments: StockStanding['shipments'] = []): StockStanding => ({
  ...{ shipments, nextInMs },
  until: nextInMs === null ? null : '2026-01-02T00:00:00.000Z',
});

const undone = ['cancelShipments', 'findFurtherPayments', 'refundPayment', 'releaseInventory', 'closeOrder'];

describe('an order that waits for stock', () => {
  test('ships what is there at once, and what comes when it is told; then it is over', async () => {
    let hasCome = false;
    const labelled: number[] = [];
    const asked: number[] = [];
    const script: Script = {
      awaitStock: ({ withinMs }) => {
        asked.push(withinMs);
        return hasCome ? waits(null, [two]) : waits(5 * DAY, [one]);
      },
      createShipment: ({ number }) => void labelled.push(number),
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle }) => {
        await until(() => labelled.includes(1), 'the first ships');
        hasCome = true;
        await handle.signal(stockNewsSignal);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(labelled).toEqual([1, 2]);
    expect(asked).toEqual([10 * DAY, 10 * DAY]);
    expect(calls.at(-1)).toBe('finishShipping');
    expect(calls).not.toContain('planShipments');
  });

  test('is asked again when its time means something, and at no other moment', async () => {
    const answers = [waits(5 * DAY), waits(5 * DAY), waits(null)];
    const awaitStock = (): StockStanding => answers.shift() ?? waits(null);
    const { result, calls } = await workflow.finish({ awaitStock }, input);
    expect(result).toEqual({ status: 'delivered' });
    expect(countOf(calls, 'awaitStock')).toBe(3);
    expect(calls).not.toContain('createShipment');
  });

  test('looks after each shipment once, also one that is told again, and under another number', async () => {
    let looks = 0;
    const script: Script = {
      awaitStock: () => ((looks += 1) < 3 ? waits(DAY, [one]) : waits(null, [{ first: 1, number: 7 }])),
    };
    const { calls } = await workflow.finish(script, input);
    expect(countOf(calls, 'createShipment')).toBe(1);
  });

  test('ends cancelled when nothing ever came: everything is undone', async () => {
    const ends = (): never => {
      throw endingFailure({ status: 'cancelled', reason: 'No stock came in time', actor: 'system' });
    };
    const { result, steps } = await workflow.finish({ awaitStock: ends }, input);
    expect(result).toEqual({ status: 'cancelled', reason: 'No stock came in time', actor: 'system' });
    expect(steps.slice(-5)).toEqual(undone);
  });

  test('leaves it to a person whether what has not come is given back for, then goes on', async () => {
    let isExpired = false;
    const asked: unknown[] = [];
    const { result } = await workflow.runOrder(
      {
        awaitStock: () => ({
          ...{ shipments: [], nextInMs: null, until: null },
          ...(isExpired ? {} : { undecided: 'a bank has it' }),
        }),
        expireBackorder: ({ withoutRefund }) => {
          asked.push(withoutRefund);
          if (!withoutRefund) throw needsOperatorFailure('a bank has it');
          isExpired = true;
        },
      },
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        await handle.executeUpdate(resolveUpdate, { args: [{ action: 'skip', actor: 'a', reason: 'r' }] });
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(asked).toEqual([false, true]);
  });

  test('is cancelled while it waits, its shipments first', async () => {
    const script: Script = { awaitStock: () => waits(5 * DAY, [one]), findShipment: () => standing };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('awaitShipment'), 'it waits');
        await handle.executeUpdate(cancelUpdate, { args: [{ actor: 'customer-1', reason: 'changed my mind' }] });
        return handle.result();
      },
      input,
    );
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(stepsOf(calls).slice(-5)).toEqual(undone);
  });

  test('stops waiting when a shipment says that its order ends', async () => {
    const script: Script = {
      awaitStock: () => waits(300 * DAY, [one]),
      findShipment: () => ({ ...standing, ending: cancelled }),
    };
    const { result, calls } = await workflow.finish(script, input);
    expect(result).toEqual(cancelled);
    expect(countOf(calls, 'awaitStock')).toBe(1);
  });
});
