// A refund that was asked for: it is tried until it is done, parks what nobody may guess, and what an operator decides is followed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { needsOperatorFailure, notNowFailure } from '../../src/contracts/failures.ts';
import { refundNewsSignal, resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import { orderAttentionKey } from '../../src/contracts/search-attributes.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const decision = (action: Resolution['action'], value?: string): Resolution => ({
  ...{ action, actor: 'operator-1', reason: 'looked at it' },
  ...(value === undefined ? {} : { value }),
});
const parkedOften = (calls: readonly string[]): number => calls.filter((call) => call === 'parkOrder').length;

/** Tries that come out as listed, the last again and again; what each was told of the parking before it is kept. */
function scripted(...tries: (string | null)[]) {
  const told: number[] = [];
  const script: Script = {
    payRefund: ({ parked }) => {
      told.push(parked.parking.number);
      const reason = tries.length > 1 ? tries.shift() : tries[0];
      if (reason) throw needsOperatorFailure(reason);
      return { status: 'completed' };
    },
    parkOrder: ({ step, reason }) => ({ step, reason, since: '2026-01-01T00:00:00.000Z' }),
  };
  return { script, told };
}

test('is done when the provider has made it', async () => {
  const { calls, result } = await workflow.runRefund({}, ({ handle }) => handle.result());
  expect(result).toEqual({ status: 'completed' });
  expect(calls).toEqual(['payRefund']);
});

test('outlasts an outage, and is asked for again while it is pending', async () => {
  let tries = 0;
  const payRefund = () => {
    tries += 1;
    if (tries < 3) throw new Error('no answer');
    if (tries < 5) throw notNowFailure({ message: 'pending', delayMs: 15_000 });
    return { status: 'completed' };
  };
  const { calls } = await workflow.runRefund({ payRefund }, ({ handle }) => handle.result());
  expect(calls).toEqual(Array.from({ length: 5 }, () => 'payRefund'));
});

test('goes on when somebody cancels its workflow in Temporal: it was promised', async () => {
  let letGo = (): void => undefined;
  const made = new Promise<void>((resolve) => (letGo = resolve));
  const payRefund = () => made.then(() => ({ status: 'completed' }));
  const { result } = await workflow.runRefund({ payRefund }, async ({ handle, calls }) => {
    await until(() => calls.includes('payRefund'), 'it is under way');
    await handle.cancel();
    letGo();
    return handle.result();
  });
  expect(result).toEqual({ status: 'completed' });
});

describe('parked', () => {
  test('and retried, it is tried again and told which parking was decided about', async () => {
    const { script, told } = scripted('it failed', 'it failed', null);
    const { calls } = await workflow.runRefund(script, async ({ handle, calls: made }) => {
      for (const time of [1, 2]) {
        await until(() => parkedOften(made) === time, 'parked');
        await until(
          async () => (await handle.describe()).typedSearchAttributes.get(orderAttentionKey) === 'pay-refund',
          'marked',
        );
        const answer = await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
        expect(answer).toEqual({ step: 'pay-refund', action: 'retry' });
      }
      return handle.result();
    });
    expect(told).toEqual([0, 1, 2]);
    expect(calls).not.toContain('abandonRefund');
  });

  test('and skipped, what was made by hand is verified; what can not count parks again', async () => {
    const { script } = scripted('it failed');
    const values: string[] = [];
    const adoptPaidRefund: Script['adoptPaidRefund'] = ({ refundId }) => {
      values.push(refundId);
      if (refundId === 're_wrong') throw needsOperatorFailure('no such refund');
      return { status: 'completed' };
    };
    const { result } = await workflow.runRefund({ ...script, adoptPaidRefund }, async ({ handle, calls: made }) => {
      await until(() => parkedOften(made) === 1, 'parked');
      await expect(handle.executeUpdate(resolveUpdate, { args: [decision('skip')] })).rejects.toThrow();
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip', 're_wrong')] });
      await until(() => parkedOften(made) === 2, 'parked again');
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip', 're_right')] });
      return handle.result();
    });
    expect(values).toEqual(['re_wrong', 're_right']);
    expect(result).toEqual({ status: 'completed' });
  });

  test('and compensated, it is given up by whoever decided, and nothing of the order is undone', async () => {
    const { script } = scripted('it failed');
    const given: unknown[] = [];
    const abandonRefund: Script['abandonRefund'] = ({ actor, reason, parked }) => {
      given.push([actor, reason, parked.parking.number]);
      return { status: 'abandoned' };
    };
    const { result, calls } = await workflow.runRefund(
      { ...script, abandonRefund },
      async ({ handle, calls: made }) => {
        await until(() => parkedOften(made) === 1, 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
        return handle.result();
      },
    );
    expect(given).toEqual([['operator-1', 'looked at it', 1]]);
    expect(result).toEqual({ status: 'abandoned' });
    expect(calls).not.toContain('releaseInventory');
  });

  test('and what can not be given up parks again, and can be paid after all', async () => {
    const { script, told } = scripted('it failed', null);
    const abandonRefund = () => {
      throw needsOperatorFailure('a part went back already');
    };
    const { result, calls } = await workflow.runRefund(
      { ...script, abandonRefund },
      async ({ handle, calls: made }) => {
        await until(() => parkedOften(made) === 1, 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
        await until(() => parkedOften(made) === 2, 'parked again');
        await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
        return handle.result();
      },
    );
    expect(told).toEqual([0, 2]);
    expect(calls.filter((call) => call === 'abandonRefund')).toHaveLength(1);
    expect(result).toEqual({ status: 'completed' });
  });

  test('it hears that its order ends, and asks nobody any more', async () => {
    let isMoot = false;
    const payRefund: Script['payRefund'] = () => {
      if (!isMoot) throw needsOperatorFailure('it failed');
      return { status: 'abandoned' };
    };
    const { result, calls } = await workflow.runRefund({ payRefund }, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      isMoot = true;
      await handle.signal(refundNewsSignal);
      return handle.result();
    });
    expect(result).toEqual({ status: 'abandoned' });
    expect(calls).toContain('resumeOrder');
  });

  test('it reminds, day after day, and waits for its operator', async () => {
    const { script } = scripted('it failed', null);
    const { calls } = await workflow.runRefund(script, async ({ handle, calls: made }) => {
      const ended = handle.result();
      await until(() => made.filter((call) => call === 'remindOfParked').length >= 3, 'three reminders');
      await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
      return ended;
    });
    expect(calls.filter((call) => call === 'payRefund')).toHaveLength(2);
  });
});
