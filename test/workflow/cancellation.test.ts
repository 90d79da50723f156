// A cancellation at every moment of an order's workflow, against a row that decides as the real one does.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure, rejectionFailure } from '../../src/contracts/failures.ts';
import { cancelUpdate, paymentNewsSignal, resolveUpdate, type CancelAnswer } from '../../src/contracts/messages.ts';
import { cancel, cancelled, held, row, undone } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { bounds, startWorkflowTest, stepsOf, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

describe('an order that is cancelled', () => {
  test('while it is being charged undoes the charge, whatever becomes of it, and closes last', async () => {
    const charge = held();
    const { script } = row({ chargePayment: charge.call });
    const { result, steps } = await workflow.runOrder(script, async ({ handle }) => {
      await charge.begun;
      const answer = await cancel(handle);
      charge.letGo();
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
    expect(steps).toEqual(['reserveInventory', 'chargePayment', 'cancelOrder', ...undone]);
  });

  test('in another run than the one that charged it gives back every payment that there is', async () => {
    const undos: number[] = [];
    const { script } = row({
      // Only the rows know: this run was told of the cancellation before it came to any of them.
      chargePayment: () => {
        throw endingFailure(cancelled);
      },
      findFurtherPayments: () => [1, 2],
      refundPayment: ({ ordinal }) => void undos.push(ordinal),
    });
    const { result } = await workflow.finish(script);
    expect(result).toEqual(cancelled);
    expect(undos).toEqual([2, 1]);
  });

  test('while it waits for its customer does not wait any longer', async () => {
    const { script } = row({ chargePayment: () => ({ waitsFor: 'customer' }) });
    const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('chargePayment'), 'the charge waits');
      const answer = await cancel(handle);
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
    expect(stepsOf(calls).slice(-4)).toEqual(undone);
  });

  test('while it waits for another payment method is cancelled, not rejected', async () => {
    const { script } = row({
      chargePayment: () => {
        throw rejectionFailure({ code: 'payment.declined', message: 'no' });
      },
      findPaymentTry: () => null,
    });
    const { result } = await workflow.runOrder(
      script,
      async ({ handle, calls }) => {
        await until(() => calls.includes('requestPaymentMethod'), 'another method is waited for');
        const answer = await cancel(handle);
        return { answer, outcome: await handle.result() };
      },
      { bounds: { ...bounds, paymentRetryMs: 3_600_000 } },
    );
    expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
  });

  test.each(['reserveInventory', 'chargePayment', 'confirmOrder'] as const)(
    'while it is parked at %s needs no operator any more',
    async (step) => {
      const fails = (): never => {
        throw needsOperatorFailure('nobody may guess');
      };
      const { script } = row({ [step]: fails });
      const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it is parked');
        const answer = await cancel(handle);
        const outcome = await handle.result();
        return { answer, outcome };
      });
      expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
      expect(calls.at(-1)).toBe('closeOrder');
    },
  );

  test('in Temporal while it is parked at the pivot goes on waiting for its operator, as it always did', async () => {
    let isWell = false;
    const { script } = row({
      confirmOrder: () => {
        if (!isWell) throw needsOperatorFailure('the money is disputed');
      },
    });
    const { result } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await until(() => calls.includes('parkOrder'), 'it is parked');
      await handle.cancel();
      isWell = true;
      const decision = { action: 'retry', actor: 'operator', reason: 'won' } as const;
      await handle.executeUpdate(resolveUpdate, { args: [decision] });
      return handle.result();
    });
    expect(result).toEqual({ status: 'confirmed' });
  });

  test('while its undo is parked stays in front of the operator, and ends as it was going to', async () => {
    let isWell = false;
    const { script } = row({
      chargePayment: () => {
        throw rejectionFailure({ code: 'payment.declined', message: 'no' });
      },
      refundPayment: () => {
        if (!isWell) throw needsOperatorFailure('the refund failed');
      },
      cancelOrder: (): CancelAnswer => ({
        ending: { status: 'rejected', rejection: { code: 'payment.declined', message: 'no' } },
      }),
    });
    const { result } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await until(() => calls.includes('parkOrder'), 'the undo is parked');
      const answer = await cancel(handle);
      isWell = true;
      await handle.executeUpdate(resolveUpdate, {
        args: [{ action: 'retry', actor: 'operator', reason: 'well again' }],
      });
      return { answer, outcome: await handle.result() };
    });
    expect(result.answer).toMatchObject({ ending: { status: 'rejected' } });
    expect(result.outcome).toMatchObject({ status: 'rejected' });
  });

  test('before anything was done holds and takes nothing', async () => {
    const { script } = row();
    const { result, steps } = await workflow.runOrder(script, async ({ handle }) => {
      const answer = await cancel(handle);
      return { answer, outcome: await handle.result() };
    });
    // The update may come with the first task or after it: what was told is what happens.
    expect(result.outcome).toEqual('sold' in result.answer ? { status: 'confirmed' } : result.answer.ending);
    expect(steps).toContain('cancelOrder');
  });

  test('twice, and at once, gets one answer, and one decision', async () => {
    const charge = held();
    const { script } = row({ chargePayment: charge.call });
    const { result, calls } = await workflow.runOrder(script, async ({ handle }) => {
      await charge.begun;
      const answers = await Promise.all([cancel(handle), cancel(handle), cancel(handle)]);
      charge.letGo();
      await handle.result();
      return answers;
    });
    expect(result).toEqual([{ ending: cancelled }, { ending: cancelled }, { ending: cancelled }]);
    expect(calls.filter((name) => name === 'cancelOrder')).toHaveLength(1);
  });

  test('when it is sold already is told so, and stays sold', async () => {
    const { script, isSold } = row({ chargePayment: () => ({ waitsFor: 'customer' }) });
    let charges = 0;
    const { result } = await workflow.runOrder(
      {
        ...script,
        chargePayment: () => (++charges === 1 ? { waitsFor: 'customer' } : undefined),
        cancelOrder: async () => {
          // The pivot is over before the cancellation has its turn.
          await until(isSold, 'it is sold');
          return { sold: true as const };
        },
      },
      async ({ handle, calls }) => {
        await until(() => calls.includes('chargePayment'), 'the charge waits');
        const asked = cancel(handle);
        await until(() => calls.includes('cancelOrder'), 'the cancellation is under way');
        await handle.signal(paymentNewsSignal);
        return { answer: await asked, outcome: await handle.result() };
      },
    );
    expect(result).toEqual({ answer: { sold: true }, outcome: { status: 'confirmed' } });
  });

  test('must say by whom and why', async () => {
    const charge = held();
    const { script } = row({ chargePayment: charge.call });
    await workflow.runOrder(script, async ({ handle }) => {
      await charge.begun;
      const nameless = handle.executeUpdate(cancelUpdate, { args: [{ actor: '', reason: 'x' }] });
      await expect(nameless).rejects.toMatchObject({ cause: { message: expect.stringContaining('actor and reason') } });
      charge.letGo();
      expect(await handle.result()).toEqual({ status: 'confirmed' });
    });
  });
});
