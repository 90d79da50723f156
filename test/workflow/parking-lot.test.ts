// What an operator can do about a parked order beyond a retry: skip with a value, and what is refused; and that an order
// which nobody looks at says so again and again.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { needsOperatorFailure, rejectionFailure } from '../../src/contracts/failures.ts';
import { resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
import type { ParkRequest, ResumeRequest } from '../../src/contracts/parking.ts';
import type { SeenParking } from '../../src/domain/resolution.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const decision = (wanted: Partial<Resolution>): Resolution => ({
  action: 'retry',
  actor: 'operator-1',
  reason: 'looked at it',
  ...wanted,
});
const stuck = (): never => {
  throw needsOperatorFailure('nobody may guess');
};
const declined = (): never => {
  throw rejectionFailure({ code: 'payment.declined', message: 'no' });
};
const timesOf = (calls: readonly string[], name: string): number => calls.filter((call) => call === name).length;

describe('skipping', () => {
  test('takes the payment that was made by hand for the charge, and the story goes on', async () => {
    let adopted: unknown;
    const script: Script = { chargePayment: stuck, adoptPayment: (request) => (adopted = request) };
    const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      const answer = await handle.executeUpdate(resolveUpdate, { args: [decision({ action: 'skip', value: 'pi_1' })] });
      expect(answer).toEqual({ step: 'charge-payment', action: 'skip', value: 'pi_1' });
      return handle.result();
    });
    expect(result).toEqual({ status: 'confirmed' });
    expect(adopted).toMatchObject({ ordinal: 1, providerId: 'pi_1' });
    expect(timesOf(calls, 'chargePayment')).toBe(1);
  });

  test('parks again with the reason when the value can not be verified, and can then be compensated', async () => {
    const reasons: string[] = [];
    const script: Script = {
      chargePayment: stuck,
      adoptPayment: () => {
        throw needsOperatorFailure('that payment is of another order');
      },
      parkOrder: ({ step, reason }) => (reasons.push(reason), { step, reason, since: '2026-01-01T00:00:00.000Z' }),
    };
    const { result } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      await handle.executeUpdate(resolveUpdate, { args: [decision({ action: 'skip', value: 'pi_2' })] });
      await until(() => timesOf(made, 'parkOrder') === 2, 'parked again');
      await handle.executeUpdate(resolveUpdate, { args: [decision({ action: 'compensate' })] });
      return handle.result();
    });
    expect(reasons).toEqual(['nobody may guess', 'that payment is of another order']);
    expect(result).toMatchObject({ status: 'cancelled', actor: 'operator-1' });
  });

  test('takes the refund that was made by hand for a parked undo, for the ending that stands', async () => {
    let adopted: unknown;
    const script: Script = {
      chargePayment: declined,
      refundPayment: stuck,
      adoptRefund: (request) => (adopted = request),
    };
    const { result, steps } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      await handle.executeUpdate(resolveUpdate, { args: [decision({ action: 'skip', value: 're_1' })] });
      return handle.result();
    });
    expect(result).toMatchObject({ status: 'rejected' });
    expect(adopted).toMatchObject({ refundId: 're_1', ending: { status: 'rejected' } });
    expect(steps.slice(-3)).toEqual(['adoptRefund', 'releaseInventory', 'closeOrder']);
  });
});

describe('a resolution is refused at once, and the order stays parked,', () => {
  test.each([
    ['that skips a step of our own', { reserveInventory: stuck }, { action: 'skip', value: 'x' }, 'can not be skipped'],
    ['that skips without a value', { chargePayment: stuck }, { action: 'skip' }, 'value must be the id of the payment'],
    [
      'that compensates an undo',
      { chargePayment: declined, refundPayment: stuck },
      { action: 'compensate' },
      'only be retried or skipped',
    ],
    [
      'that skips freeing stock',
      { chargePayment: declined, releaseInventory: stuck },
      { action: 'skip', value: 'x' },
      'not be skipped',
    ],
    ['of an unknown kind', { chargePayment: stuck }, { action: 'ignore' as 'retry' }, 'action must be one of'],
    ['without a name', { chargePayment: stuck }, { actor: '' }, 'actor and reason'],
  ] as const)('%s', async (_name, script, wanted, message) => {
    const { calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      const refused = handle.executeUpdate(resolveUpdate, { args: [decision(wanted)] });
      await expect(refused).rejects.toMatchObject({ cause: { message: expect.stringContaining(message) } });
      await handle.terminate('the test is over');
    });
    expect(calls).not.toContain('resumeOrder');
  });
});

describe('a parked order', () => {
  test('names each of its parkings, and the decision about it by the same name', async () => {
    const parked: ParkRequest[] = [];
    const resumed: ResumeRequest[] = [];
    await workflow.runOrder(
      {
        chargePayment: () => (parked.length < 2 ? stuck() : undefined),
        parkOrder: (request) => (parked.push(request), { step: request.step, reason: request.reason, since: '' }),
        resumeOrder: (request) => void resumed.push(request),
      },
      async ({ handle }) => {
        for (const count of [1, 2]) {
          await until(() => parked.length === count, 'parked');
          await handle.executeUpdate(resolveUpdate, { args: [decision({})] });
        }
        const { workflowId } = handle;
        const { runId } = await handle.describe();
        await handle.result();
        expect(parked).toMatchObject([
          { workflowId, orderId: workflowId, parking: { runId, number: 1 } },
          { workflowId, orderId: workflowId, parking: { runId, number: 2 } },
        ]);
        // It can be parked twice in one run, and both are told apart from those of a run that began at another time.
        expect(parked[0]?.parking.runStartedAt).toBe(parked[1]?.parking.runStartedAt);
        expect(Date.parse(parked[0]?.parking.runStartedAt ?? '')).not.toBeNaN();
        const named = ({ workflowId: who, step, parking }: Partial<ParkRequest>) => ({ who, step, parking });
        expect(resumed.map(named)).toEqual(parked.map(named));
      },
    );
  });

  test('takes a decision about the parking that was seen, and refuses it at the next, which is about something else', async () => {
    const parked: ParkRequest[] = [];
    const sinceOf = (number: number): string => `2026-01-01T00:00:0${number}.000Z`;
    const script: Script = {
      chargePayment: () => {
        if (parked.length < 2) throw needsOperatorFailure(parked.length === 0 ? 'the answer got lost' : 'it differs');
      },
      parkOrder: (request) => {
        parked.push(request);
        return { step: request.step, reason: request.reason, since: sinceOf(request.parking.number) };
      },
    };
    const { result } = await workflow.runOrder(script, async ({ handle }) => {
      const decide = (about: SeenParking) => handle.executeUpdate(resolveUpdate, { args: [decision({ about })] });
      const { runId } = await handle.describe();
      const seen = (number: number, run = runId): SeenParking => ({ since: sinceOf(number), runId: run, number });
      await until(() => parked.length === 1, 'parked');
      await expect(decide(seen(2))).rejects.toMatchObject({ cause: { type: 'ParkingDiffers' } });
      // Another run's row, which this run has taken over, is known by its instant.
      await expect(decide(seen(2, 'run-before'))).rejects.toMatchObject({ cause: { type: 'ParkingDiffers' } });
      expect(await decide(seen(1, 'run-before'))).toMatchObject({ action: 'retry', since: sinceOf(1) });

      await until(() => parked.length === 2, 'parked anew');
      await expect(decide(seen(1))).rejects.toMatchObject({
        cause: {
          type: 'ParkingDiffers',
          message: expect.stringMatching(/It is parked at charge-payment since .*: it differs/),
        },
      });
      await decide(seen(2));
      return handle.result();
    });
    expect(result).toEqual({ status: 'confirmed' });
  });

  test('that is decided about says so to whoever comes next, until it is followed', async () => {
    let follow: () => void = () => undefined;
    const followed = new Promise<void>((resolve) => (follow = resolve));
    let charges = 0;
    await workflow.runOrder(
      { chargePayment: () => (++charges === 1 ? stuck() : undefined), resumeOrder: () => followed },
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'parked');
        await handle.executeUpdate(resolveUpdate, { args: [decision({})] });
        const second = handle.executeUpdate(resolveUpdate, { args: [decision({ actor: 'operator-2' })] });
        await expect(second).rejects.toMatchObject({
          cause: {
            type: 'AlreadyDecided',
            message: expect.stringContaining('operator-1 decided about charge-payment'),
          },
        });
        follow();
        await handle.result();
      },
    );
  });

  test('whose parking recorded nothing is tried again after a pause each time: it must not spin', async () => {
    let charges = 0;
    const pauses = await workflow.runOrder(
      { chargePayment: () => (++charges <= 3 ? stuck() : undefined), parkOrder: () => null },
      async ({ handle }) => {
        await handle.result();
        const { events } = await handle.fetchHistory();
        return (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
          timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
        );
      },
    );
    expect(pauses.result).toEqual([10, 10, 10]);
  });

  test('that turns out to be closed when it reminds goes on without an operator', async () => {
    let charges = 0;
    const { result, calls } = await workflow.runOrder(
      { chargePayment: () => (++charges === 1 ? stuck() : undefined), remindOfParked: () => ({ isOver: true }) },
      ({ handle }) => handle.result(),
      {
        bounds: { providerOutageLimitMs: 60_000, stepOutageLimitMs: 60_000, undoAttempts: 2, parkedReminderMs: 5_000 },
      },
    );
    expect(result).toEqual({ status: 'confirmed' });
    expect(calls).not.toContain('resumeOrder');
  });

  test('reminds on its schedule until somebody decides, also when a reminder can not be recorded', async () => {
    let reminders = 0;
    const { result, calls } = await workflow.runOrder(
      {
        chargePayment: () => (reminders < 3 ? stuck() : undefined),
        remindOfParked: () => {
          reminders += 1;
          if (reminders === 1) throw needsOperatorFailure('no database');
        },
      },
      async ({ handle, calls: made }) => {
        // The result is what lets time skip; the word of the operator comes with the third reminder.
        const ended = handle.result();
        await until(() => made.filter((name) => name === 'remindOfParked').length >= 3, 'three reminders');
        await handle.executeUpdate(resolveUpdate, { args: [decision({})] });
        return ended;
      },
      {
        bounds: { providerOutageLimitMs: 60_000, stepOutageLimitMs: 60_000, undoAttempts: 2, parkedReminderMs: 5_000 },
      },
    );
    expect(result).toEqual({ status: 'confirmed' });
    expect(timesOf(calls, 'parkOrder')).toBe(1);
  });
});
