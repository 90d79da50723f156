// A refund that an operator asked for. What must stay true: the provider's list is asked before anything is sent, nothing is sent that
// our books do not allow just then, and it is neither sent anew nor given up while what became of it is not known.
import { needsOperatorFailure, notNowFailure } from '../contracts/failures.ts';
import { isKeyOrRevision, refundPartKey } from '../contracts/ids.ts';
import type {
  AbandonRefundRequest,
  AdoptPaidRefundRequest,
  PayRefundRequest,
  RefundOutcome,
} from '../contracts/refund-order.ts';
import type { OrderSteps } from '../ports/order.ts';
import type { PaymentProvider, PaymentRecords, ProviderAnswer, ProviderRefund } from '../ports/payment.ts';
import type { OpenRefund, RefundPart, RefundRecords } from '../ports/refund.ts';
import { recordFacts, type PaymentFacts } from './payment-facts.ts';
import { describeFailed } from './refund.ts';
import { UNSETTLED_MS } from './unsettled.ts';

// A refund that the provider is still working on is asked for at this pace.
const PENDING_POLL_MS = 15_000;
// What was made just now is in the provider's list by then.
const LISTED_AFTER_MS = 5_000;

type Dependencies = {
  provider: PaymentProvider;
  payments: PaymentRecords;
  refunds: RefundRecords;
  orders: Pick<OrderSteps, 'clearParked'>;
};

export const createPayRefundActivities = (dependencies: Dependencies) => ({
  /** Gives back what was asked for, once; answers how the refund came to its end. */
  async payRefund(request: PayRefundRequest): Promise<RefundOutcome> {
    return ending(dependencies, request, async () => {
      const { orderId, number, parked } = request;
      const refund = await dependencies.refunds.begin({ orderId, number, parking: parked.parking });
      if (refund.state !== 'requested') return;
      if (refund.isMoot) return giveUp(dependencies, { ...request, ...moot });
      if (refund.isFenced)
        throw needsOperatorFailure(`Refund ${number} was about to be given up: retry, skip or compensate it`);
      for (const part of refund.parts) if (part.refundId === null) await payPart(dependencies, request, part);
    });
  },

  /** Stands for payRefund: the refund `refundId` was made by hand. Parks again when it can not count. */
  async adoptPaidRefund(request: AdoptPaidRefundRequest): Promise<RefundOutcome> {
    return ending(dependencies, request, () => adopt(dependencies, request));
  },

  /** Gives the refund up: afterwards nothing of it has gone back or will. Parks again where that can not be. */
  async abandonRefund(request: AbandonRefundRequest): Promise<RefundOutcome> {
    return ending(dependencies, request, () => giveUp(dependencies, request));
  },
});

const moot = { actor: 'service', reason: 'The order ends otherwise, and gives back all that is left' };

/** Whatever was done, the row says how it stands. A run before this one may have been ended while it was parked. */
async function ending(
  { refunds, orders }: Dependencies,
  { orderId, number, parked }: PayRefundRequest,
  work: () => Promise<void>,
): Promise<RefundOutcome> {
  await work();
  const { state } = await refunds.begin({ orderId, number, parking: parked.parking });
  if (state === 'requested') throw new Error(`Expected refund ${number} of ${orderId} to be settled; it is not`);
  await orders.clearParked(parked);
  return { status: state };
}

type Named = { orderId: string; number: number };
type Looked = PaymentFacts & { own: readonly ProviderRefund[] };

/** What the provider shows of the part's payment, all of it recorded. `own`: the refunds that were made for this part. */
async function look(dependencies: Dependencies, named: Named, part: RefundPart): Promise<Looked> {
  const { ordinal, paymentId: providerId, capturedMinor } = part;
  const facts = await recordFacts(dependencies, { orderId: named.orderId, ordinal }, { providerId, capturedMinor });
  const seen = ofOthers(named.orderId, facts);
  if (seen !== '') await dependencies.refunds.noteOthers({ orderId: named.orderId, ordinal, seen });
  const firstKey = refundPartKey({ ...named, ordinal });
  return { ...facts, own: facts.refunds.filter(({ key }) => isKeyOrRevision(key, firstKey)) };
}

/** By name, what was not asked for here: refunds by others, and disputes that are not won. */
const ofOthers = (orderId: string, { refunds, disputes }: PaymentFacts): string =>
  [
    ...refunds.filter(({ state, key }) => state === 'succeeded' && !key?.startsWith(`${orderId}:`)),
    ...disputes.filter(({ state }) => state !== 'won'),
  ]
    .map((fact) => ('disputeId' in fact ? `${fact.disputeId}=${fact.state}` : fact.refundId))
    .sort()
    .join();

/** Records the part as done where the provider shows it; throws while that shows it as pending. */
async function settleMade(
  { refunds }: Dependencies,
  named: Named,
  part: RefundPart,
  own: readonly ProviderRefund[],
): Promise<boolean> {
  const made = own.find(({ state }) => state === 'succeeded');
  if (made) {
    await settle(refunds, named, part, made);
    return true;
  }
  const pending = own.find(({ state }) => state === 'pending');
  if (pending) throw refundPending(pending);
  return false;
}

async function settle(refunds: RefundRecords, named: Named, part: RefundPart, made: ProviderRefund): Promise<void> {
  const { refundId, amountMinor, currency } = made;
  if (amountMinor !== part.amountMinor || currency !== part.currency) {
    throw needsOperatorFailure(
      `Expected ${refundId} to be of ${part.amountMinor} ${part.currency}; found it of ${amountMinor} ${currency}`,
    );
  }
  const { orderId, number } = named;
  const request = { orderId, number, ordinal: part.ordinal, refundId, amountMinor, currency };
  const settled = await refunds.settlePart({ ...request, isByHand: made.key === null });
  if ('usedBy' in settled) throw needsOperatorFailure(`${refundId} counts for ${settled.usedBy} already`);
}

async function payPart(dependencies: Dependencies, request: PayRefundRequest, part: RefundPart): Promise<void> {
  const { refunds, provider } = dependencies;
  const { orderId, number } = request;
  const named = { orderId, number, ordinal: part.ordinal };
  const { own, ...before } = await look(dependencies, request, part);
  if (await settleMade(dependencies, request, part, own)) return;
  const revision = await revisionToUse(dependencies, request, part, own);
  if (part.amountMinor > before.leftMinor)
    throw needsOperatorFailure(
      `Refund ${number} is of ${part.amountMinor} ${part.currency}; ${before.leftMinor} are left of ${part.paymentId}`,
    );
  // Fenced, or the order ends, since it was asked: the next attempt is told which.
  if (!(await refunds.allowSending({ ...named, revision })))
    throw new Error(`Refund ${number} of ${orderId} may not be sent now`);
  const key = refundPartKey({ ...named, revision });
  const answer = await provider.refund({ key, providerId: part.paymentId, amountMinor: part.amountMinor });
  if ('done' in answer) return takeAnswer(dependencies, request, { ...part, revision }, answer.done);
  if ('stuck' in answer) {
    // The list, read just before, holds none under this key. If it was made since, the next look finds it.
    await refunds.raisePartRevision({ ...named, from: revision });
    throw notNowFailure({
      message: `Refund ${number} must go on under a new key: ${answer.stuck}`,
      delayMs: LISTED_AFTER_MS,
    });
  }
  return takeRefusal(dependencies, request, { ...part, revision }, { before, words: wordsOf(answer) });
}

async function takeAnswer(
  dependencies: Dependencies,
  request: PayRefundRequest,
  part: RefundPart,
  made: ProviderRefund,
): Promise<void> {
  if (made.state === 'pending') throw refundPending(made);
  if (made.state === 'failed') return takeFailure(dependencies, request, part, describeFailed(made), true);
  await settle(dependencies.refunds, request, part, made);
}

/**
 * The provider refuses. When something has moved there meanwhile (the undo of an order that is being cancelled, say) it is asked again
 * what is; otherwise a person has to look.
 */
async function takeRefusal(
  dependencies: Dependencies,
  request: PayRefundRequest,
  part: RefundPart,
  { before, words }: { before: PaymentFacts; words: string },
): Promise<void> {
  const now = await look(dependencies, request, part);
  const isMoving = now.refunds.some(({ state }) => state === 'pending') || now.leftMinor !== before.leftMinor;
  if (!isMoving) return takeFailure(dependencies, request, part, words, false);
  throw notNowFailure({ message: `The provider refuses refund ${request.number}: ${words}`, delayMs: LISTED_AFTER_MS });
}

async function takeFailure(
  { refunds }: Dependencies,
  { orderId, number, parked: { parking } }: PayRefundRequest,
  { ordinal, revision }: RefundPart,
  words: string,
  isCertain: boolean,
): Promise<never> {
  await refunds.noteFailure({ orderId, number, ordinal, revision, failure: { words, isCertain, parking } });
  throw needsOperatorFailure(words);
}

/**
 * Under which revision the part may be sent. What has failed for certain would fail again under its key: a new one is taken once a
 * person, who was told of it, has said that it is to be tried again.
 */
async function revisionToUse(
  dependencies: Dependencies,
  request: PayRefundRequest,
  part: RefundPart,
  own: readonly ProviderRefund[],
): Promise<number> {
  const { orderId, number, parked } = request;
  const { ordinal, revision, failure, sentAgoMs } = part;
  const failed = failedUnder(own, refundPartKey({ orderId, number, ordinal, revision }));
  if (!failure) return failed ? takeFailure(dependencies, request, part, describeFailed(failed), true) : revision;
  const { runId, number: parking } = failure.parking;
  const isDecided = parked.parking.number > 0 && (parked.parking.runId !== runId || parked.parking.number > parking);
  if (!isDecided) throw needsOperatorFailure(failure.words);
  if (!failure.isCertain && !failed) expectSettled(sentAgoMs, number);
  await dependencies.refunds.raisePartRevision({ orderId, number, ordinal, from: revision });
  return revision + 1;
}

const failedUnder = (own: readonly ProviderRefund[], key: string): ProviderRefund | undefined =>
  own.find((refund) => refund.state === 'failed' && refund.key === key);

/** Throws while a request that was allowed may still be on its way. */
function expectSettled(sentAgoMs: number | null, number: number): void {
  if (sentAgoMs === null || sentAgoMs >= UNSETTLED_MS) return;
  throw notNowFailure({
    message: `What became of refund ${number} is not known yet`,
    delayMs: UNSETTLED_MS - sentAgoMs,
  });
}

/** After the fence nothing more is allowed; what was allowed before has settled, and the list has nothing of it. */
async function expectNothingMoves(dependencies: Dependencies, named: Named, part: RefundPart): Promise<boolean> {
  const { own } = await look(dependencies, named, part);
  if (await settleMade(dependencies, named, part, own)) return false;
  const { orderId, number } = named;
  const { ordinal, revision, sentAgoMs } = part;
  // What has failed answers for its key: whatever comes late under it moves nothing.
  if (!failedUnder(own, refundPartKey({ orderId, number, ordinal, revision }))) expectSettled(sentAgoMs, number);
  return true;
}

async function giveUp(
  dependencies: Dependencies,
  { orderId, number, parked, actor, reason }: AbandonRefundRequest,
): Promise<void> {
  const { refunds } = dependencies;
  const named = { orderId, number };
  const { parking } = parked;
  const refund = await refunds.fence({ ...named, parking });
  if (refund.state !== 'requested') return;
  let moved = 0;
  for (const part of refund.parts)
    if (part.refundId !== null || !(await expectNothingMoves(dependencies, named, part))) moved += 1;
  if (moved === refund.parts.length) return;
  if (moved > 0)
    throw needsOperatorFailure(`A part of refund ${number} went back already: it can not be given up, only finished`);
  await refunds.abandon({ ...named, parking, actor, reason });
}

async function adopt(
  dependencies: Dependencies,
  { orderId, number, parked, refundId }: AdoptPaidRefundRequest,
): Promise<void> {
  const named = { orderId, number };
  const refund: OpenRefund = await dependencies.refunds.fence({ ...named, parking: parked.parking });
  if (refund.state !== 'requested') return;
  const open = refund.parts.filter((part) => part.refundId === null);
  for (const part of open) {
    if (!(await expectNothingMoves(dependencies, named, part)))
      throw needsOperatorFailure(`Refund ${number} was made by itself meanwhile: is ${refundId} one too many?`);
    const { refunds } = await look(dependencies, named, part);
    const byHand = refunds.find((candidate) => candidate.refundId === refundId);
    if (!byHand) continue;
    if (byHand.state !== 'succeeded' || byHand.key !== null)
      throw needsOperatorFailure(
        `Expected ${refundId} to be a refund made by hand that succeeded; found ${byHand.state}`,
      );
    await settle(dependencies.refunds, named, part, byHand);
    if (open.length > 1)
      throw needsOperatorFailure(`${refundId} counts; other parts of refund ${number} are not done yet`);
    return;
  }
  const payments = open.map(({ paymentId }) => paymentId).join(', ');
  throw needsOperatorFailure(`Expected ${refundId} to be a refund of ${payments}; the provider shows none`);
}

const wordsOf = (answer: Exclude<ProviderAnswer<never>, { done: never } | { stuck: string }>): string =>
  'refused' in answer ? answer.refused : answer.rejection.message;

const refundPending = ({ refundId }: ProviderRefund) =>
  notNowFailure({ message: `Refund ${refundId} is still pending at the provider`, delayMs: PENDING_POLL_MS });
