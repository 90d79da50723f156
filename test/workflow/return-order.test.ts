// A return: it waits for an answer and for goods, each with an end, is completed with its refund, and parks what nobody may decide alone.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { resolveUpdate, returnNewsSignal, type Resolution } from '../../src/contracts/messages.ts';
import type { ReturnStanding } from '../../src/contracts/return-order.ts';
import { orderAttentionKey } from '../../src/contracts/search-attributes.ts';
import { until } from '../support/until.ts';
import { returned, startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const DAY_MS = 24 * 3_600_000;
const decision = (action: Resolution['action']): Resolution => ({
  ...{ action, actor: 'operator-1', reason: 'looked at it' },
});
const times = (calls: readonly string[], name: string): number => calls.filter((call) => call === name).length;

/** The rows of a return: what stands in them is for the test to say, and the workflow's steps change them as ours do. */
function rows(first: Partial<ReturnStanding> = {}) {
  const row: ReturnStanding = { ...returned, ...first };
  const told: object[] = [];
  const settle = (): ReturnStanding => {
    if (row.status === 'received' && row.refund?.state === 'completed') row.status = 'completed';
    return { ...row };
  };
  const script: Script = {
    findReturn: () => ({ ...row }),
    awaitReturn: ({ withinMs, renew }) => (told.push({ withinMs, renew }), { leftMs: withinMs }),
    expireReturn: () => (row.status === 'approved' ? Object.assign(row, { status: 'expired' }) : row),
    rejectReturn: ({ actor, reason }) => {
      told.push({ actor, reason });
      return row.status === 'requested' ? Object.assign(row, { status: 'rejected' }) : row;
    },
    settleReturn: settle,
    parkOrder: ({ step, reason }) => ({ step, reason, since: '2026-01-01T00:00:00.000Z' }),
  };
  return { row, told, script };
}
const paid = { number: 1, state: 'completed' } as const;

test('that is approved, received and given back for is completed, by word alone', async () => {
  const { row, script } = rows();
  const { result, calls } = await workflow.runReturn(script, async ({ handle, calls: made }) => {
    await until(() => made.includes('awaitReturn'), 'it waits for its answer');
    row.status = 'approved';
    await handle.signal(returnNewsSignal);
    await until(() => times(made, 'awaitReturn') === 2, 'it waits for its goods');
    Object.assign(row, { status: 'received', refund: { number: 1, state: 'requested' } });
    await handle.signal(returnNewsSignal);
    await until(() => made.includes('settleReturn'), 'it waits for its refund');
    row.refund = paid;
    await handle.signal(returnNewsSignal);
    return handle.result();
  });
  expect(result).toEqual({ status: 'completed' });
  for (const never of ['parkOrder', 'expireReturn', 'noteReturnDelay']) expect(calls).not.toContain(never);
});

test('that is rejected is over', async () => {
  const { script } = rows({ status: 'rejected' });
  const { result } = await workflow.runReturn(script, ({ handle }) => handle.result());
  expect(result).toEqual({ status: 'rejected' });
});

test('whose goods do not come is said to take long half-way, and expires at its end', async () => {
  const { script, told } = rows({ status: 'approved' });
  const begun = await workflow.environment.currentTimeMs();
  const { result, calls } = await workflow.runReturn(script, ({ handle }) => handle.result());
  expect(result).toEqual({ status: 'expired' });
  expect(told).toEqual([
    { withinMs: 2 * DAY_MS, renew: false },
    { withinMs: 10 * DAY_MS, renew: false },
  ]);
  expect((await workflow.environment.currentTimeMs()) - begun).toBeGreaterThanOrEqual(10 * DAY_MS);
  expect(times(calls, 'noteReturnDelay')).toBe(1);
  expect(calls.indexOf('noteReturnDelay')).toBeLessThan(calls.indexOf('expireReturn'));
  expect(calls).not.toContain('parkOrder');
});

test('whose goods came in the last moment does not expire', async () => {
  const { script } = rows({ status: 'approved' });
  const expireReturn = () => ({ status: 'received', refund: paid, problem: null });
  const { result } = await workflow.runReturn(
    { ...script, expireReturn, settleReturn: () => ({ ...returned, status: 'completed' }) },
    ({ handle }) => handle.result(),
  );
  expect(result).toEqual({ status: 'completed' });
});

test('goes on when somebody cancels its workflow in Temporal: it was promised', async () => {
  const { row, script } = rows();
  const { result } = await workflow.runReturn(script, async ({ handle, calls }) => {
    await until(() => calls.includes('findReturn'), 'it waits');
    await handle.cancel();
    row.status = 'rejected';
    await handle.signal(returnNewsSignal);
    return handle.result();
  });
  expect(result).toEqual({ status: 'rejected' });
});

describe('that nobody answers', () => {
  test('parks, waits once more when that is said, and is rejected by whoever decides so', async () => {
    const { script, told } = rows();
    const { result, calls } = await workflow.runReturn(script, async ({ handle, calls: made }) => {
      const ended = handle.result();
      for (const time of [1, 2]) {
        await until(() => times(made, 'parkOrder') === time, 'parked');
        await until(
          async () => (await handle.describe()).typedSearchAttributes.get(orderAttentionKey) === 'approve-return',
          'marked',
        );
        await handle.executeUpdate(resolveUpdate, { args: [decision(time === 1 ? 'retry' : 'compensate')] });
      }
      return ended;
    });
    expect(result).toEqual({ status: 'rejected' });
    expect(told).toEqual([
      { withinMs: 2 * DAY_MS, renew: false },
      { withinMs: 2 * DAY_MS, renew: true },
      { actor: 'operator-1', reason: 'looked at it' },
    ]);
    expect(times(calls, 'resumeOrder')).toBe(2);
  });

  test('and is approved while it is parked, goes on without a decision', async () => {
    const { row, script } = rows();
    const { result, calls } = await workflow.runReturn(script, async ({ handle, calls: made }) => {
      const ended = handle.result();
      await until(() => made.includes('parkOrder'), 'parked');
      await handle.signal(returnNewsSignal);
      await until(() => times(made, 'findReturn') > 3, 'it has looked, and stays parked');
      Object.assign(row, { status: 'received', refund: paid });
      await handle.signal(returnNewsSignal);
      return ended;
    });
    expect(result).toEqual({ status: 'completed' });
    expect(times(calls, 'parkOrder')).toBe(1);
    expect(calls).not.toContain('rejectReturn');
  });

  test('and is approved before the operator’s no is written, is not rejected', async () => {
    const { row, script } = rows();
    const rejectReturn = () => Object.assign(row, { status: 'received', refund: paid });
    const { result } = await workflow.runReturn({ ...script, rejectReturn }, async ({ handle, calls }) => {
      const ended = handle.result();
      await until(() => calls.includes('parkOrder'), 'parked');
      await handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
      return ended;
    });
    expect(result).toEqual({ status: 'completed' });
  });
});

describe('that is not given back for', () => {
  const stuck = { status: 'received', refund: { number: 1, state: 'abandoned' } } as const;

  test('parks, and a retry asks for the refund once more', async () => {
    const { row, script } = rows(stuck);
    const askReturnRefund = () => Object.assign(row, { refund: { number: 2, state: 'completed' } });
    const { result, calls } = await workflow.runReturn(
      { ...script, askReturnRefund },
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'parked');
        expect(await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] })).toEqual({
          ...{ step: 'refund-return', action: 'retry' },
        });
        return handle.result();
      },
    );
    expect(result).toEqual({ status: 'completed' });
    expect(times(calls, 'askReturnRefund')).toBe(1);
    expect(calls).not.toContain('acceptReturn');
  });

  test('parks anew when that does not help, and is taken as it is by a skip', async () => {
    const { script } = rows({ status: 'received', problem: '900 are due, 300 are left to be refunded' });
    const reasons: string[] = [];
    const parkOrder: Script['parkOrder'] = ({ step, reason }) => {
      reasons.push(reason);
      return { step, reason, since: '2026-01-01T00:00:00.000Z' };
    };
    const { result, calls } = await workflow.runReturn({ ...script, parkOrder }, async ({ handle, calls: made }) => {
      await until(() => times(made, 'parkOrder') === 1, 'parked');
      await expect(handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] })).rejects.toThrow();
      await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
      await until(() => times(made, 'parkOrder') === 2, 'parked again');
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip')] });
      return handle.result();
    });
    expect(result).toEqual({ status: 'completed' });
    expect(reasons[0]).toContain('900 are due');
    expect(times(calls, 'acceptReturn')).toBe(1);
  });
});
