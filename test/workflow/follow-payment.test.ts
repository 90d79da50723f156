// A payment that changed without its order: every notice is looked into, what only a person can decide is parked, and news settle
// what an operator would only have had to try again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { needsOperatorFailure } from '../../src/contracts/failures.ts';
import { paymentNewsSignal, resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import { orderAttentionKey } from '../../src/contracts/search-attributes.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const decision = (action: Resolution['action']): Resolution => ({
  action,
  actor: 'operator-1',
  reason: 'looked at it',
});
const timesOf = (calls: readonly string[], name: string): number => calls.filter((call) => call === name).length;

/** Looks that come out as listed, the last again and again; parked rows and decisions are kept. */
function scripted(...looks: (string | null)[]) {
  const parked: string[] = [];
  const decided: unknown[] = [];
  const script: Script = {
    followPayment: () => {
      const reason = looks.length > 1 ? looks.shift() : looks[0];
      if (reason) throw needsOperatorFailure(reason);
    },
    parkOrder: ({ step, reason }) => (parked.push(reason), { step, reason, since: '2026-01-01T00:00:00.000Z' }),
    resumeOrder: ({ resolution }) => void decided.push([resolution.actor, resolution.action]),
  };
  return { parked, decided, script };
}

test('looks once, and is done when nothing is left to decide', async () => {
  const { calls } = await workflow.runFollowUp({}, ({ handle }) => handle.result());
  expect(calls).toEqual(['followPayment']);
});

test('looks once more for news that come while a look is under way, however many', async () => {
  let release = (): void => undefined;
  const told = new Promise<void>((resolve) => (release = resolve));
  const script: Script = { followPayment: () => told };
  const { calls } = await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
    await until(() => made.length === 1, 'the first look');
    for (let time = 0; time < 3; time += 1) await handle.signal(paymentNewsSignal);
    release();
    return handle.result();
  });
  expect(calls).toEqual(['followPayment', 'followPayment']);
});

describe('parked', () => {
  test('and skipped, it is acknowledged and over', async () => {
    const { script, decided } = scripted('a dispute is open');
    const { calls } = await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      const answer = await handle.executeUpdate(resolveUpdate, { args: [decision('skip')] });
      expect(answer).toEqual({ step: 'follow-payment', action: 'skip' });
      return handle.result();
    });
    expect(calls).toEqual(['followPayment', 'parkOrder', 'resumeOrder', 'acknowledgePayment']);
    expect(decided).toEqual([['operator-1', 'skip']]);
  });

  test('and skipped, it is looked at once more when something has moved that nobody has seen', async () => {
    const { script } = scripted('a dispute is open', null);
    const acknowledgePayment = () => ({ hasMovedSince: true });
    const { calls } = await workflow.runFollowUp({ ...script, acknowledgePayment }, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip')] });
      return handle.result();
    });
    expect(calls).toEqual(['followPayment', 'parkOrder', 'resumeOrder', 'acknowledgePayment', 'followPayment']);
  });

  test('it looks again by itself when there are news, and parks anew with what they say, or gets through', async () => {
    const { script, parked, decided } = scripted(
      ...['a dispute is open', 'the dispute is lost', 'the dispute is lost', null, null],
    );
    const { calls } = await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      await handle.signal(paymentNewsSignal);
      await until(() => timesOf(made, 'parkOrder') === 2, 'parked anew');
      const marked = async () => (await handle.describe()).typedSearchAttributes.get(orderAttentionKey);
      await until(async () => (await marked()) === 'follow-payment', 'the mark');
      await handle.signal(paymentNewsSignal);
      await handle.result();
      expect(await marked()).toBeUndefined();
    });
    expect(parked).toEqual(['a dispute is open', 'the dispute is lost']);
    expect(decided).toEqual([
      ['provider', 'retry'],
      ['provider', 'retry'],
    ]);
    // Each change is seen while it is parked, and once more when it is not: nobody is told of what is the same.
    expect(timesOf(calls, 'followPayment')).toBe(5);
    expect(calls).not.toContain('acknowledgePayment');
  });

  test('it stays as it is when news come to the same, and its operator can decide meanwhile', async () => {
    const { script, parked, decided } = scripted('a dispute is open');
    const { calls } = await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      for (let time = 2; time < 5; time += 1) {
        await handle.signal(paymentNewsSignal);
        await until(() => timesOf(made, 'followPayment') === time, 'another look');
      }
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip')] });
      return handle.result();
    });
    expect([parked, decided]).toEqual([['a dispute is open'], [['operator-1', 'skip']]]);
    expect(calls).toContain('acknowledgePayment');
  });

  test('it goes on waiting for its operator without news', async () => {
    const { script } = scripted('a refund that somebody made', null);
    const { calls } = await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
      const ended = handle.result();
      // The result lets time skip: days go by, and the order reminds.
      await until(() => timesOf(made, 'remindOfParked') >= 3, 'three reminders');
      expect(timesOf(made, 'followPayment')).toBe(1);
      await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
      return ended;
    });
    expect(timesOf(calls, 'followPayment')).toBe(2);
  });

  test('and skipped while there are news, it is acknowledged first and then looked into once more', async () => {
    const { script } = scripted('a dispute is open', null);
    const { calls } = await workflow.runFollowUp(
      {
        ...script,
        acknowledgePayment: () => workflow.environment.client.workflow.getHandle(followUpId).signal(paymentNewsSignal),
      },
      async ({ handle, calls: made }) => {
        followUpId = handle.workflowId;
        await until(() => made.includes('parkOrder'), 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [decision('skip')] });
        return handle.result();
      },
    );
    expect(calls.slice(calls.indexOf('acknowledgePayment'))).toContain('followPayment');
  });

  test('it can not be compensated: there is nothing of the order’s to undo', async () => {
    const { script } = scripted('a dispute is open');
    await workflow.runFollowUp(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      const refused = handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
      await expect(refused).rejects.toMatchObject({
        cause: { message: expect.stringContaining('retried or skipped') },
      });
      await handle.terminate('the test is over');
    });
  });
});

let followUpId = '';
