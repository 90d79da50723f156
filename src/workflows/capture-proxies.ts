// The timeouts and retry bounds of captures, with their reasons; the rest stands in activity-proxies.ts.
import { proxyActivities } from '@temporalio/workflow';
import type { ProviderActivities } from '../activities/index.ts';
import { TaskQueue } from '../contracts/ids.ts';
import type { Bounds } from '../contracts/process-order.ts';
import { PROVIDER_PAUSES, retryWith, triesWithin } from './provider-retries.ts';

export function createCaptureActivities(bounds: Bounds) {
  const pauses = bounds.providerPauses ?? PROVIDER_PAUSES;
  const atProvider = {
    taskQueue: TaskQueue.payments,
    // Three requests of at most 8 s each (ask, capture, ask again) and three transactions.
    startToCloseTimeout: '40s',
    // Three heartbeats: how long a killed worker goes unnoticed.
    heartbeatTimeout: '10s',
    // Counted like an undo: what was handed over is to be paid, and is not dropped by the clock.
    retry: { ...retryWith(pauses), maximumAttempts: triesWithin(bounds.providerOutageLimitMs, pauses) },
  } as const;
  const { capturePayment } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Capture what was handed over; release what never ships',
  });
  const { adoptCapture } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Verify a payment that was made by hand, and take it for this capture',
  });
  const { abandonCapture } = proxyActivities<ProviderActivities>({
    ...atProvider,
    summary: 'Give the capture up, when nothing of it has moved for certain',
  });
  return { capturePayment, adoptCapture, abandonCapture };
}
