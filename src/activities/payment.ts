// Money. A charge is: create a payment at the provider (moves nothing) → persist its id → confirm it → record what came
// of it. What must stay true: only a persisted id is ever confirmed; unknown is never taken for declined; a retry asks
// the provider what is before it does anything again.
import { Context } from '@temporalio/activity';
import { endingFailure, needsOperatorFailure, notNowFailure, rejectionFailure } from '../contracts/failures.ts';
import { idempotencyKey } from '../contracts/ids.ts';
import type { ChargeOutcome, ChargeRequest } from '../contracts/process-order.ts';
import type { Inventory } from '../ports/inventory.ts';
import type {
  CustomerUse,
  PaymentProvider,
  PaymentRecord,
  PaymentRecords,
  ProviderAnswer,
  ProviderPayment,
} from '../ports/payment.ts';
import { RejectionCode, type Rejection } from '../domain/rejection.ts';

// A payment that the provider is still working on (bank debits, reviews) is asked for at this pace.
const PROCESSING_POLL_MS = 15_000;

// The story charges nothing that waits for a review. Where a worker of an older version has taken the story over, which knows of
// none, the charge waits instead.
const REVIEW_POLL_MS = 15_000;

// For an attempt that was scheduled by code from before customers were waited for.
const DEFAULT_CUSTOMER_WAIT_MS = 30 * 60_000;

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  inventory: Pick<Inventory, 'extendHold'>;
};
/** `customerWaitMs`: how long a customer may take; null: whoever needs one is declined. */
type Charging = Dependencies & { customerWaitMs: number | null };

export const createPaymentActivities = (dependencies: Dependencies) => ({
  /**
   * Takes the order's total once; answers when it is taken, or when that waits for the customer. Fails with a rejection when
   * the provider says no, with an ending when undone.
   */
  async chargePayment({ orderId, ordinal, customerWaitMs }: ChargeRequest): Promise<ChargeOutcome> {
    const charging = { ...dependencies, customerWaitMs: customerWaitMs ?? DEFAULT_CUSTOMER_WAIT_MS };
    const payment = await dependencies.payments.find({ orderId, ordinal });
    if (payment.doubt !== null) throw needsOperatorFailure(payment.doubt);
    if (payment.state === 'captured' || payment.state === 'authorized') return undefined;
    if (payment.rejection) throw rejectionFailure(payment.rejection);
    if (payment.ending) throw endingFailure(payment.ending);
    if (payment.fenced) throw needsOperatorFailure(`Payment ${ordinal} of ${orderId} was given up for another`);
    if (payment.isInReview) throw notNowFailure({ message: 'The order waits for its review', delayMs: REVIEW_POLL_MS });
    // What is charged stays held, however long it takes to find out what came of it.
    if (Context.current().info.attempt > 1) await dependencies.inventory.extendHold({ orderId });
    return charge(charging, payment);
  },
});

/** Takes the amount of a try that may be charged, once; a retry asks the provider first what became of it. */
export const charge = (charging: Charging, payment: PaymentRecord): Promise<ChargeOutcome> =>
  payment.providerId === null ? chargeFirst(charging, payment) : chargeAgain(charging, payment, payment.providerId);

async function chargeFirst(dependencies: Charging, payment: PaymentRecord): Promise<ChargeOutcome> {
  const { provider, payments } = dependencies;
  const { orderId, ordinal, amountMinor, currency, paymentMethod, createRevision, capture } = payment;
  const key = idempotencyKey({ orderId, operation: 'create', ordinal, revision: createRevision });
  const customer = await customerOf(dependencies, payment);
  const created = await provider.create({
    ...{ key, orderId, amountMinor, currency, paymentMethod, capture },
    ...(customer ? { customer } : {}),
  });
  if ('stuck' in created) {
    // Creating moves no money, so a payment made under the stuck key, if there is one, stays an unconfirmed orphan.
    await payments.raiseRevision({ orderId, ordinal, operation: 'create', from: createRevision });
    throw new Error(`Creating the payment must go on under a new key: ${created.stuck}`);
  }
  if ('rejection' in created) return decline(dependencies, payment, created.rejection);
  const { providerId } = expectDone(created, 'create the payment');

  const kept = await payments.keepProviderId({ orderId, ordinal, providerId });
  if ('ending' in kept) throw endingFailure(kept.ending);
  // Another attempt was first with another payment: that one is the order's, and its state is unknown to us.
  if (kept.providerId !== providerId) return chargeAgain(dependencies, payment, kept.providerId);
  return confirmPayment(dependencies, payment, providerId);
}

/** Whose payment it is at the provider. Like a payment, a customer is used only once its id is persisted: then every attempt names the same. */
async function customerOf({ provider, payments }: Charging, payment: PaymentRecord): Promise<CustomerUse | null> {
  const { orderId, ordinal, customer, customerRevision } = payment;
  if (!customer) return null;
  if (customer.customerId !== null) return { use: customer.use, customerId: customer.customerId };
  const key = idempotencyKey({ orderId, operation: 'customer', ordinal, revision: customerRevision });
  const made = await provider.createCustomer({ key, orderId });
  if ('stuck' in made) {
    // One that was made under the stuck key owns nothing and is named by nothing.
    await payments.raiseRevision({ orderId, ordinal, operation: 'customer', from: customerRevision });
    throw new Error(`Making the customer must go on under a new key: ${made.stuck}`);
  }
  const kept = await payments.keepCustomer({ orderId, ordinal, ...expectDone(made, 'make a customer') });
  if ('ending' in kept) throw endingFailure(kept.ending);
  return { use: 'save', customerId: kept.customerId };
}

/** Charging after an attempt whose outcome is not known: the provider knows. */
async function chargeAgain(dependencies: Charging, payment: PaymentRecord, providerId: string): Promise<ChargeOutcome> {
  const found = expectDone(await dependencies.provider.find({ providerId }), 'ask for the payment');
  if (found.state.kind === 'unconfirmed') return confirmPayment(dependencies, payment, providerId);
  return adopt(dependencies, payment, found);
}

async function confirmPayment(
  dependencies: Charging,
  payment: PaymentRecord,
  providerId: string,
): Promise<ChargeOutcome> {
  const { orderId, ordinal, confirmRevision, capture, customer } = payment;
  const key = idempotencyKey({ orderId, operation: 'confirm', ordinal, revision: confirmRevision });
  const isOffSession = customer?.use === 'off-session';
  if (isOffSession && customer.isDisputed) return decline(dependencies, payment, disputed);
  const confirmed = await dependencies.provider.confirm({
    ...{ key, providerId, capture },
    ...(isOffSession ? { isOffSession } : {}),
  });
  if ('rejection' in confirmed) return decline(dependencies, payment, confirmed.rejection);
  if ('stuck' in confirmed) return replaceConfirmKey(dependencies, payment, { providerId, why: confirmed.stuck });
  // A confirm is refused when the payment has moved on meanwhile (a zombie of ours, an undo): what it is now decides.
  if ('refused' in confirmed) return adoptAfterRefusal(dependencies, payment, { providerId, why: confirmed.refused });
  return adopt(dependencies, payment, confirmed.done);
}

async function replaceConfirmKey(
  dependencies: Charging,
  payment: PaymentRecord,
  { providerId, why }: { providerId: string; why: string },
): Promise<ChargeOutcome> {
  const found = expectDone(await dependencies.provider.find({ providerId }), 'ask for the payment');
  if (found.state.kind !== 'unconfirmed') return adopt(dependencies, payment, found);
  const { orderId, ordinal, confirmRevision } = payment;
  await dependencies.payments.raiseRevision({ orderId, ordinal, operation: 'confirm', from: confirmRevision });
  throw new Error(`Confirming the payment must go on under a new key: ${why}`);
}

async function adoptAfterRefusal(
  dependencies: Charging,
  payment: PaymentRecord,
  { providerId, why }: { providerId: string; why: string },
): Promise<ChargeOutcome> {
  const found = expectDone(await dependencies.provider.find({ providerId }), 'ask for the payment');
  if (found.state.kind === 'unconfirmed')
    throw needsOperatorFailure(`The provider refuses to confirm the payment: ${why}`);
  return adopt(dependencies, payment, found);
}

/** Records what the provider says the payment is. */
async function adopt(dependencies: Charging, payment: PaymentRecord, found: ProviderPayment): Promise<ChargeOutcome> {
  const { state } = found;
  switch (state.kind) {
    case 'captured':
      await recordCapture(dependencies.payments, payment, found);
      return undefined;
    case 'declined':
      return decline(dependencies, payment, state.rejection);
    case 'needs-customer': {
      const { orderId, ordinal } = payment;
      const { customerWaitMs: withinMs } = dependencies;
      if (withinMs === null) return decline(dependencies, payment, authenticationRequired);
      await dependencies.payments.awaitCustomer({ orderId, ordinal, withinMs });
      return { waitsFor: 'customer' };
    }
    case 'processing':
      throw notNowFailure({
        message: `The provider is still processing ${found.providerId}`,
        delayMs: PROCESSING_POLL_MS,
      });
    case 'cancelled': {
      const { ending } = await dependencies.payments.find(payment);
      if (ending) throw endingFailure(ending);
      throw needsOperatorFailure(`Payment ${found.providerId} was cancelled at the provider, not by this order`);
    }
    case 'authorized':
      if (payment.capture === 'at-confirm') throw unexpected(found);
      await recordAuthorization(dependencies.payments, payment, found);
      return undefined;
    case 'unconfirmed':
      throw unexpected(found);
  }
}

const unexpected = ({ providerId, state }: ProviderPayment): Error =>
  new Error(`Expected payment ${providerId} to be confirmed; found it ${state.kind}`);

const authenticationRequired: Rejection = {
  code: RejectionCode.authenticationRequired,
  message: 'The customer would have to authenticate the payment, and is not waited for',
};

const disputed: Rejection = {
  code: RejectionCode.methodRefused,
  message: 'Another payment of the order, with the same method, is disputed',
};

/** The ledger entry, after the provider's object was checked against what we wanted. */
export async function recordCapture(
  payments: PaymentRecords,
  payment: PaymentRecord,
  found: ProviderPayment,
): Promise<void> {
  const { orderId, ordinal, amountMinor, currency } = payment;
  if (found.orderId !== orderId || found.capturedMinor !== amountMinor || found.currency !== currency) {
    throw needsOperatorFailure(
      `Expected ${found.providerId} to have captured ${amountMinor} ${currency} for ${orderId}; ` +
        `found ${found.capturedMinor} ${found.currency} for ${found.orderId ?? 'no order'}`,
    );
  }
  const { providerId, saved } = found;
  await payments.recordCapture({ orderId, ordinal, providerId, amountMinor, currency, saved });
}

/**
 * Reserved with the customer's bank, after the provider's object was checked against what we wanted. Of an order from a backup that is
 * older than its authorization a part may have been captured since: that is recorded too, and what ships counts as paid by it.
 */
async function recordAuthorization(
  payments: PaymentRecords,
  { orderId, ordinal, amountMinor, currency }: PaymentRecord,
  found: ProviderPayment,
): Promise<void> {
  const { providerId, capturedMinor: receivedMinor, authorization = { until: null, isMultiple: false }, saved } = found;
  const isOurs = found.orderId === orderId && found.amountMinor === amountMinor && found.currency === currency;
  if (!isOurs) {
    throw needsOperatorFailure(
      `Expected ${providerId} to be authorized for ${amountMinor} ${currency} of ${orderId}; found ` +
        `${found.amountMinor} ${found.currency} for ${found.orderId ?? 'no order'}`,
    );
  }
  // First of all: once it is recorded as authorized nobody asks again.
  if (receivedMinor > 0)
    await payments.recordReceived({ orderId, ordinal, providerId, receivedMinor, currency, isOver: false });
  await payments.recordAuthorization({ orderId, ordinal, providerId, amountMinor, currency, authorization, saved });
}

async function decline(
  { payments }: Pick<Dependencies, 'payments'>,
  payment: PaymentRecord,
  rejection: Rejection,
): Promise<never> {
  await payments.recordDecline({ orderId: payment.orderId, ordinal: payment.ordinal, rejection });
  throw rejectionFailure(rejection);
}

/** What was done, or a stop: no retry and no guess helps against a call that the provider will never accept. */
export function expectDone<T>(answer: ProviderAnswer<T>, what: string): T {
  if ('done' in answer) return answer.done;
  const why = 'refused' in answer ? answer.refused : 'stuck' in answer ? answer.stuck : answer.rejection.message;
  throw needsOperatorFailure(`The provider refuses to ${what}: ${why}`);
}
