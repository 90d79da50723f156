import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure, rejectionFailure } from '../../src/contracts/failures.ts';
import { progressQuery, resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import type { Rejection } from '../../src/domain/rejection.ts';
import { until } from '../support/until.ts';
import { bounds, startWorkflowTest, type WorkflowTest } from '../support/workflow.ts';

/** The bound in test/support/workflow.ts: the undo was tried that often before it parked, and once more after. */
const UNDO_ATTEMPTS = 5;

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const declined: Rejection = { code: 'payment.declined', message: 'no', declineCode: 'generic_decline' };
const outOfStock: Rejection = { code: 'inventory.out_of_stock', message: 'none left' };
const failing = (times: number, then: () => unknown = () => undefined) => {
  let left = times;
  return () => {
    if (left-- > 0) throw new Error('the world is ill');
    return then();
  };
};
/** Fails once. */
const failingWith = (error: Error) => {
  let failed = false;
  return () => {
    if (failed) return;
    failed = true;
    throw error;
  };
};
const resolution = (action: Resolution['action']): Resolution => ({
  action,
  actor: 'operator-1',
  reason: 'looked at it',
});

describe('the story', () => {
  test('reserves, charges, confirms, and undoes nothing', async () => {
    const { result, steps } = await workflow.finish({});
    expect(result).toEqual({ status: 'confirmed' });
    expect(steps).toEqual(['reserveInventory', 'chargePayment', 'confirmOrder']);
  });

  test('does not charge an order over nothing', async () => {
    const { steps } = await workflow.finish({}, { totalMinor: 0 });
    expect(steps).toEqual(['reserveInventory', 'confirmOrder']);
  });

  test('undoes in reverse when the card is declined, and closes last', async () => {
    const { result, steps } = await workflow.finish({
      chargePayment: () => {
        throw rejectionFailure(declined);
      },
    });
    expect(result).toEqual({ status: 'rejected', rejection: declined });
    expect(steps).toEqual(['reserveInventory', 'chargePayment', 'refundPayment', 'releaseInventory', 'closeOrder']);
  });

  test('releases also after a reservation that said no: an earlier attempt may have held', async () => {
    const { result, steps } = await workflow.finish({
      reserveInventory: () => {
        throw rejectionFailure(outOfStock);
      },
    });
    expect(result).toEqual({ status: 'rejected', rejection: outOfStock });
    expect(steps).toEqual(['reserveInventory', 'releaseInventory', 'closeOrder']);
  });

  test('takes up an undo that an earlier run began, for the ending that run had', async () => {
    const ending = { status: 'cancelled', reason: 'before', actor: 'operator-0' } as const;
    const { result, steps } = await workflow.finish({
      confirmOrder: () => {
        throw endingFailure(ending);
      },
    });
    expect(result).toEqual(ending);
    expect(steps.slice(-3)).toEqual(['refundPayment', 'releaseInventory', 'closeOrder']);
  });

  test('takes a fault for unknown, not for a no: it tries again', async () => {
    const { result, calls } = await workflow.finish({
      chargePayment: failing(6),
      reserveInventory: failing(3),
      confirmOrder: failing(2),
    });
    expect(result).toEqual({ status: 'confirmed' });
    expect(calls.filter((name) => name === 'chargePayment')).toHaveLength(7);
    expect(calls).not.toContain('refundPayment');
  });
});

describe('another payment method', () => {
  test('is waited for after a decline, ten tries in all', async () => {
    let tries = 0;
    const { result, calls } = await workflow.finish(
      {
        chargePayment: () => {
          tries += 1;
          throw rejectionFailure(declined);
        },
        findPaymentTry: ({ ordinal }) => ordinal + 1,
      },
      { bounds: { ...bounds, paymentRetryMs: 60_000 } },
    );
    expect(result).toEqual({ status: 'rejected', rejection: declined });
    expect(tries).toBe(10);
    // Each given up for certain before the next was asked for, and each undone at the end.
    expect(calls.filter((name) => name === 'abandonPayment')).toHaveLength(9);
    expect(calls.filter((name) => name === 'refundPayment')).toHaveLength(10);
  });
});

describe('parking', () => {
  test.each([
    ['reserveInventory', 'reserve-inventory'],
    ['chargePayment', 'charge-payment'],
    ['confirmOrder', 'confirm-order'],
  ] as const)('%s that can not go on parks, and goes on when an operator says retry', async (activity, step) => {
    let healed = false;
    const { result, calls } = await workflow.runOrder(
      {
        [activity]: () => {
          if (!healed) throw needsOperatorFailure('nobody may guess');
        },
      },
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'parked');
        expect(await handle.query(progressQuery)).toMatchObject({ step });
        healed = true;
        expect(await handle.executeUpdate(resolveUpdate, { args: [resolution('retry')] })).toEqual({
          step,
          action: 'retry',
        });
        return handle.result();
      },
    );
    expect(result).toEqual({ status: 'confirmed' });
    expect(calls).toContain('resumeOrder');
    expect(calls).not.toContain('releaseInventory');
  });

  test('a charge that needs an operator parks at once, without retries', async () => {
    const { result, calls, steps } = await workflow.runOrder(
      {
        chargePayment: () => {
          throw needsOperatorFailure('two captures');
        },
      },
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [resolution('compensate')] });
        return handle.result();
      },
    );
    expect(result).toEqual({ status: 'cancelled', reason: 'looked at it', actor: 'operator-1' });
    expect(calls.filter((name) => name === 'chargePayment')).toHaveLength(1);
    const undone = ['findFurtherPayments', 'refundPayment', 'releaseInventory', 'closeOrder'];
    expect(steps.slice(-5)).toEqual(['resumeOrder', ...undone]);
  });

  test("the operator's word stands in the history before anything is done about it", async () => {
    let known: boolean[] = [];
    let read: () => Promise<boolean> = () => Promise.resolve(false);
    await workflow.runOrder(
      {
        chargePayment: failingWith(needsOperatorFailure('nobody may guess')),
        resumeOrder: async () => {
          known = [...known, await read()];
        },
      },
      async ({ handle, calls: made }) => {
        read = async () => {
          const { events } = await handle.fetchHistory();
          return (events ?? []).some((event) => Boolean(event.workflowExecutionUpdateAcceptedEventAttributes));
        };
        await until(() => made.includes('parkOrder'), 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [resolution('retry')] });
        return handle.result();
      },
    );
    expect(known).toEqual([true]);
  });

  test.each(['refundPayment', 'releaseInventory', 'closeOrder'] as const)(
    'an undo is never swallowed: %s parks after its bound and finishes after a retry',
    async (activity) => {
      let healed = false;
      const { result, calls, steps } = await workflow.runOrder(
        {
          chargePayment: () => {
            throw rejectionFailure(declined);
          },
          [activity]: (request: { ending: unknown }) => {
            if (!healed) throw new Error('the world is ill');
            return request.ending;
          },
        },
        async ({ handle, calls: made }) => {
          await until(() => made.includes('parkOrder'), 'parked');
          const refused = handle.executeUpdate(resolveUpdate, { args: [resolution('compensate')] });
          await expect(refused).rejects.toMatchObject({
            cause: { message: expect.stringContaining('only be retried') },
          });
          healed = true;
          await handle.executeUpdate(resolveUpdate, { args: [resolution('retry')] });
          return handle.result();
        },
        // Here nobody waits for the workflow's result until it has parked, and so no time is skipped.
        { bounds: { ...bounds, providerOutageLimitMs: 600, providerPauses: { firstMs: 100, slowMs: 100 } } },
      );
      expect(result).toEqual({ status: 'rejected', rejection: declined });
      expect(steps).toContain('closeOrder');
      expect(calls.filter((name) => name === activity).length).toBeGreaterThan(UNDO_ATTEMPTS);
    },
  );

  test('an undo does not park during an outage that is shorter than the bound of a charge', async () => {
    const outageMs = 18 * 60_000;
    let began = 0;
    const { result, calls } = await workflow.finish({
      chargePayment: () => {
        throw rejectionFailure(declined);
      },
      refundPayment: async () => {
        const now = await workflow.environment.currentTimeMs();
        began ||= now;
        if (now < began + outageMs) throw new Error('the world is ill');
      },
    });
    expect(result).toEqual({ status: 'rejected', rejection: declined });
    expect(calls).not.toContain('parkOrder');
    expect(calls.filter((name) => name === 'refundPayment').length).toBeGreaterThan(UNDO_ATTEMPTS);
  });

  test('asks a step again, without an operator, when the order turns out to be closed already', async () => {
    const { result, calls } = await workflow.finish({
      confirmOrder: failingWith(needsOperatorFailure('the answer was lost')),
      parkOrder: () => null,
    });
    expect(result).toEqual({ status: 'confirmed' });
    expect(calls).not.toContain('resumeOrder');
  });

  test('refuses a resolution while nothing is parked', async () => {
    await workflow.runOrder({ chargePayment: failing(1) }, async ({ handle }) => {
      const refused = handle.executeUpdate(resolveUpdate, { args: [resolution('retry')] });
      await expect(refused).rejects.toMatchObject({ cause: { message: expect.stringContaining('not parked') } });
      return handle.result();
    });
  });
});

describe('a cancellation in Temporal', () => {
  test('while charging undoes everything, and can not interrupt the undo', async () => {
    let charging = false;
    const { result, calls, steps } = await workflow.runOrder(
      {
        chargePayment: () => {
          charging = true;
          throw new Error('the world is ill');
        },
        refundPayment: failing(3),
      },
      async ({ handle }) => {
        await until(() => charging, 'charging');
        await handle.cancel();
        await handle.cancel();
        return handle.result();
      },
    );
    expect(result).toMatchObject({ status: 'cancelled', actor: 'temporal' });
    expect(steps.slice(-2)).toEqual(['releaseInventory', 'closeOrder']);
    expect(calls.filter((name) => name === 'refundPayment')).toHaveLength(4);
  });

  test('during the pivot is too late: the sale stands', async () => {
    let cancel: () => Promise<unknown> = () => Promise.resolve();
    const { result, calls } = await workflow.runOrder({ confirmOrder: () => cancel() }, ({ handle }) => {
      cancel = () => handle.cancel();
      return handle.result();
    });
    expect(result).toEqual({ status: 'confirmed' });
    expect(calls).not.toContain('refundPayment');
  });
});
