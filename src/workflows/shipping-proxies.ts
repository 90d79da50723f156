// The timeouts and retry bounds of shipping, with their reasons; the rest stands in activity-proxies.ts.
import { ActivityCancellationType, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { CarrierActivities, StepActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import type { Bounds } from '../contracts/process-order.ts';
import { PROVIDER_PAUSES, retryWith, triesWithin } from './provider-retries.ts';

export function createShippingActivities(bounds: Bounds) {
  const local = {
    // Above the database's statement_timeout (5 s), so that the database's clearer error comes first.
    startToCloseTimeout: '8s',
    scheduleToCloseTimeout: bounds.stepOutageLimitMs,
    localRetryThreshold: '2s',
    retry: { initialInterval: '200ms', backoffCoefficient: 2, maximumInterval: '5m' },
  } as const;
  const { planShipments, finishShipping } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'What is on its way',
  });
  const { awaitStock } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'What is there, and what is waited for',
  });
  const { findShipment } = proxyLocalActivities<StepActivities>({ ...local, summary: 'How the shipment stands' });
  const { awaitShipment, noteShipmentDelay } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Show whom it waits for',
  });
  const { withdrawShipment } = proxyLocalActivities<StepActivities>({ ...local, summary: 'It does not go' });
  const { giveBackShipment, expireBackorder } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'Back on the shelf, and its money to the customer',
  });
  const { replaceShipment } = proxyLocalActivities<StepActivities>({ ...local, summary: 'Send it once more' });
  const { acceptShipment, acceptCancelledShipments } = proxyLocalActivities<StepActivities>({
    ...local,
    summary: 'A person takes it as it is',
  });

  const pauses = bounds.providerPauses ?? PROVIDER_PAUSES;
  const atCarrier = {
    taskQueue: TaskQueue.carrier,
    // Three requests of at most 8 s each, and two transactions.
    startToCloseTimeout: '40s',
    // Three heartbeats: how long a killed worker goes unnoticed.
    heartbeatTimeout: '10s',
    // The undo asks the carrier what became of an attempt, so nobody needs to wait for one that was cancelled.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    retry: retryWith(pauses),
  } as const;
  const { createShipment } = proxyActivities<CarrierActivities>({
    ...atCarrier,
    // As long as a payment provider may be away.
    scheduleToCloseTimeout: bounds.providerOutageLimitMs,
    summary: 'Have the carrier make a label',
  });
  const { followShipment } = proxyActivities<CarrierActivities>({
    ...atCarrier,
    scheduleToCloseTimeout: bounds.providerOutageLimitMs,
    summary: 'Ask the carrier what has become of it',
  });
  const { cancelShipment, cancelShipments } = proxyActivities<CarrierActivities>({
    ...atCarrier,
    // Counted, not timed, as every undo.
    retry: { ...atCarrier.retry, maximumAttempts: triesWithin(bounds.providerOutageLimitMs, pauses) },
    summary: 'Undo: void what the carrier has labelled',
  });
  return {
    ...{ awaitStock, planShipments, finishShipping, findShipment, awaitShipment, noteShipmentDelay, replaceShipment },
    ...{ acceptShipment, acceptCancelledShipments, createShipment, followShipment, cancelShipment, cancelShipments },
    ...{ withdrawShipment, giveBackShipment, expireBackorder },
  };
}
