// A cancellation that meets what an operator has done by hand: money that was taken must be in a book, whoever was first.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure } from '../../src/contracts/failures.ts';
import { resolveUpdate } from '../../src/contracts/messages.ts';
import { cancel, cancelled, held, row, undone, type Handle } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

describe('when an operator has said what was paid by hand', () => {
  const paidByHand = {
    action: 'skip',
    value: 'pi_by_hand',
    actor: 'operator',
    reason: 'paid in the dashboard',
  } as const;
  const skip = (handle: Handle) => handle.executeUpdate(resolveUpdate, { args: [paidByHand] });
  const stuck = (): never => {
    throw needsOperatorFailure('nobody may guess');
  };
  const tooLate = (): never => {
    throw endingFailure(cancelled);
  };

  test('a moment ago looks at that payment before it undoes anything', async () => {
    const resume = held();
    const { script } = row({ chargePayment: stuck, resumeOrder: resume.call, adoptPayment: tooLate });
    const { result, steps } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await until(() => calls.includes('parkOrder'), 'it is parked');
      await skip(handle);
      await resume.begun;
      const answer = await cancel(handle);
      resume.letGo();
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
    expect(steps.slice(-5)).toEqual(['adoptPayment', ...undone]);
  });

  test('before its parking was answered looks at that payment all the same', async () => {
    const parking = held();
    const { script } = row({ chargePayment: stuck, parkOrder: parking.call, adoptPayment: tooLate });
    const { result, steps } = await workflow.runOrder(script, async ({ handle }) => {
      await parking.begun;
      // Both arrive only when the task that parks says that it is still alive: this takes half a minute.
      await Promise.all([skip(handle), cancel(handle)]);
      parking.letGo();
      return handle.result();
    });
    expect(result).toEqual(cancelled);
    expect(steps.slice(-6)).toEqual(['resumeOrder', 'adoptPayment', ...undone]);
  });

  test.each(['by its customer', 'in Temporal'])('and is cancelled %s undoes the adoption', async (how) => {
    const adoption = held();
    const { script, isSold } = row({ chargePayment: stuck, adoptPayment: adoption.call });
    const { result, steps } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await until(() => calls.includes('parkOrder'), 'it is parked');
      await skip(handle);
      await adoption.begun;
      await (how === 'in Temporal' ? handle.cancel() : cancel(handle));
      adoption.letGo();
      return handle.result();
    });
    expect([result.status, isSold()]).toEqual(['cancelled', false]);
    expect(steps.slice(-4)).toEqual(undone);
  });

  test.each(['skip', 'retry', 'compensate'] as const)(
    'stays in front of the operator while that can not be verified, until: %s',
    async (action) => {
      const adoption = held();
      let adoptions = 0;
      const { script } = row({
        chargePayment: stuck,
        adoptPayment: async () => {
          if (++adoptions > 1) tooLate();
          await adoption.call();
          throw needsOperatorFailure('that payment is not captured');
        },
      });
      const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it is parked');
        await skip(handle);
        await adoption.begun;
        await cancel(handle);
        adoption.letGo();
        await until(() => made.filter((name) => name === 'parkOrder').length === 2, 'it is parked again');
        expect(made).not.toContain('refundPayment');
        const decided = { ...paidByHand, action };
        await handle.executeUpdate(resolveUpdate, { args: [decided] });
        return handle.result();
      });
      expect(result).toEqual(cancelled);
      expect(adoptions).toBe(action === 'skip' ? 2 : 1);
      expect(calls.filter((name) => name === 'chargePayment')).toHaveLength(1);
    },
  );
});
