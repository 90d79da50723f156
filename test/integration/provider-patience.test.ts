// "Not now" lengthens the pause of the retry policy and never shortens it: in the activities as the worker runs them.
import { expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createProviderActivities } from '../../src/activities/index.ts';
import { notNowFailure } from '../../src/contracts/failures.ts';
import type { ChargeRequest, UndoChargeRequest } from '../../src/contracts/process-order.ts';
import type { PaymentProvider, PaymentRecords } from '../../src/ports/payment.ts';
import { PROVIDER_PAUSES, retryWith } from '../../src/workflows/provider-retries.ts';

const ending = { status: 'cancelled', reason: 'by hand', actor: 'operator-1' } as const;

/** A provider that says "not now" to everything, and books in which every payment is to be asked for. */
function activitiesWith(delayMs: number) {
  const notNow = () => Promise.reject(notNowFailure({ message: 'not now', delayMs }));
  const provider: PaymentProvider = {
    createCustomer: notNow,
    create: notNow,
    confirm: notNow,
    capture: notNow,
    find: notNow,
    cancel: notNow,
    refund: notNow,
    listRefunds: notNow,
    listDisputes: notNow,
    findClientSecret: notNow,
    list: notNow,
    listAllRefunds: notNow,
    listAllDisputes: notNow,
    findDispute: notNow,
  };
  const unused = () => Promise.reject(new Error('Expected no change of the books'));
  const record = {
    orderId: 'order-1',
    ordinal: 1,
    state: 'pending',
    amountMinor: 1_000,
    currency: 'EUR',
    paymentMethod: 'pm_card_visa',
    providerId: 'pi_1',
    createRevision: 1,
    confirmRevision: 1,
    voidRevision: 1,
    refundRevision: 1,
    releaseRevision: 1,
    customerRevision: 1,
    customer: null,
    capture: 'at-confirm',
    rejection: null,
    fenced: false,
    doubt: null,
    isInReview: false,
    ending: null,
  } as const;
  const inventory = { reserve: unused, release: unused, extendHold: () => Promise.resolve() };
  const payments: PaymentRecords = {
    find: () => Promise.resolve(record),
    fence: () => Promise.resolve({ ...record, fenced: true, ending }),
    keepProviderId: unused,
    keepCustomer: unused,
    raiseRevision: unused,
    recordCapture: unused,
    recordAuthorization: unused,
    recordReceived: unused,
    recordDecline: unused,
    recordVoid: unused,
    recordRefund: unused,
    adoptPayment: unused,
    awaitCustomer: unused,
    fenceTry: unused,
    requestMethod: unused,
    findTryAfter: unused,
    findStanding: unused,
    keepStray: unused,
    findFurther: unused,
    recordDispute: unused,
    acknowledge: unused,
  };
  const orders = { clearParked: unused };
  const refunds = {
    noteOthers: unused,
    begin: unused,
    fence: unused,
    allowSending: unused,
    raisePartRevision: unused,
    noteFailure: unused,
    settlePart: unused,
    abandon: unused,
  };
  const captures = {
    ...{
      begin: unused,
      allowSending: unused,
      raiseRevision: unused,
      settle: unused,
      adopt: unused,
      giveUp: unused,
      findMeant: unused,
      isCounted: unused,
    },
  };
  return createProviderActivities({
    provider,
    payments,
    inventory,
    orders,
    refunds,
    captures,
    amendments: { fence: unused },
    attempts: { add: () => Promise.resolve() },
  });
}

test.each([
  ['a short wish in the quick tries', 1, 200, 1_000],
  ['a short wish in the slow tries', 12, 1_000, 45_000],
  ['a long wish', 2, 120_000, 120_000],
])('%s: try %i, wished for %i ms, waits %i ms', async (_name, attempt, delayMs, expected) => {
  const activities = activitiesWith(delayMs);
  const environment = new MockActivityEnvironment({ attempt, retryPolicy: retryWith(PROVIDER_PAUSES) });
  const waits = { message: 'not now', nextRetryDelay: expected };
  await expect(
    environment.run((request: ChargeRequest) => activities.chargePayment(request), { orderId: 'order-1', ordinal: 1 }),
  ).rejects.toMatchObject(waits);
  await expect(
    environment.run((request: UndoChargeRequest) => activities.refundPayment(request), {
      orderId: 'order-1',
      ordinal: 1,
      ending,
    }),
  ).rejects.toMatchObject(waits);
});
