// Shipping in workflows alone, with time skipped: the order's, and the one of each shipment.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { endingFailure, needsOperatorFailure } from '../../src/contracts/failures.ts';
import { cancelUpdate, resolveUpdate, shipmentNewsSignal, type CancelAnswer } from '../../src/contracts/messages.ts';
import { cancel, cancelled } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { countOf, decideAbout, input, is, shipmentWorkflow, waits } from '../support/shipping-workflows.ts';
import { startWorkflowTest, stepsOf, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const shipmentOf = (orderId: string, number = 1) => shipmentWorkflow(workflow, orderId, number);
const decide = (orderId: string, action: 'retry' | 'skip', number = 1): Promise<unknown> =>
  decideAbout(workflow, orderId, action, number);
const waitOf = { 'pack-shipment': 'packing', 'dispatch-shipment': 'dispatch', 'deliver-shipment': 'delivery' } as const;

describe('an order that ships', () => {
  test('goes on after its sale: packed, labelled, handed over, delivered', async () => {
    const { result, steps } = await workflow.finish(waits(), input);
    expect(result).toEqual({ status: 'delivered' });
    expect(steps).toEqual([
      ...['reserveInventory', 'chargePayment', 'confirmOrder', 'planShipments', 'findShipment', 'awaitShipment'],
      ...['createShipment', 'followShipment', 'finishShipping'],
    ]);
  });

  test('without anything to ship ends with its sale', async () => {
    const { result, steps } = await workflow.finish({}, { ships: false });
    expect(result).toEqual({ status: 'confirmed' });
    expect(steps).toEqual(['reserveInventory', 'chargePayment', 'confirmOrder']);
  });

  test('asks a carrier that tells nothing, less and less often', async () => {
    let looks = 0;
    const followShipment = () => is((looks += 1) < 8 ? 'packed' : 'delivered');
    const { result, calls } = await workflow.finish({ ...waits(), followShipment }, input);
    expect(result).toEqual({ status: 'delivered' });
    // 1, 2, 4, 8, 8 … hours: within its 48 it needs no more.
    expect(countOf(calls, 'followShipment')).toBeLessThanOrEqual(10);
  });

  test.each([
    ['findShipment', 'pending', 'pack-shipment'],
    ['followShipment', 'packed', 'dispatch-shipment'],
    ['followShipment', 'dispatched', 'deliver-shipment'],
  ] as const)(
    'that waits too long (%s: %s) says so, then parks at %s, and waits on when told to',
    async (look, status, step) => {
      const parked: string[] = [];
      let isWell = false;
      const script: Script = {
        // The little that is left of the wait passes in real time.
        awaitShipment: ({ what, withinMs, renew }) => ({ leftMs: what === waitOf[step] && !renew ? 300 : withinMs }),
        [look]: () => is(isWell ? 'delivered' : status),
        parkOrder: (request) => {
          parked.push(request.step);
          return { step: request.step, reason: request.reason, since: '2026-01-01T00:00:00.000Z' };
        },
      };
      const { result, calls } = await workflow.runOrder(
        script,
        async ({ handle, calls: made }) => {
          await until(() => parked.length > 0, 'it parks');
          expect(countOf(made, 'noteShipmentDelay')).toBe(1);
          isWell = true;
          await decide(handle.workflowId, 'retry');
          return handle.result();
        },
        input,
      );
      expect(result).toEqual({ status: 'delivered' });
      expect(parked).toEqual([step]);
      expect(countOf(calls, 'replaceShipment')).toBe(0);
    },
  );

  test('whose parcel is lost asks a person, who has it sent once more: another shipment, waited for as well', async () => {
    const clears: boolean[] = [];
    const script: Script = {
      ...waits(),
      followShipment: ({ number, parked }) => {
        clears.push(parked !== undefined);
        return is(number === 1 ? 'lost' : 'delivered');
      },
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        // News that say the same change nothing, and have nothing sent.
        await shipmentOf(handle.workflowId).signal(shipmentNewsSignal);
        await until(() => countOf(made, 'followShipment') >= 3, 'the news are looked at');
        expect(made).not.toContain('replaceShipment');
        // It is still parked: looking at it must not take it out of a person's sight.
        expect(clears.at(-1)).toBe(false);
        await decide(handle.workflowId, 'retry');
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(countOf(calls, 'replaceShipment')).toBe(1);
    expect(countOf(calls, 'createShipment')).toBe(2);
  });

  test('whose parcel turns up again needs no person any more', async () => {
    let isFound = false;
    const script: Script = { ...waits(), followShipment: () => is(isFound ? 'delivered' : 'lost') };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        isFound = true;
        await shipmentOf(handle.workflowId).signal(shipmentNewsSignal);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(calls).not.toContain('replaceShipment');
  });

  test('whose parcel came back is taken as it is', async () => {
    let isAccepted = false;
    const script: Script = {
      ...waits(),
      followShipment: () => is('returned'),
      acceptShipment: () => void (isAccepted = true),
      findShipment: () => is(isAccepted ? 'returned' : 'packed', { isAccepted }),
      finishShipping: () => ({ status: 'shipped' }),
    };
    const { result } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        await decide(handle.workflowId, 'skip');
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'shipped' });
  });
});

describe('an order that ships and is cancelled', () => {
  const undone = ['cancelShipments', 'findFurtherPayments', 'refundPayment', 'releaseInventory', 'closeOrder'];

  test.each([
    ['waits for the warehouse', 'awaitShipment', { findShipment: () => is('pending') }],
    ['is parked there', 'parkOrder', { findShipment: () => is('pending'), awaitShipment: () => ({ leftMs: 0 }) }],
    ['waits for the carrier', 'followShipment', { followShipment: () => is('packed') }],
    [
      'has no label yet',
      'parkOrder',
      {
        createShipment: () => {
          throw needsOperatorFailure('no carrier');
        },
      },
    ],
  ] as [string, string, Script][])(
    'while it %s: the label first, then money, then stock',
    async (_name, reached, script) => {
      const { result, calls } = await workflow.runOrder(
        { ...waits(), ...script },
        async ({ handle, calls: made }) => {
          await until(() => made.includes(reached), reached);
          const answer = await handle.executeUpdate(cancelUpdate, {
            args: [{ actor: 'customer-1', reason: 'changed my mind' }],
          });
          return { answer, outcome: await handle.result() };
        },
        input,
      );
      expect(result.outcome).toMatchObject({ status: 'cancelled' });
      expect(stepsOf(calls).slice(-5)).toEqual(undone);
      expect(calls).not.toContain('finishShipping');
    },
  );

  test('too late goes on, and is delivered', async () => {
    let isOut = false;
    const script: Script = {
      ...waits(),
      followShipment: () => is(isOut ? 'delivered' : 'dispatched'),
      cancelOrder: (): CancelAnswer => ({ sold: true }),
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => countOf(made, 'followShipment') > 1, 'it is on its way');
        const answer = await cancel(handle);
        isOut = true;
        await shipmentOf(handle.workflowId).signal(shipmentNewsSignal);
        return { answer, outcome: await handle.result() };
      },
      input,
    );
    expect(result).toEqual({ answer: { sold: true }, outcome: { status: 'delivered' } });
    expect(calls).not.toContain('cancelShipments');
  });

  test('in Temporal, after its sale, is not: what is sold is taken back by its row alone', async () => {
    let isOut = false;
    const script: Script = { ...waits(), followShipment: () => is(isOut ? 'delivered' : 'packed') };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('followShipment'), 'it waits for the carrier');
        await handle.cancel();
        isOut = true;
        await shipmentOf(handle.workflowId).signal(shipmentNewsSignal);
        return handle.result();
      },
      input,
    );
    expect(result).toEqual({ status: 'delivered' });
    expect(calls).not.toContain('cancelShipments');
  });

  test('and whose workflow was lost meanwhile undoes it all the same, the label first', async () => {
    const ends = (): never => {
      throw endingFailure(cancelled);
    };
    const { result, steps } = await workflow.finish({ chargePayment: ends }, input);
    expect(result).toEqual(cancelled);
    expect(steps.slice(-5)).toEqual(undone);
  });

  test('and whose parcel has left all the same waits for a person before any money goes back', async () => {
    let isAccepted = false;
    const script: Script = {
      chargePayment: () => {
        throw endingFailure(cancelled);
      },
      cancelShipments: () => {
        if (!isAccepted) throw needsOperatorFailure('it has left');
      },
      acceptCancelledShipments: () => void (isAccepted = true),
    };
    const { result, calls } = await workflow.runOrder(
      script,
      async ({ handle, calls: made }) => {
        await until(() => made.includes('parkOrder'), 'it parks');
        expect(made).not.toContain('refundPayment');
        await handle.executeUpdate(resolveUpdate, {
          args: [{ action: 'skip', actor: 'operator', reason: 'goodwill' }],
        });
        return handle.result();
      },
      input,
    );
    expect(result).toEqual(cancelled);
    expect(stepsOf(calls).slice(-4)).toEqual(undone.slice(1));
  });
});
