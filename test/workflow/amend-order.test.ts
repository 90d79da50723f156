// Amendments in workflows alone, with time skipped: each step's undo, what parks, and the order's own workflow, which looks after shipments
// that an amendment adds or cancels and gives back what it has charged.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure, rejectionFailure } from '../../src/contracts/failures.ts';
import {
  resolveUpdate,
  shipmentNewsSignal,
  shipmentPlanSignal,
  type Resolution,
} from '../../src/contracts/messages.ts';
import { RejectionCode, type Rejection } from '../../src/domain/rejection.ts';
import { cancel, cancelled } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { bounds, standing, startWorkflowTest, stepsOf, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const declined: Rejection = { code: RejectionCode.declined, message: 'no' };
const movedOn: Rejection = { code: RejectionCode.orderMovedOn, message: 'packed' };
const refuse = (rejection: Rejection) => () => {
  throw rejectionFailure(rejection);
};
const decision = (action: Resolution['action'], value?: string): Resolution => ({
  ...{ action, actor: 'operator-1', reason: 'looked at it' },
  ...(value === undefined ? {} : { value }),
});
const parkOrder: Script['parkOrder'] = ({ step, reason }) => ({ step, reason, since: '2026-01-01T00:00:00.000Z' });
/** What the amendment was refused for, as its steps were told. */
function told() {
  const refusals: unknown[] = [];
  const note =
    (answer: unknown) =>
    ({ refusal }: { refusal: Rejection }): unknown => (refusals.push(refusal), answer);
  return { refusals, undoAmendment: note(undefined), closeAmendment: note({ status: 'refused' }) };
}

test('is applied when all of it went well, and nothing is undone', async () => {
  const { result, calls } = await workflow.runAmendment({}, ({ handle }) => handle.result());
  expect(result).toEqual({ status: 'applied' });
  expect(calls).toEqual(['holdAmendment', 'chargeAmendment', 'applyAmendment']);
});

test('that adds nothing and costs nothing more goes straight to its pivot', async () => {
  const { calls } = await workflow.runAmendment({}, ({ handle }) => handle.result(), { holds: false, charge: null });
  expect(calls).toEqual(['applyAmendment']);
});

describe('refused', () => {
  test.each<[string, Script, Rejection, string[]]>([
    [
      'for too little stock, what another run may have charged is undone',
      { holdAmendment: refuse({ code: RejectionCode.outOfStock, message: 'none' }) },
      { code: RejectionCode.outOfStock, message: 'none' },
      ['holdAmendment', 'undoAmendment', 'closeAmendment'],
    ],
    [
      'by the bank, the charge is undone before the stock is freed',
      { chargeAmendment: refuse(declined) },
      declined,
      ['holdAmendment', 'chargeAmendment', 'undoAmendment', 'closeAmendment'],
    ],
    [
      'because somebody was first, what was charged is undone',
      { applyAmendment: refuse(movedOn) },
      movedOn,
      ['holdAmendment', 'chargeAmendment', 'applyAmendment', 'undoAmendment', 'closeAmendment'],
    ],
    [
      'because the order ends, it says so',
      {
        chargeAmendment: () => {
          throw endingFailure({ status: 'cancelled', reason: 'r', actor: 'a' });
        },
      },
      { code: RejectionCode.orderMovedOn, message: 'The order is ending as cancelled' },
      ['holdAmendment', 'chargeAmendment', 'undoAmendment', 'closeAmendment'],
    ],
  ])('%s', async (_how, script, refusal, expected) => {
    const { refusals, ...noted } = told();
    const { result, calls } = await workflow.runAmendment({ ...noted, ...script }, ({ handle }) => handle.result());
    expect(result).toEqual({ status: 'refused' });
    expect(calls).toEqual(expected);
    expect(refusals).toEqual(refusals.map(() => refusal));
    expect(refusals.length).toBeGreaterThan(0);
  });

  test('too late, it is applied all the same, as its row says', async () => {
    const script: Script = { applyAmendment: refuse(movedOn), closeAmendment: () => ({ status: 'applied' }) };
    const { result } = await workflow.runAmendment(script, ({ handle }) => handle.result());
    expect(result).toEqual({ status: 'applied' });
  });

  test('its undo is carried out when its workflow is cancelled in Temporal', async () => {
    let letGo = (): void => undefined;
    const made = new Promise<void>((resolve) => (letGo = resolve));
    const { refusals, ...noted } = told();
    const { result, calls } = await workflow.runAmendment(
      { ...noted, chargeAmendment: () => made },
      async ({ handle, calls: called }) => {
        await until(() => called.includes('chargeAmendment'), 'it is under way');
        await handle.cancel();
        const ended = await handle.result();
        letGo();
        return ended;
      },
    );
    expect(result).toEqual({ status: 'refused' });
    expect(stepsOf(calls).slice(-2)).toEqual(['undoAmendment', 'closeAmendment']);
    expect(refusals[0]).toMatchObject({ code: RejectionCode.givenUp });
  });
});

describe('parked', () => {
  const broken = () => {
    throw needsOperatorFailure('nobody knows');
  };

  test.each<[Resolution, string[], string]>([
    [decision('skip', 'pi_by_hand'), ['adoptPayment', 'applyAmendment'], 'applied'],
    [decision('compensate'), ['undoAmendment', 'closeAmendment'], 'refused'],
  ])('at its charge, it follows %j', async (resolution, after, status) => {
    const { result, calls } = await workflow.runAmendment(
      { chargeAmendment: broken, parkOrder },
      async ({ handle, calls: called }) => {
        await until(() => called.includes('parkOrder'), 'it is parked');
        await handle.executeUpdate(resolveUpdate, { args: [resolution] });
        return handle.result();
      },
    );
    expect(result).toEqual({ status });
    expect(stepsOf(calls).slice(-2)).toEqual(after);
  });

  test('at its undo, it can be retried or made by hand, not given up', async () => {
    const script: Script = { chargeAmendment: refuse(declined), undoAmendment: broken, parkOrder };
    const { calls } = await workflow.runAmendment(script, async ({ handle, calls: called }) => {
      await until(() => called.includes('parkOrder'), 'it is parked');
      await expect(handle.executeUpdate(resolveUpdate, { args: [decision('compensate')] })).rejects.toThrow();
      await handle.executeUpdate(resolveUpdate, { args: [decision('skip', 're_by_hand')] });
      return handle.result();
    });
    expect(stepsOf(calls).slice(-2)).toEqual(['adoptAmendmentRefund', 'closeAmendment']);
  });
});

describe('an order that ships', () => {
  const input = { ships: true, bounds };
  const shipmentOf = (orderId: string, number: number) =>
    workflow.environment.client.workflow.getHandle(`${orderId}:shipment:${number}`);

  test.each([
    ['looks after a shipment that is added, and lets go of one that is cancelled', true],
    ['looks after a shipment that is added, also when it hears of that too late', false],
  ])('%s', async (_name, isTold) => {
    let numbers = [1];
    const isAmended = (): boolean => numbers.length > 1;
    const script: Script = {
      planShipments: () => ({ numbers }),
      findShipment: ({ number }) => ({
        ...standing,
        status: number === 2 ? 'packed' : isAmended() ? 'cancelled' : 'pending',
      }),
    };
    const made: number[] = [];
    const createShipment: Script['createShipment'] = ({ number }) => void made.push(number);
    const { result } = await workflow.runOrder(
      { ...script, createShipment },
      async ({ handle, calls }) => {
        await until(() => calls.includes('awaitShipment'), 'the first waits to be packed');
        numbers = [1, 2];
        await shipmentOf(handle.workflowId, 1).signal(shipmentNewsSignal);
        if (isTold) await handle.signal(shipmentPlanSignal);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    // No label is ever made for what is cancelled.
    expect(made).toEqual([2]);
  });

  test('is divided once more without another workflow for what is looked after already', async () => {
    let isPacked = false;
    const findShipment = () => ({ ...standing, status: isPacked ? 'packed' : 'pending' });
    const { calls } = await workflow.runOrder(
      { findShipment },
      async ({ handle, calls: called }) => {
        await until(() => called.includes('awaitShipment'), 'it waits to be packed');
        await handle.signal(shipmentPlanSignal);
        await until(() => called.filter((call) => call === 'planShipments').length === 2, 'it has looked again');
        isPacked = true;
        await shipmentOf(handle.workflowId, 1).signal(shipmentNewsSignal);
        return handle.result();
      },
      input,
    );
    expect(calls.filter((call) => call === 'createShipment')).toHaveLength(1);
  });

  test('gives back what amendments have charged when it is cancelled, before its own payment', async () => {
    const undone: number[] = [];
    let isCancelled = false;
    const script: Script = {
      cancelOrder: () => ((isCancelled = true), { ending: cancelled }),
      findShipment: () => ({ ...standing, ending: isCancelled ? cancelled : null }),
      refundPayment: ({ ordinal }) => void undone.push(ordinal),
      findFurtherPayments: () => [2, 3],
    };
    const { result } = await workflow.runOrder(
      script,
      async ({ handle, calls }) => {
        await until(() => calls.includes('awaitShipment'), 'it waits to be packed');
        await cancel(handle);
        return handle.result();
      },
      input,
    );
    expect(result).toMatchObject({ status: 'cancelled' });
    expect(undone).toEqual([3, 2, 1]);
  });
});
