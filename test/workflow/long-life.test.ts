// Lives of thousands of messages: the history of each run stays small, and nobody who asked is left without an answer.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { needsOperatorFailure } from '../../src/contracts/failures.ts';
import {
  cancelUpdate,
  paymentNewsSignal,
  progressQuery,
  resolveUpdate,
  shipmentNewsSignal,
} from '../../src/contracts/messages.ts';
import { cancellation, held, row } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { bounds, standing, startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

const MESSAGES = 2_000;
// As many as a client sends without waiting: a workflow takes no more of them at a time.
const AT_ONCE = 10;
const MOST_EVENTS = 4_096;

async function send(message: () => Promise<unknown>, messages = MESSAGES): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (let sent = 0; sent < messages; sent += AT_ONCE)
    answers.push(...(await Promise.all(Array.from({ length: AT_ONCE }, message))));
  return answers;
}

/** The number of events of each run, the last run first. */
async function runsOf(workflowId: string): Promise<number[]> {
  const lengths: number[] = [];
  for (let runId: string | undefined; ;) {
    const { events = [] } = await workflow.environment.client.workflow.getHandle(workflowId, runId).fetchHistory();
    lengths.push(events?.length ?? 0);
    const before = events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (!before) return lengths;
    runId = before;
  }
}
function expectShort(lengths: readonly number[]): void {
  expect(lengths.length).toBeGreaterThan(1);
  expect(Math.max(...lengths)).toBeLessThan(MOST_EVENTS);
}

test('an order that is parked while it is undone answers everybody, and goes on from where it is parked', async () => {
  let isWell = false;
  const refunds: unknown[] = [];
  const parkings = new Set<string>();
  const { script: decided } = row();
  const { script } = row({
    ...decided,
    chargePayment: () => {
      throw needsOperatorFailure('nobody may guess');
    },
    refundPayment: (undo) => {
      refunds.push(undo);
      decided.refundPayment?.(undo);
      if (!isWell) throw needsOperatorFailure('it failed');
    },
    parkOrder: ({ step, reason, parking }) => {
      parkings.add(`${step} ${parking.runId} ${parking.number}`);
      return { step, reason, since: '2026-01-01T00:00:00.000Z' };
    },
  });
  const { result } = await workflow.runOrder(script, async ({ handle, calls }) => {
    const parked = (often: number) =>
      until(() => calls.filter((call) => call === 'parkOrder').length >= often, 'parked');
    const decide = (action: 'retry' | 'compensate') =>
      handle.executeUpdate(resolveUpdate, { args: [{ action, actor: 'operator', reason: 'looked' }] });
    await parked(1);
    await decide('compensate');
    await parked(2);
    const answers = await send(() => handle.executeUpdate(cancelUpdate, { args: [cancellation] }));
    expect(answers).toHaveLength(MESSAGES);
    for (const answer of answers) expect(answer).toEqual({ ending: expect.objectContaining({ status: 'cancelled' }) });
    isWell = true;
    await decide('retry');
    const outcome = await handle.result();
    expectShort(await runsOf(handle.workflowId));
    return outcome;
  });
  expect(result).toMatchObject({ status: 'cancelled', actor: 'operator', reason: 'looked' });
  // Once before the flood, once after the decision: going on is no try.
  expect(refunds).toHaveLength(2);
  expect(parkings.size).toBe(2);
}, 120_000);

test('a shipment of which the carrier tells again and again is looked after to its end', async () => {
  let isDelivered = false;
  const script: Script = {
    followShipment: () => ({ ...standing, status: isDelivered ? 'delivered' : 'dispatched' }),
  };
  const { result } = await workflow.runOrder(
    script,
    async ({ handle, calls }) => {
      await until(() => calls.includes('followShipment'), 'it is on its way');
      const shipment = workflow.environment.client.workflow.getHandle(`${handle.workflowId}:shipment:1`);
      await send(() => shipment.signal(shipmentNewsSignal));
      isDelivered = true;
      await shipment.signal(shipmentNewsSignal);
      const outcome = await handle.result();
      expectShort(await runsOf(shipment.workflowId));
      return outcome;
    },
    { ships: true, bounds },
  );
  expect(result).toEqual({ status: 'delivered' });
}, 120_000);

test('an order goes on while its shipment is on its way, and still hears how that ends', async () => {
  let isDelivered = false;
  const { script } = row({
    followShipment: () => ({ ...standing, status: isDelivered ? 'delivered' : 'dispatched' }),
  });
  const { result } = await workflow.runOrder(
    script,
    async ({ handle, calls }) => {
      await until(() => calls.includes('followShipment'), 'it is on its way');
      const answers = await send(() => handle.executeUpdate(cancelUpdate, { args: [cancellation] }), 400);
      expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(new Set(['{"sold":true}']));
      isDelivered = true;
      const shipment = workflow.environment.client.workflow.getHandle(`${handle.workflowId}:shipment:1`);
      await until(
        () =>
          shipment.signal(shipmentNewsSignal).then(
            () => true,
            () => false,
          ),
        'somebody looks after the shipment',
      );
      const outcome = await handle.result();
      expectShort(await runsOf(handle.workflowId));
      return outcome;
    },
    { ships: true, bounds },
  );
  expect(result).toEqual({ status: 'delivered' });
}, 120_000);

test('what an operator has done by hand is verified before an order goes on as another run', async () => {
  const verified = held();
  let isAdopted = false;
  const { script } = row({
    chargePayment: () => {
      if (!isAdopted) throw needsOperatorFailure('nobody may guess');
    },
    adoptPayment: async () => {
      await verified.call();
      isAdopted = true;
    },
  });
  const { result, calls } = await workflow.runOrder(script, async ({ handle, calls: made }) => {
    await until(() => made.includes('parkOrder'), 'parked');
    const byHand = { action: 'skip', value: 'pi_by_hand', actor: 'operator', reason: 'paid in the dashboard' } as const;
    await handle.executeUpdate(resolveUpdate, { args: [byHand] });
    await verified.begun;
    await send(() => handle.signal(paymentNewsSignal), 2_000);
    // Answered by a workflow that has seen them all, and would have gone on as another run if it might.
    await handle.query(progressQuery);
    verified.letGo();
    return handle.result();
  });
  expect(result).toEqual({ status: 'confirmed' });
  expect(calls.filter((call) => call === 'parkOrder')).toHaveLength(1);
}, 120_000);

test('a payment of which the provider tells again and again stays parked until somebody decides', async () => {
  let isAcknowledged = false;
  const { result } = await workflow.runFollowUp(
    {
      followPayment: () => {
        if (!isAcknowledged) throw needsOperatorFailure('who has it?');
      },
      acknowledgePayment: () => void (isAcknowledged = true),
    },
    async ({ handle, calls: made }) => {
      await until(() => made.includes('parkOrder'), 'parked');
      await send(() => handle.signal(paymentNewsSignal));
      await handle.executeUpdate(resolveUpdate, { args: [{ action: 'skip', actor: 'operator', reason: 'looked' }] });
      await handle.result();
      return runsOf(handle.workflowId);
    },
  );
  expectShort(result);
  expect(isAcknowledged).toBe(true);
}, 120_000);
