// Captures of what ships: one after the other until nothing is due, parked where nobody may guess, and looked at again when there is news.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needsOperatorFailure } from '../../src/contracts/failures.ts';
import { captureNewsSignal, resolveUpdate, type Resolution } from '../../src/contracts/messages.ts';
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
const parkOrder: Script['parkOrder'] = ({ step, reason }) => ({ step, reason, since: '2026-01-01T00:00:00.000Z' });
const captures = (calls: readonly string[]): number => calls.filter((call) => call === 'capturePayment').length;

test('captures until nothing is due', async () => {
  const left = [false, false, true];
  const capturePayment = () => ({ isDone: left.shift() ?? true });
  const { calls } = await workflow.runCapture({ capturePayment }, ({ handle }) => handle.result());
  expect(captures(calls)).toBe(3);
});

test('looks once more at news that come while it captures', async () => {
  let letGo = (): void => undefined;
  const made = new Promise<void>((resolve) => (letGo = resolve));
  let tries = 0;
  const capturePayment = async () => {
    tries += 1;
    if (tries === 1) await made;
    return { isDone: true };
  };
  const { calls } = await workflow.runCapture({ capturePayment }, async ({ handle, calls: under }) => {
    await until(() => captures(under) === 1, 'it captures');
    await handle.signal(captureNewsSignal);
    letGo();
    return handle.result();
  });
  expect(captures(calls)).toBe(2);
});

test('outlasts an outage, then parks; a retry captures', async () => {
  let isIll = true;
  const capturePayment = () => {
    if (isIll) throw new Error('no answer');
    return { isDone: true };
  };
  await workflow.runCapture({ capturePayment, parkOrder }, async ({ handle, calls }) => {
    // Time is skipped while a result is waited for.
    const result = handle.result();
    await until(() => calls.includes('parkOrder'), 'it parks');
    expect(captures(calls)).toBeGreaterThan(2);
    isIll = false;
    await handle.executeUpdate(resolveUpdate, { args: [decision('retry')] });
    await result;
    expect(calls).toContain('resumeOrder');
  });
});

test('takes a payment that was made by hand, and goes on', async () => {
  let isPaid = false;
  const adopted: string[] = [];
  const script: Script = {
    capturePayment: () => {
      if (!isPaid) throw needsOperatorFailure('it can not be captured');
      return { isDone: true };
    },
    adoptCapture: ({ providerId }) => {
      adopted.push(providerId);
      isPaid = true;
      return { isDone: false };
    },
    parkOrder,
  };
  await workflow.runCapture(script, async ({ handle, calls }) => {
    await until(() => calls.includes('parkOrder'), 'it parks');
    await handle.executeUpdate(resolveUpdate, { args: [decision('skip', 'pi_by_hand')] });
    await handle.result();
  });
  expect(adopted).toEqual(['pi_by_hand']);
});

test('gives up what an operator says, parks again where that can not be, and captures the next', async () => {
  const told: unknown[] = [];
  let isUnknown = true;
  const script: Script = {
    capturePayment: () => {
      if (told.length < 2) throw needsOperatorFailure('it can not be captured');
      return { isDone: true };
    },
    abandonCapture: ({ actor, reason }) => {
      told.push([actor, reason]);
      if (!isUnknown) return { isDone: false };
      isUnknown = false;
      throw needsOperatorFailure('what became of it is not known');
    },
    parkOrder,
  };
  await workflow.runCapture(script, async ({ handle, calls }) => {
    const parkedOften = () => calls.filter((call) => call === 'parkOrder').length;
    await until(() => parkedOften() === 1, 'it parks');
    await handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
    await until(() => parkedOften() === 2, 'it parks again');
    await handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] });
    await handle.result();
  });
  expect(told).toEqual([
    ['operator-1', 'looked at it'],
    ['operator-1', 'looked at it'],
  ]);
});
