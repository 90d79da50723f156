// Capturing what is authorized, as the order ships. What must stay true: the provider is asked what it has received before anything is
// sent, nothing is sent that our books do not allow just then, and a capture is neither sent anew nor given up while what became of it is
// not known.
import type {
  AbandonCaptureRequest,
  AdoptCaptureRequest,
  CaptureOutcome,
  CapturePaymentRequest,
} from '../contracts/capture-order.ts';
import { needsOperatorFailure, notNowFailure } from '../contracts/failures.ts';
import { idempotencyKey } from '../contracts/ids.ts';
import type { CaptureRecords, CaptureStanding, DueCapture } from '../ports/capture.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords, ProviderPayment } from '../ports/payment.ts';
import { expectDone } from './payment.ts';
import { voidUnlessCaptured } from './refund.ts';
import { UNSETTLED_MS } from './unsettled.ts';

// What was captured just now is shown by then.
const SHOWN_AFTER_MS = 5_000;

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  captures: CaptureRecords;
  orders: Pick<OrderSteps, 'clearParked'>;
};

export const createCaptureActivities = (dependencies: Dependencies) => ({
  /** Captures what is due next of an authorized payment, or releases what is never captured; answers whether that was all. */
  async capturePayment(request: CapturePaymentRequest): Promise<CaptureOutcome> {
    const { payments, captures, orders } = dependencies;
    const { orderId, ordinal, parked } = request;
    const standing = await captures.begin({ orderId, ordinal });
    const { next } = standing;
    if (next && 'capture' in next) await captureNext(dependencies, request, { ...standing, due: next.capture });
    else if (next) await voidUnlessCaptured(dependencies, await payments.find({ orderId, ordinal }));
    // A run before this one may have been ended while it was parked: nobody else takes its mark away.
    await orders.clearParked(parked);
    return { isDone: next === null };
  },

  /** Stands for capturePayment: the payment `providerId` was made by hand. Parks again when it can not count. */
  async adoptCapture({ providerId, ...request }: AdoptCaptureRequest): Promise<CaptureOutcome> {
    const due = await findUnmoved(dependencies, request);
    if (!due) {
      // The same decision, followed before; anything else would be in no book.
      if (await dependencies.captures.isCounted({ orderId: request.orderId, providerId })) return { isDone: false };
      throw needsOperatorFailure(
        `What was to be captured is not due any more: is ${providerId} one too many? Give it back at the provider, then retry`,
      );
    }
    const { orderId } = request;
    const { number, amountMinor, currency } = due;
    const found = expectDone(await dependencies.provider.find({ providerId }), 'show the payment');
    const isForUs = found.orderId === orderId || found.orderId === null;
    const isCaptured = found.state.kind === 'captured' && found.capturedMinor === amountMinor;
    if (!isForUs || !isCaptured || found.currency !== currency)
      throw needsOperatorFailure(
        `Expected ${providerId} to have captured ${amountMinor} ${currency} for ${orderId}; ` +
          `found it ${found.state.kind}, ${found.capturedMinor} ${found.currency} for ${found.orderId ?? 'no order'}`,
      );
    const adopted = await dependencies.captures.adopt({ orderId, number, providerId, amountMinor, currency });
    if ('usedBy' in adopted) throw needsOperatorFailure(`Payment ${providerId} is that of order ${adopted.usedBy}`);
    return { isDone: false };
  },

  /** Nothing is taken for the capture that a person has decided about. Parks again where something of it may have moved. */
  async abandonCapture({ actor, reason, ...request }: AbandonCaptureRequest): Promise<CaptureOutcome> {
    const due = await findUnmoved(dependencies, request);
    if (due) await dependencies.captures.giveUp({ orderId: request.orderId, number: due.number, actor, reason });
    return { isDone: false };
  },
});

type Standing = Omit<CaptureStanding, 'next'> & { due: DueCapture };

async function captureNext(
  dependencies: Dependencies,
  request: CapturePaymentRequest,
  standing: Standing,
): Promise<void> {
  const { provider, captures } = dependencies;
  const { orderId } = request;
  const { settledMinor, due } = standing;
  const { number, amountMinor, revision } = due;
  const found = await look(dependencies, standing);
  if (await settleMade(dependencies, request, standing, found)) return;
  if (found.capturedMinor !== settledMinor) return contradict(dependencies, request, standing, found);
  if (found.state.kind !== 'authorized') {
    if (found.state.kind === 'cancelled') await dependencies.payments.recordVoid(request);
    throw needsOperatorFailure(
      `${sayDue(standing)} can not be captured: payment ${found.providerId} is ${found.state.kind}`,
    );
  }
  const allowed = await captures.allowSending({ orderId, number, revision, isFinal: due.isFinal });
  // The order ends, or somebody else has come further, since it was asked: the next attempt is told which.
  if (!allowed) throw new Error(`Capture ${number} of ${orderId} may not be sent now`);
  const key = idempotencyKey({ orderId, operation: 'capture', ordinal: number, revision });
  const { providerId } = found;
  const answer = await provider.capture({ key, providerId, amountMinor, isFinal: allowed.isFinal });
  if ('done' in answer) {
    if (!(await settleMade(dependencies, request, standing, answer.done)))
      await contradict(dependencies, request, standing, answer.done);
    return;
  }
  if ('stuck' in answer) {
    // What the payment has received was asked just before: it was not captured. If it was since, the next look finds it.
    await captures.raiseRevision({ orderId, number, from: revision });
    const message = `Capture ${number} must go on under a new key: ${answer.stuck}`;
    throw notNowFailure({ message, delayMs: SHOWN_AFTER_MS });
  }
  const words = 'refused' in answer ? answer.refused : answer.rejection.message;
  const now = await look(dependencies, standing);
  // It has moved on between our question and our capture: it is asked again what it is.
  if (now.capturedMinor !== found.capturedMinor || now.state.kind !== 'authorized')
    throw notNowFailure({ message: `The provider refuses capture ${number}: ${words}`, delayMs: SHOWN_AFTER_MS });
  throw needsOperatorFailure(`The provider refuses to capture ${sayDue(standing)}: ${words}`);
}

async function look(
  { provider }: Dependencies,
  { providerId }: Pick<Standing, 'providerId'>,
): Promise<ProviderPayment> {
  if (providerId === null) throw needsOperatorFailure('The order has no payment at the provider to be captured');
  return expectDone(await provider.find({ providerId }), 'ask for the payment');
}

/** Records the capture as done where the payment has received what it comes to. */
async function settleMade(
  { captures }: Dependencies,
  { orderId, ordinal }: CapturePaymentRequest,
  { settledMinor, due: { number, amountMinor } }: Standing,
  found: ProviderPayment,
): Promise<boolean> {
  const { providerId, capturedMinor: receivedMinor, currency } = found;
  if (receivedMinor - settledMinor < amountMinor) return false;
  const isOver = found.state.kind === 'captured';
  await captures.settle({ orderId, ordinal, number, providerId, receivedMinor, currency, isOver });
  return true;
}

/** What was captured is a fact, also where it is not what was asked for; then a person has to look. */
async function contradict(
  { payments }: Dependencies,
  { orderId, ordinal }: CapturePaymentRequest,
  standing: Standing,
  found: ProviderPayment,
): Promise<never> {
  const { providerId, capturedMinor: receivedMinor, currency } = found;
  const isOver = found.state.kind === 'captured';
  await payments.recordReceived({ orderId, ordinal, providerId, receivedMinor, currency, isOver });
  throw needsOperatorFailure(
    `${sayDue(standing)} is to be captured after ${standing.settledMinor}; payment ${providerId} has received ${receivedMinor} ${currency}`,
  );
}

const sayDue = ({ due, currency }: Pick<Standing, 'due' | 'currency'>): string =>
  `${due.amountMinor} ${currency} (capture ${due.number})`;

/**
 * The capture that a person has decided about, when nothing of it was captured for certain; null where it was (then that is recorded), or is
 * not due any more. Never the one that is due after it.
 */
async function findUnmoved(
  dependencies: Dependencies,
  request: CapturePaymentRequest,
): Promise<(DueCapture & { currency: string }) | null> {
  const { orderId, ordinal } = request;
  const meant = await dependencies.captures.findMeant(request);
  const { next, ...standing } = await dependencies.captures.begin({ orderId, ordinal });
  if (!next || !('capture' in next) || (meant && next.capture.number !== meant.number)) return null;
  const due = next.capture;
  const found = await look(dependencies, standing);
  if (await settleMade(dependencies, request, { ...standing, due }, found)) return null;
  const { number, sentAgoMs } = due;
  if (sentAgoMs !== null && sentAgoMs < UNSETTLED_MS)
    throw notNowFailure({
      message: `What became of capture ${number} is not known yet`,
      delayMs: UNSETTLED_MS - sentAgoMs,
    });
  return { ...due, currency: standing.currency };
}
