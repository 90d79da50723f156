import { clause } from './sentence.ts';

/** What happened, in a sentence, for each type of event; one that is not known here is told by its type. */
export function sentenceOf({ type, data }: { type: string; data: Readonly<Record<string, unknown>> }): string {
  return sentences[type]?.(data) ?? `${type}.`;
}

type Sentence = (data: Readonly<Record<string, unknown>>) => string;

const sentences: Record<string, Sentence> = {
  'order.placed': ({ totalMinor, currency }) => `Placed, for ${say(totalMinor)} ${say(currency)} (minor units).`,
  'inventory.reserved': ({ items }) =>
    Array.isArray(items) && items.length === 0 ? 'No stock is there that could be held.' : 'The stock is held.',
  'inventory.released': () => 'The held stock is free again.',
  'inventory.backordered': ({ items, onShortage }) =>
    `Not all of it is there: ${sayItems(items)} ${onShortage === 'wait' ? 'is waited for, then all of it ships together' : 'follows when it comes'}.`,
  'inventory.backorder_filled': ({ items, isComplete }) =>
    `Stock has come: ${sayItems(items)}${isComplete === true ? '; nothing is missing any more' : ''}.`,
  'inventory.backorder_delayed': ({ items, until }) =>
    `The stock takes long: ${sayItems(items)} is waited for until ${say(until)}.`,
  'inventory.backorder_expired': ({ items, refund }) =>
    `No stock came in time for ${sayItems(items)}${refund ? `: its money goes back (refund ${say(refund)})` : ''}.`,
  'inventory.backorder_cancelled': ({ items }) => `Nobody waits for ${sayItems(items)} any more.`,
  'order.review_requested': ({ reasons, until }) =>
    `Somebody has to look at it before it is charged, until ${say(until)}: ${sayReasons(reasons)}.`,
  'order.review_escalated': () => 'Nobody has decided so far: the second group of reviewers has to.',
  'order.review_approved': ({ actor, reason }) => `${say(actor)} approved it: ${say(reason)}.`,
  'order.review_rejected': ({ actor, reason }) => `${say(actor)} rejected it: ${say(reason)}.`,
  'order.review_expired': ({ outcome }) => `Nobody decided about it in time, which counts as: ${say(outcome)}.`,
  'payment.action_required': ({ until }) => `The customer has to authenticate the payment, until ${say(until)}.`,
  'payment.method_requested': ({ until }) => `Another payment method is waited for, until ${say(until)}.`,
  'payment.method_provided': () => 'Another payment method was given.',
  'payment.captured': ({ amountMinor, currency, providerId }) =>
    `${say(amountMinor)} ${say(currency)} was captured (${say(providerId)}).`,
  'payment.authorized': ({ amountMinor, currency, providerId, until }) =>
    `${say(amountMinor)} ${say(currency)} is authorized, to be captured as it ships${until ? `, until ${say(until)}` : ''} (${say(providerId)}).`,
  'payment.capture_requested': ({ capture, amountMinor, currency, shipment }) =>
    `${say(amountMinor)} ${say(currency)} is to be captured (capture ${say(capture)}), ${shipment ? `because shipment ${say(shipment)} was handed over` : 'because its authorization is about to end'}.`,
  'payment.capture_completed': ({ capture, amountMinor, currency }) =>
    `Capture ${say(capture)} is done: ${say(amountMinor)} ${say(currency)} is taken.`,
  'payment.capture_given_up': ({ capture, actor, reason }) =>
    `Capture ${say(capture)} was given up by ${say(actor)}, nothing is taken for it: ${say(reason)}.`,
  'payment.released': ({ amountMinor, currency }) =>
    `${say(amountMinor)} ${say(currency)} that was authorized is never captured: it is the customer’s again.`,
  'payment.declined': ({ message, declineCode }) =>
    `The payment was declined: ${say(message)}${declineCode ? ` (${say(declineCode)})` : ''}.`,
  'payment.voided': () => 'The payment was voided: nothing can be taken by it.',
  'payment.refunded': ({ amountMinor, currency, refundId }) =>
    `${say(amountMinor)} ${say(currency)} was given back (${say(refundId)}).`,
  'payment.disputed': ({ amountMinor, currency, disputeId, reason, withdrawnMinor, evidenceDueAt }) =>
    `The customer’s bank disputes ${say(amountMinor)} ${say(currency)} (${say(disputeId)}, ${say(reason)}): ` +
    `${withdrawnMinor === 0 ? 'an inquiry that took nothing' : `${say(withdrawnMinor)} was taken back`}; evidence is due by ${say(evidenceDueAt)}.`,
  'payment.dispute_closed': ({ disputeId, outcome, reinstatedMinor, currency }) =>
    `The dispute ${say(disputeId)} was ${say(outcome)}: ${say(reinstatedMinor)} ${say(currency)} came back.`,
  'refund.requested': ({ number, amountMinor, currency, actor, reason }) =>
    `${say(actor)} wants ${say(amountMinor)} ${say(currency)} given back (refund ${say(number)}): ${say(reason)}.`,
  'refund.completed': ({ number, amountMinor, currency }) =>
    `Refund ${say(number)} is done: ${say(amountMinor)} ${say(currency)} went back.`,
  'refund.abandoned': ({ number, actor, reason }) =>
    `Refund ${say(number)} was given up by ${say(actor)}, nothing of it went back: ${say(reason)}.`,
  'return.requested': ({ number, actor, reason }) =>
    `${say(actor)} wants to send something back (return ${say(number)}): ${say(reason)}.`,
  'return.approved': ({ number, actor, reason }) => `${say(actor)} approved return ${say(number)}: ${say(reason)}.`,
  'return.rejected': ({ number, actor, reason }) => `${say(actor)} rejected return ${say(number)}: ${say(reason)}.`,
  'return.delayed': ({ number, status, until }) =>
    status === 'requested'
      ? `Nobody has answered return ${say(number)} so far; it is waited for until ${say(until)}.`
      : `The goods of return ${say(number)} have not come so far; they are waited for until ${say(until)}.`,
  'return.expired': ({ number }) => `The goods of return ${say(number)} did not come in time.`,
  'return.received': ({ number, actor }) => `The goods of return ${say(number)} are here (${say(actor)}).`,
  'return.completed': ({ number, noRefund }) =>
    noRefund === undefined
      ? `Return ${say(number)} is done: it was given back for.`
      : `Return ${say(number)} is over, nothing is given back for it: ${say(noRefund)}.`,
  'return.exchanged': ({ number, orderId }) =>
    `Order ${say(orderId)} was placed in exchange for return ${say(number)}.`,
  'amendment.requested': ({ number, actor, reason, beforeTotalMinor, totalMinor, currency }) =>
    `${say(actor)} wants it changed (amendment ${say(number)}), from ${say(beforeTotalMinor)} to ${say(totalMinor)} ${say(currency)}: ${say(reason)}.`,
  'order.amended': ({ number, totalMinor, currency }) =>
    `Amendment ${say(number)} is applied: the order costs ${say(totalMinor)} ${say(currency)} now.`,
  'amendment.refused': ({ number, refusal }) =>
    `Amendment ${say(number)} is refused, the order stays as it was: ${say((refusal as { message?: unknown } | undefined)?.message)}.`,
  'order.confirmed': () => 'Confirmed: the order is sold.',
  'order.rejected': ({ rejection }) => `Rejected: ${say((rejection as { message?: unknown } | undefined)?.message)}.`,
  'order.cancellation_requested': ({ reason, actor }) => `${say(actor)} wants it cancelled: ${say(reason)}.`,
  'order.cancelled': ({ reason, actor }) => `Cancelled by ${say(actor)}: ${say(reason)}.`,
  'order.parked': ({ step, reason }) => `Parked at ${say(step)}: ${say(reason)}.`,
  'order.parked.reminder': ({ step }) => `Still parked at ${say(step)}.`,
  'order.resumed': ({ actor, action, reason, step, value }) =>
    `${say(actor)} decided about ${say(step)}: ${say(action)}${value ? ` with ${say(value)}` : ''} (${say(reason)}).`,
  'order.shipped': () => 'Shipped: the carrier has the first of it.',
  'order.delivered': () => 'Delivered: all of it has arrived.',
  'shipment.planned': ({ number, replaces }) =>
    replaces === undefined
      ? `Shipment ${say(number)} is to be packed.`
      : `Shipment ${say(number)} is sent in the place of ${say(replaces)}.`,
  'shipment.packed': ({ number, actor }) => `Shipment ${say(number)} was packed (${say(actor)}).`,
  'shipment.created': ({ number, trackingNumber }) =>
    `The carrier has made the label of shipment ${say(number)} (${say(trackingNumber)}).`,
  'shipment.dispatched': ({ number, at, wasCancelled }) =>
    `The carrier has shipment ${say(number)} since ${say(at)}${wasCancelled ? ', although it was cancelled' : ''}.`,
  'shipment.delivered': ({ number, at }) => `Shipment ${say(number)} was delivered at ${say(at)}.`,
  'shipment.lost': ({ number, at }) => `The carrier has lost shipment ${say(number)} (${say(at)}).`,
  'shipment.returned': ({ number, at }) => `The carrier has brought shipment ${say(number)} back (${say(at)}).`,
  'shipment.cancelled': ({ number }) => `Shipment ${say(number)} was cancelled: it must not leave.`,
  'shipment.delayed': ({ number, what, until }) =>
    `The ${say(what)} of shipment ${say(number)} takes long; it is waited for until ${say(until)}.`,
  'shipment.withdrawn': ({ number }) => `An operator has decided that shipment ${say(number)} does not go.`,
  'shipment.given_back': ({ number, refund }) =>
    `What was in shipment ${say(number)} is on the shelf again; ${refund === null ? 'nothing is given back for it' : `refund ${say(refund)} gives back what it cost`}.`,
  'shipment.accepted': ({ number, status }) => `A person has taken shipment ${say(number)} as it is: ${say(status)}.`,
  'inventory.restocked': () => 'What was sold is back on the shelf.',
  'order.recovered': ({ how, doubt }) =>
    `The database had been restored from a backup: the order was ${say(how)}${doubt ? `, in doubt: ${say(doubt)}` : ''}.`,
  'order.personal_data_erased': ({ because }) =>
    `What it held of a person was erased${because === 'retention' ? ', because its time was over' : ', because somebody asked for it'}.`,
};

const sayReasons = (reasons: unknown): string =>
  Array.isArray(reasons)
    ? reasons.map((reason: { message?: unknown } | null) => say(reason?.message)).join('; ')
    : say(reasons);

const sayItems = (items: unknown): string =>
  Array.isArray(items)
    ? items
        .map((item: { sku?: unknown; quantity?: unknown } | null) => `${say(item?.quantity)} of ${say(item?.sku)}`)
        .join(', ')
    : say(items);

const say = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? clause(String(value)) : '–';
