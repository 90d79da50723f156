// Orders that ship and whose workflow begins anew, or finds that others were there before it.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { endingFailure, soldFailure } from '../../src/contracts/failures.ts';
import { cancel, cancelled } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { bounds, standing, startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const HOUR = 3_600_000;
const input = { ships: true, bounds };
const is = (status: typeof standing.status, more: Partial<typeof standing> = {}) => ({ ...standing, status, ...more });

test('an order that ships only asks what has become of a shipment that nobody waits for any more', async () => {
  const waited: number[] = [];
  const replaced = is('lost', { replacedBy: 2 });
  const { result, steps } = await workflow.finish(
    {
      findShipment: ({ number }) => (number === 1 ? replaced : is('packed')),
      followShipment: ({ number }) => (number === 1 ? replaced : is('delivered')),
      awaitShipment: ({ number }) => {
        waited.push(number);
        return { leftMs: HOUR };
      },
    },
    input,
  );
  expect(result).toEqual({ status: 'delivered' });
  expect(new Set(waited)).toEqual(new Set([2]));
  expect(steps).not.toContain('replaceShipment');
  expect(steps.filter((step) => step === 'createShipment')).toHaveLength(1);
});

test('an undo that finds the sale done lets it ship, and a cancellation after that undoes all, the last first', async () => {
  const undone: string[] = [];
  const script: Script = {
    // An undo was begun, and finds that the sale had come first.
    chargePayment: () => {
      throw endingFailure(cancelled);
    },
    refundPayment: () => {
      if (undone.push('refundPayment') === 1) throw soldFailure('the order');
    },
    releaseInventory: () => void undone.push('releaseInventory'),
    followShipment: () => is('packed'),
  };
  const { result, calls } = await workflow.runOrder(
    script,
    async ({ handle, calls: made }) => {
      await until(() => made.includes('followShipment'), 'it ships');
      await cancel(handle);
      return handle.result();
    },
    input,
  );
  expect(result).toMatchObject({ status: 'cancelled' });
  expect(undone).toEqual(['refundPayment', 'refundPayment', 'releaseInventory']);
  expect(calls.filter((call) => call === 'closeOrder')).toHaveLength(1);
});
