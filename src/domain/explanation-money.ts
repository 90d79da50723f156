// What of an order's money and stock is where, and what is at stake. What must stay true: what is parked never has nothing at
// stake because nobody asked: what a bank holds or asks for counts, and what is not known is said to be so.
import type {
  Explanation,
  FollowedPayment,
  OrderFacts,
  ParkedFact,
  RefundFact,
  ReturnFact,
  Stake,
} from './explanation-facts.ts';
import { amendmentSteps, isDecided, isSold, shippingSteps, type OrderStep } from './order.ts';
import { worthNowMinor } from './refund.ts';
import { sayAmount, sayUnits } from './sentence.ts';

/** Whether the order's own story is parked, and not (only) business beside it. */
export const isStoryParked = ({ orderId, parked }: Pick<OrderFacts, 'orderId' | 'parked'>): boolean =>
  parked.some(({ workflowId }) => workflowId === orderId);

export function moneyOf(facts: OrderFacts): Explanation['money'] {
  const { currency, totalMinor, payment, status, ending, review } = facts;
  const { capturedMinor, refundedMinor, disputedMinor, state } = payment;
  const balanceMinor = capturedMinor - refundedMinor - disputedMinor;
  // Nothing is charged before the review is over.
  const mayBe =
    (state === 'pending' && !review && (status === 'reserved' || ending !== null)) || state === 'authorized';
  const mayBeCapturedMinor = mayBe && !isDecided(status) ? totalMinor : 0;
  const { authorizedMinor = 0 } = isDecided(status) ? payment : {};
  const given = { capturedMinor, refundedMinor, disputedMinor, authorizedMinor };
  const toRefundMinor = toRefundOf(facts);
  const figures = { currency, totalMinor, ...given, balanceMinor, toRefundMinor, mayBeCapturedMinor };
  const asItShips = authorizedSentence(figures, payment);
  const sentence = `${moneySentence(figures)}${asItShips}${straySentence(payment, currency)}${refundSentence(figures)}`;
  return { ...figures, sentence };
}

/** What of a refund has not gone back yet. */
const openMinorOf = ({ state, amountMinor, movedMinor }: RefundFact): number =>
  state === 'requested' ? amountMinor - movedMinor : 0;

const toRefundOf = ({ refunds }: OrderFacts): number => refunds.reduce((sum, refund) => sum + openMinorOf(refund), 0);

const refundSentence = ({ toRefundMinor, currency }: Omit<Explanation['money'], 'sentence'>): string =>
  toRefundMinor === 0 ? '' : ` ${sayAmount(toRefundMinor, currency)} is still to be given back, as an operator asked.`;

function authorizedSentence(
  { authorizedMinor, currency }: Omit<Explanation['money'], 'sentence'>,
  { dueMinor = 0 }: OrderFacts['payment'],
): string {
  const authorized =
    authorizedMinor === 0 ? '' : ` ${sayAmount(authorizedMinor, currency)} is authorized, to be captured as it ships.`;
  const due = dueMinor === 0 ? '' : ` ${sayAmount(dueMinor, currency)} is to be captured now.`;
  return authorized + due;
}

const straySentence = ({ strayMinor }: OrderFacts['payment'], currency: string): string =>
  strayMinor === 0 ? '' : ` Of it, ${sayAmount(strayMinor, currency)} is of payments that are none of the order’s.`;

function moneySentence(money: Omit<Explanation['money'], 'sentence'>): string {
  const { currency, totalMinor, capturedMinor, refundedMinor, disputedMinor, balanceMinor, mayBeCapturedMinor } = money;
  const words = (amount: number): string => sayAmount(amount, currency);
  if (totalMinor === 0) return 'The order is free of charge: no money moves.';
  if (mayBeCapturedMinor > 0) {
    return `${words(balanceMinor)} is taken for certain; ${words(mayBeCapturedMinor)} may be taken, which only the provider knows.`;
  }
  if (disputedMinor > 0) {
    const refunded = refundedMinor > 0 ? `${words(refundedMinor)} of it given back, ` : '';
    return `${words(capturedMinor)} was taken, ${refunded}${words(disputedMinor)} taken back by a dispute: ${words(balanceMinor)} is left.`;
  }
  if (refundedMinor > 0) return `${words(capturedMinor)} was taken, ${words(refundedMinor)} of it given back.`;
  return capturedMinor > 0 ? `${words(capturedMinor)} is taken.` : `Nothing is taken of ${words(totalMinor)}.`;
}

export function stockSentence(facts: OrderFacts): string {
  const awaited = facts.backorders.reduce((sum, { quantity }) => sum + quantity, 0);
  return `${standingSentence(facts)}${awaited > 0 ? ` ${sayUnits(awaited)} waited for.` : ''}`;
}

function standingSentence({ orderId, isClosed, parked, stock }: OrderFacts): string {
  const { heldUnits, soldUnits, holdUntil } = stock;
  if (heldUnits === 0) return soldUnits > 0 ? `${sayUnits(soldUnits)} sold.` : 'Nothing is held.';
  const held = `${heldUnits === null ? 'Stock is' : sayUnits(heldUnits)} held for this order`;
  if (isStoryParked({ orderId, parked }) && !isClosed)
    return `${held}: a parked order keeps its hold until an operator decides.`;
  return holdUntil ? `${held} (until ${holdUntil} at least).` : `${held}.`;
}

export const openDisputeMinor = ({ disputes }: OrderFacts): number =>
  disputes.filter(({ state }) => state === 'open').reduce((sum, { amountMinor }) => sum + amountMinor, 0);

const shipmentSteps: readonly OrderStep[] = [...shippingSteps, 'follow-shipment'];

/** What is at stake at one parked step: of the order's own story what it has taken and holds, else the payment's money. */
export function stakeOf(
  { payment, refund, return: returned, workflowId, step }: ParkedFact,
  facts: OrderFacts,
  money: Explanation['money'],
): Stake {
  if (workflowId === facts.orderId) return storyStake(facts, money);
  const asked = facts.refunds.find(({ number }) => number === refund);
  if (asked) return { ...refundStake(asked, facts), units: 0 };
  const wanted = facts.returns.find(({ number }) => number === returned);
  if (wanted) return returnStake(wanted, facts);
  if (shipmentSteps.includes(step)) {
    const { soldUnits } = facts.stock;
    const sentence = `What was sold: ${sayUnits(soldUnits)} for ${sayAmount(facts.totalMinor, facts.currency)}.`;
    return { amountMinor: facts.totalMinor, units: soldUnits, sentence };
  }
  if (amendmentSteps.some((one) => one === step)) return amendmentStake(facts);
  if (step === 'capture-payment') {
    const { dueMinor = 0 } = facts.payment;
    const sentence = `${sayAmount(dueMinor, facts.currency)} of what was handed over, and is not paid for.`;
    return { amountMinor: dueMinor, units: 0, sentence };
  }
  if (!payment) {
    return { amountMinor: null, units: 0, sentence: 'An amount that is not known: the payment is not in our books.' };
  }
  return { ...paymentStake(payment, facts), units: 0 };
}

function amendmentStake({ amendment, currency }: OrderFacts): Stake {
  const { chargeMinor = 0 } = amendment ?? {};
  const what = chargeMinor === 0 ? 'No money' : `${sayAmount(chargeMinor, currency)} that may be taken`;
  return { amountMinor: chargeMinor, units: null, sentence: `${what}: the order stays as it was until it is decided.` };
}

function refundStake(refund: RefundFact, { currency }: OrderFacts): { amountMinor: number; sentence: string } {
  const amountMinor = openMinorOf(refund);
  return { amountMinor, sentence: `${sayAmount(amountMinor, currency)} that the customer is to get back.` };
}

/** Of goods at their prices: what is given back for them is known when they are here. */
function returnStake({ units, worthMinor, status }: ReturnFact, { currency }: OrderFacts): Stake {
  const what = status === 'received' ? 'that came back, and nothing is given back for' : 'that are to come back';
  const sentence = `${sayUnits(units)} ${what}, at ${sayAmount(worthMinor, currency)}.`;
  return { amountMinor: worthMinor, units, sentence };
}

function storyStake(
  { stock: { heldUnits }, ending, payment: { strayMinor } }: OrderFacts,
  { balanceMinor, mayBeCapturedMinor, currency }: Explanation['money'],
): Stake {
  const taken = ending ? 'that is taken and to be given back' : 'that is taken for an order that is not sold yet';
  // What other payments have taken is at stake where they are followed.
  const ownMinor = balanceMinor - strayMinor;
  const open = [
    ...(ownMinor === 0 ? [] : [`${sayAmount(ownMinor, currency)} ${taken}`]),
    ...(mayBeCapturedMinor === 0 ? [] : [`${sayAmount(mayBeCapturedMinor, currency)} that may have been taken`]),
    ...(heldUnits === null ? ['held stock'] : heldUnits > 0 ? [`${sayUnits(heldUnits)} held`] : []),
  ];
  const sentence =
    open.length > 0 ? `${inWords(open)}.` : 'No money and no stock: only that the order comes to its end.';
  return { amountMinor: ownMinor + mayBeCapturedMinor, units: heldUnits, sentence };
}

/** Of a sold order's own payment what the order lacks, or may yet; of any other what is to be given back, or is disputed. */
function paymentStake(
  payment: FollowedPayment,
  { status, totalMinor, refunds, currency }: OrderFacts,
): { amountMinor: number; sentence: string } {
  const { isOwn, capturedMinor, refundedMinor, lostMinor, heldMinor, askedMinor } = payment;
  const leftMinor = capturedMinor - refundedMinor - lostMinor - heldMinor;
  const isOfSale = isOwn && isSold(status);
  const worthMinor = payment.dueMinor ?? worthNowMinor(totalMinor, refunds);
  const openMinor = isOfSale
    ? Math.abs(worthMinor - leftMinor) + askedMinor
    : Math.abs(leftMinor) + heldMinor + askedMinor;
  // The units are said once in a sentence.
  const words = (amount: number): string => `${amount} ${currency}`;
  if (capturedMinor === 0 && !isOwn) {
    const sentence = `${sayAmount(payment.amountMinor, currency)} that may be taken, and is none of the order’s.`;
    return { amountMinor: payment.amountMinor, sentence };
  }
  if (openMinor === 0 || (isOwn && !isDecided(status))) {
    const sentence = `${sayAmount(payment.amountMinor, currency)}, about which our books and the provider do not agree.`;
    return { amountMinor: payment.amountMinor, sentence };
  }
  const parts = [
    ...(refundedMinor > 0 ? [`${words(refundedMinor)} was given back`] : []),
    ...(lostMinor > 0 ? [`${words(lostMinor)} is lost to the bank`] : []),
    ...(heldMinor > 0 ? [`the bank holds ${words(heldMinor)}`] : []),
    ...(askedMinor > 0 ? [`the bank asks for ${words(askedMinor)}${heldMinor > 0 ? ' more' : ''}`] : []),
    ...(leftMinor < 0 ? [`${words(-leftMinor)} more went back than was taken`] : []),
    ...(leftMinor > 0 && !isOfSale ? [`${words(leftMinor)} is to be given back`] : []),
  ];
  const what = isOfSale ? `an order that is sold for ${words(totalMinor)}` : 'a payment that the order may not keep';
  return {
    amountMinor: openMinor,
    sentence: `${sayAmount(openMinor, currency)} of ${what}${parts.length > 0 ? `: ${inWords(parts)}` : ''}.`,
  };
}

/** One thing, two things with an "and" between, or more with commas. */
const inWords = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
