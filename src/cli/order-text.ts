import type { Order, OrderEvent } from '#client';
import { clean, facts, money, table, type Columns } from './output.ts';
import type { Session } from './session.ts';

const seconds = (instant: string): string => instant.replace(/\.\d+Z$/, 'Z');

/** Parked, waiting, or nothing of both. */
const nowOf = ({ attention, waiting }: Order): string => {
  if (attention) return `parked at ${attention.step}`;
  return waiting ? `waits for ${waiting.for}` : '';
};

export const orderColumns: Columns<Order> = [
  ['ID', ({ id }) => id],
  ['STATUS', ({ status }) => status],
  ['NOW', nowOf],
  ['CUSTOMER', ({ customerId }) => customerId],
  ['TOTAL', ({ totalMinor, currency }) => money(totalMinor, currency)],
  ['PLACED', ({ placedAt }) => seconds(placedAt)],
];

/** Whether the order has come to an end that is not what was wanted. */
export const isLost = ({ status }: Order): boolean => status === 'rejected' || status === 'cancelled';

/** The order for a person. */
export function orderLines({ paint }: Session): (order: Order) => string[] {
  return (order) => {
    const status = isLost(order) ? paint.bad(order.status) : paint.good(order.status);
    const { payment, currency, attention, waiting, rejection } = order;
    const moved = [
      ['captured', payment.capturedMinor],
      ['authorized', payment.authorizedMinor],
      ['refunded', payment.refundedMinor],
      ['disputed', payment.disputedMinor],
    ] as const;
    const amounts = moved
      .filter(([, amount]) => amount > 0)
      .map(([name, amount]) => `${name} ${money(amount, currency)}`);
    return [
      `${paint.bold(clean(order.id))}  ${status}`,
      ...facts([
        ['customer', order.customerId],
        ['total', money(order.totalMinor, currency)],
        ['payment', [payment.state, ...amounts, payment.declineCode ?? ''].filter(Boolean).join(', ')],
        ['rejected', rejection && `${rejection.message} (${rejection.code})`],
        ['parked', attention && `at ${attention.step} since ${seconds(attention.since)}: ${attention.reason}`],
        ['waits', waiting && `for ${waiting.for}${waiting.until ? ` until ${seconds(waiting.until)}` : ''}`],
        ['placed', seconds(order.placedAt)],
        ['Web UI', order.links.temporal],
      ]),
      '',
      ...table(order.items, [
        ['SKU', ({ sku }) => sku],
        ['NAME', ({ name }) => name],
        ['UNITS', ({ quantity }) => quantity],
        ['EACH', ({ unitPriceMinor }) => money(unitPriceMinor, currency)],
        ['SHIPPED', ({ shippedQuantity }) => shippedQuantity],
        ['DELIVERED', ({ deliveredQuantity }) => deliveredQuantity],
      ]),
    ];
  };
}

const MAX_DETAIL = 120;

/** An event on a line: when, of which order, what, and the small facts of it. */
export function eventLine({ paint }: Session, event: OrderEvent, isFeed: boolean): string {
  const { timestamp, sequence, position, orderId, eventType, data } = event;
  const detail = Object.entries(data)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
  const place = isFeed
    ? `${String(position ?? '').padStart(7)}  ${orderId}  ${String(sequence).padStart(3)}`
    : String(sequence).padStart(3);
  const short = detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail;
  return `${paint.quiet(timestamp)}  ${clean(place)}  ${clean(eventType).padEnd(24)}  ${clean(short)}`.trimEnd();
}
