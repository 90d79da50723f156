// The door for amendments. What must stay true: what is accepted is compared with the order's row while it is locked, and priced and
// frozen in the same transaction; one that is not accepted leaves nothing behind.
import { sql } from 'kysely';
import { EventType } from '../../contracts/events.ts';
import { amendLines, type AmendedOrder } from '../../domain/amendment.ts';
import { priceOrder, type PricedLine } from '../../domain/pricing.ts';
import { planRefund } from '../../domain/refund.ts';
import { flawOf, type Totals } from '../../domain/totals.ts';
import type { RecordedAnswer, ShippingAddress } from '../../ports/acceptance.ts';
import type { AcceptAmendment, AcceptingAmendment, Amendments } from '../../ports/amendment.ts';
import type { Amendment } from '../../ports/order.ts';
import type { OrderPricing } from '../../ports/pricing.ts';
import { findPrices } from './acceptance.ts';
import { listAmendments } from './amendment-reading.ts';
import { whyNotAmendable } from './amendable.ts';
import type { Database, Tx } from './database.ts';
import { acceptOnce, Refused } from './keyed.ts';
import { lockOrder, recordChange, type LockedOrder } from './order-change.ts';
import { findSavedMethod } from './payment-customer.ts';
import { nextNumber, nextOrdinal } from './order-numbers.ts';
import { totalsOf } from './order-reading.ts';
import { findRefundable } from './refund.ts';

export const createAmendments = ({ db, pricing }: { db: Database; pricing: OrderPricing }): Amendments => ({
  accept: (request, answer) =>
    acceptOnce<AcceptingAmendment>(db, request, (tx) => accept(tx, pricing, request, answer)),

  list: async ({ tenant, orderId }) => {
    const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(db);
    return rows.length === 0 ? null : listAmendments(db, orderId);
  },
});

async function accept(
  tx: Tx,
  pricing: OrderPricing,
  request: AcceptAmendment,
  answerFor: (accepted: Amendment) => RecordedAnswer,
): Promise<RecordedAnswer> {
  const { tenant, orderId, version } = request;
  const { rows } = await sql`select 1 from orders where id = ${orderId} and tenant = ${tenant}`.execute(tx);
  if (rows.length === 0) throw new Refused<AcceptingAmendment>({ refused: 'unknown' });
  const order = await lockOrder(tx, orderId);
  if (order.version !== version) throw new Refused<AcceptingAmendment>({ refused: 'version', version: order.version });
  const why = await whyNotAmendable(tx, order, null);
  if (why !== null) throw new Refused<AcceptingAmendment>({ refused: 'status', why });

  const plan = await planAmendment(tx, pricing, { order, request });
  const method = plan.chargeMinor > 0 ? await findMethod(tx, request, plan.chargeMinor) : null;
  const number = await insertAmendment(tx, order, request, plan);
  if (method) await addPayment(tx, order, { number, amountMinor: plan.chargeMinor, method });
  const accepted = (await listAmendments(tx, orderId)).find((amendment) => amendment.number === number);
  if (!accepted) throw new Error(`Expected to read back amendment ${number} of order ${orderId}; found none`);
  return answerFor(accepted);
}

/** `customerId`: for whom it was saved at the provider; null: it came with the request. */
type Method = { paymentMethod: string; customerId: string | null };

/** What is charged: the method that came with the request, else the one that was saved with the order. */
async function findMethod(tx: Tx, { orderId, paymentMethod }: AcceptAmendment, chargeMinor: number): Promise<Method> {
  if (paymentMethod !== null) return { paymentMethod, customerId: null };
  const saved = await findSavedMethod(tx, orderId);
  if (!saved) throw new Refused<AcceptingAmendment>({ refused: 'method', chargeMinor });
  return saved;
}

type Plan = { before: AmendedOrder; after: AmendedOrder; chargeMinor: number; shipping: ShippingAddress | null };
type Asked = { order: LockedOrder; request: AcceptAmendment };

async function planAmendment(tx: Tx, pricing: OrderPricing, { order, request }: Asked): Promise<Plan> {
  const { shipping: shippedTo, ...before } = await findOrderNow(tx, order.id);
  const address = request.shipping && !isSame(request.shipping, shippedTo) ? request.shipping : null;
  const country = { before: shippedTo?.country ?? null, after: (address ?? shippedTo)?.country ?? null };
  const items = request.items ? await priceItems(tx, order, request.items, before.items) : before.items;
  const areLinesSame = isSame(unitsOf(items), unitsOf(before.items));
  if (areLinesSame && !address) throw new Refused<AcceptingAmendment>({ refused: 'unchanged' });
  // What neither lines nor country say anything new about stays as it was frozen.
  const isPriced = areLinesSame && country.before === country.after;
  const after = isPriced ? before : await priceAnew(pricing, { order, items, country: country.after });
  const chargeMinor = after.totalMinor - before.totalMinor;
  if (chargeMinor < 0) await expectRefundable(tx, order, { after, amountMinor: -chargeMinor });
  return { before, after, chargeMinor: Math.max(0, chargeMinor), shipping: address };
}

async function priceItems(
  tx: Tx,
  { tenant, currency }: LockedOrder,
  wanted: NonNullable<AcceptAmendment['items']>,
  items: readonly PricedLine[],
): Promise<readonly PricedLine[]> {
  const skus = [...new Set(wanted.map(({ sku }) => sku))];
  const lines = amendLines(wanted, { items, currency }, await findPrices(tx, tenant, skus));
  if ('refused' in lines) throw new Refused<AcceptingAmendment>({ refused: 'price', why: lines.refused });
  return lines.priced.lines;
}

/** At what the pricing says now: from here on it is frozen. */
async function priceAnew(
  pricing: OrderPricing,
  request: { order: LockedOrder; items: readonly PricedLine[]; country: string | null },
): Promise<AmendedOrder> {
  const { order, items, country } = request;
  const { tenant, currency } = order;
  const linesMinor = items.reduce((sum, { quantity, unitPriceMinor }) => sum + quantity * unitPriceMinor, 0);
  const totals = await pricing.totalsOf({ tenant, currency, lines: items, linesMinor, country });
  const flaw = flawOf(totals, { linesMinor });
  if (flaw !== null) throw new Error(`Expected usable totals from the pricing: ${flaw}`);
  const priced = priceOrder({ currency, linesMinor, lines: items }, totals);
  if ('refused' in priced) throw new Refused<AcceptingAmendment>({ refused: 'price', why: priced.refused });
  return { totalMinor: priced.priced.totalMinor, totals, items };
}

/** The difference must be there to be given back, and something has to be left that was sold. */
async function expectRefundable(
  tx: Tx,
  { id }: LockedOrder,
  { after, amountMinor }: { after: AmendedOrder; amountMinor: number },
): Promise<void> {
  if (after.totalMinor === 0)
    throw new Refused<AcceptingAmendment>({
      refused: 'status',
      why: 'Nothing would be left to pay: cancel the order instead',
    });
  const plan = planRefund({ amountMinor }, await findRefundable(tx, id));
  if (!('refused' in plan)) return;
  const why = `${amountMinor} would have to be given back, and that is not left of what was paid`;
  throw new Refused<AcceptingAmendment>({ refused: 'status', why });
}

type Now = AmendedOrder & { shipping: ShippingAddress | null };

async function findOrderNow(tx: Tx, orderId: string): Promise<Now> {
  const { rows } = await sql<{ totalMinor: number; totals: Totals; items: PricedLine[]; shipping: Now['shipping'] }>`
    select o.total_minor as "totalMinor", ${totalsOf('o')} as totals, o.shipping, (
      select json_agg(json_build_object('sku', sku, 'name', name, 'quantity', quantity, 'unitPriceMinor', unit_price_minor)
                      order by sku collate "C") from order_lines where order_id = o.id
    ) as items from orders o where o.id = ${orderId}`.execute(tx);
  const [now] = rows;
  if (!now) throw new Error(`Expected order ${orderId} in the database; found none`);
  return now;
}

async function insertAmendment(
  tx: Tx,
  { id: orderId, tenant, currency }: LockedOrder,
  { reason, actor }: AcceptAmendment,
  { before, after, chargeMinor, shipping }: Plan,
): Promise<number> {
  const { rows } = await sql<{ number: number }>`
    insert into amendments (order_id, number, tenant, reason, actor, before, after, changes_address, shipping, charge_minor, ordinal)
    select ${orderId}, ${nextNumber('amendments', orderId)}, ${tenant}, ${reason}, ${actor}, ${JSON.stringify(before)}::jsonb,
           ${JSON.stringify(after)}::jsonb, ${shipping !== null}, ${shipping && JSON.stringify(shipping)}::jsonb, ${chargeMinor},
           case when ${chargeMinor}::bigint > 0 then ${nextOrdinal(orderId)} end
    returning number`.execute(tx);
  const number = rows[0]?.number;
  if (number === undefined) throw new Error(`Expected a number for an amendment of order ${orderId}; found none`);
  const data = { number, reason, actor, currency, ...sayChange({ before, after }), changesAddress: shipping !== null };
  await recordChange(tx, { orderId, type: EventType.amendmentRequested, data });
  return number;
}

/** It does not count for the order before the amendment is applied. */
async function addPayment(
  tx: Tx,
  { id, tenant, currency }: LockedOrder,
  { number, amountMinor, method }: { number: number; amountMinor: number; method: Method },
): Promise<void> {
  await sql`
    insert into payments (order_id, ordinal, tenant, amount_minor, currency, payment_method, off_session_customer, stray, amendment)
    select order_id, ordinal, ${tenant}, ${amountMinor}, ${currency}, ${method.paymentMethod}, ${method.customerId}, true, number
    from amendments where order_id = ${id} and number = ${number}`.execute(tx);
}

/** Before and after, as events tell it. */
export const sayChange = ({ before, after }: { before: AmendedOrder; after: AmendedOrder }) => ({
  beforeTotalMinor: before.totalMinor,
  totalMinor: after.totalMinor,
  totals: after.totals,
  items: after.items,
});

const unitsOf = (items: readonly PricedLine[]): unknown => items.map(({ sku, quantity }) => [sku, quantity]);

/** Of JSON values, whatever the order of their properties. */
function isSame(one: unknown, other: unknown): boolean {
  const canonical = (value: unknown): string =>
    JSON.stringify(value, (_name, inner: unknown) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  return canonical(one) === canonical(other);
}
