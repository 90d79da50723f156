// A shipment that an operator takes out of its order, in workflows alone with time skipped.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { needsOperatorFailure } from '../../src/contracts/failures.ts';
import { shipmentNewsSignal } from '../../src/contracts/messages.ts';
import { cancel } from '../support/cancelling.ts';
import { countOf, decideAbout, HOUR, input, is, shipmentWorkflow, waits } from '../support/shipping-workflows.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

describe('a shipment that an operator has not go', () => {
  const wont: Script = {
    withdrawShipment: () => is('cancelled', { withdrawn: 'open' }),
    finishShipping: () => ({ status: 'shipped' }),
  };
  test.each([
    ['is never packed', 'pack-shipment', { findShipment: () => is('pending'), awaitShipment: () => ({ leftMs: 0 }) }],
    [
      'never gets a label',
      'create-shipment',
      {
        createShipment: () => {
          throw needsOperatorFailure('no carrier');
        },
      },
    ],
    [
      'is never handed over',
      'dispatch-shipment',
      { followShipment: () => is('packed'), awaitShipment: ({ what }) => ({ leftMs: what === 'dispatch' ? 0 : HOUR }) },
    ],
  ] as [string, string, Script][])(
    'since it %s: its label is voided, then it is given back for',
    async (_name, step, script) => {
      const parked: string[] = [];
      const { result, calls } = await workflow.runOrder(
        {
          ...waits(),
          ...wont,
          ...script,
          parkOrder: (request) => {
            parked.push(request.step);
            return { step: request.step, reason: request.reason, since: '2026-01-01T00:00:00.000Z' };
          },
        },
        async ({ handle }) => {
          await until(() => parked.length > 0, 'it parks');
          await decideAbout(workflow, handle.workflowId, 'skip', 1);
          return handle.result();
        },
        input,
      );
      expect([result, parked]).toEqual([{ status: 'shipped' }, [step]]);
      const after = calls.slice(calls.indexOf('withdrawShipment')).filter((call) => call !== 'planShipments');
      expect(after).toEqual(['withdrawShipment', 'cancelShipment', 'giveBackShipment', 'finishShipping']);
    },
  );

  test('waits on when it is the last that goes, and is packed after all', async () => {
    let isPacked = false;
    const script: Script = {
      ...waits(),
      findShipment: () => is(isPacked ? 'packed' : 'pending'),
      awaitShipment: ({ what }) => ({ leftMs: what === 'packing' ? 0 : HOUR }),
      withdrawShipment: () => {
        throw needsOperatorFailure('nothing else goes');
      },
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => countOf(made, 'parkOrder') === 1, 'it parks');
        await decideAbout(workflow, handle.workflowId, 'skip', 1);
        await until(() => countOf(made, 'parkOrder') === 2, 'it parks again');
        isPacked = true;
        await shipmentWorkflow(workflow, handle.workflowId, 1).signal(shipmentNewsSignal);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(calls).not.toContain('giveBackShipment');
  });

  test('waits for nobody any more when it is the last that goes, and its order is cancelled as it was told', async () => {
    const script: Script = {
      ...waits(),
      findShipment: () => is('pending'),
      awaitShipment: () => ({ leftMs: 0 }),
      withdrawShipment: () => {
        throw needsOperatorFailure('nothing else goes: cancel it');
      },
    };
    const { result } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => countOf(made, 'parkOrder') === 1, 'it parks');
        await decideAbout(workflow, handle.workflowId, 'skip', 1);
        await until(() => countOf(made, 'parkOrder') === 2, 'it parks again');
        await cancel(handle);
        const ended = await handle.result();
        const shipment = shipmentWorkflow(workflow, handle.workflowId, 1);
        await until(async () => (await shipment.describe()).status.name !== 'RUNNING', 'its shipment ends');
        return { ended, shipment: (await shipment.describe()).status.name };
      },
      input,
    );
    expect(result).toMatchObject({ ended: { status: 'cancelled' }, shipment: 'CANCELLED' });
  });

  test('is kept back and given back for also by a workflow that finds it so, and by a person where our books cannot say', async () => {
    const without: unknown[] = [];
    const script: Script = {
      ...wont,
      findShipment: () => is('cancelled', { withdrawn: 'open' }),
      giveBackShipment: ({ withoutRefund }) => {
        without.push(withoutRefund);
        if (!withoutRefund) throw needsOperatorFailure('a bank has it');
      },
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        await decideAbout(workflow, handle.workflowId, 'retry', 1);
        await until(() => countOf(made, 'parkOrder') === 2, 'it parks again');
        await decideAbout(workflow, handle.workflowId, 'skip', 1);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'shipped' });
    expect(without).toEqual([false, false, true]);
    expect(calls).not.toContain('createShipment');
  });

  test('that has left all the same is looked at once for each of the news, and waits for a person', async () => {
    let hasLeft = true;
    const script: Script = {
      ...wont,
      findShipment: () => is('cancelled', { withdrawn: 'open' }),
      cancelShipment: () => {
        if (hasLeft) throw needsOperatorFailure('the carrier has its parcel all the same');
      },
      acceptShipment: () => void (hasLeft = false),
    };
    await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        const before = countOf(made, 'cancelShipment');
        await shipmentWorkflow(workflow, handle.workflowId, 1).signal(shipmentNewsSignal);
        await until(() => countOf(made, 'cancelShipment') > before, 'the news are looked at');
        await decideAbout(workflow, handle.workflowId, 'skip', 1);
        await handle.result();
        expect(countOf(made, 'cancelShipment')).toBe(before + 1);
      },
      input,
    );
  });

  test('keeps a cancelled order waiting for nobody, while a person is asked what is given back for it', async () => {
    const script: Script = {
      awaitStock: () => ({ shipments: [{ first: 1, number: 1 }], nextInMs: null, until: null }),
      findShipment: () => is('cancelled', { withdrawn: 'open' }),
      giveBackShipment: () => {
        throw needsOperatorFailure('a bank has it');
      },
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        await cancel(handle);
        return handle.result();
      },
      { ...input, onShortage: 'split' },
    );
    expect(result).toMatchObject({ status: 'cancelled' });
    // Nor until somebody is reminded of it, a day later.
    expect(calls).not.toContain('remindOfParked');
  });

  test('that was given back for, and that its carrier has all the same, waits for a person', async () => {
    let hasLeftAllTheSame = true;
    const script: Script = {
      followShipment: () => is('cancelled', { withdrawn: 'given-back', hasLeftAllTheSame }),
      findShipment: () => is('cancelled', { withdrawn: 'given-back' }),
      acceptShipment: () => void (hasLeftAllTheSame = false),
      ...wont,
    };
    const { calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        await decideAbout(workflow, handle.workflowId, 'skip', 1);
        return handle.result();
      },
      input,
    );
    expect(calls).toContain('acceptShipment');
    expect(calls).not.toContain('giveBackShipment');
  });
});
