// A cancellation at every moment of an order's workflow, against a row that decides as the real one does.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { endingFailure, needsOperatorFailure, rejectionFailure, soldFailure } from '../../src/contracts/failures.ts';
import { cancelUpdate, paymentNewsSignal, resolveUpdate, type CancelAnswer } from '../../src/contracts/messages.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { processOrder } from '../../src/workflows/process-order.ts';
import { until } from '../support/until.ts';
import { bounds, startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

type Handle = WorkflowHandle<typeof processOrder>;

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const cancellation = { actor: 'customer-1', reason: 'changed my mind' };
const cancelled = { status: 'cancelled', ...cancellation } as const;
const undone = ['refundPayment', 'releaseInventory', 'closeOrder'];

/** The order's row as far as a cancellation is concerned; `script` is what the activities do to it. */
function row(more: Script = {}): { script: Script; isSold: () => boolean } {
  let ending: Ending | null = null;
  let sold = false;
  const fix = (wanted: Ending): Ending => {
    if (sold) throw soldFailure('order');
    return (ending ??= wanted);
  };
  return {
    isSold: () => sold,
    script: {
      cancelOrder: ({ actor, reason }): CancelAnswer =>
        sold ? { sold } : { ending: fix({ status: 'cancelled', actor, reason }) },
      confirmOrder: () => {
        if (ending) throw endingFailure(ending);
        sold = true;
      },
      refundPayment: ({ ending: wanted }) => void fix(wanted),
      releaseInventory: ({ ending: wanted }) => void fix(wanted),
      closeOrder: ({ ending: wanted }) => fix(wanted),
      ...more,
    },
  };
}

const cancel = (handle: Handle): Promise<CancelAnswer> =>
  handle.executeUpdate(cancelUpdate, { args: [cancellation], updateId: 'cancel' });

/** A call that lasts until it is let go. */
function held(): { begun: Promise<void>; letGo: () => void; call: () => Promise<void> } {
  let begin = (): void => undefined;
  let letGo = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const over = new Promise<void>((resolve) => (letGo = resolve));
  return { begun, letGo: () => letGo(), call: () => (begin(), over) };
}

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

  test('while it waits for its customer does not wait any longer', async () => {
    const { script } = row({ chargePayment: () => ({ waitsFor: 'customer' }) });
    const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('chargePayment'), 'the charge waits');
      const answer = await cancel(handle);
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { ending: cancelled }, outcome: cancelled });
    expect(calls.slice(-3)).toEqual(undone);
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
      expect(steps.slice(-4)).toEqual(['adoptPayment', ...undone]);
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
      expect(steps.slice(-5)).toEqual(['resumeOrder', 'adoptPayment', ...undone]);
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
      expect(steps.slice(-3)).toEqual(undone);
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
