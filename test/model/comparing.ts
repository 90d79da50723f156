// How a shop stands, in lines that a person reads: once as the reference has it, once as the api and the rows show it.
import { priceOf, skus, type Order, type Sku, type Units } from './reference-order.ts';
import type { ShopReference } from './reference-after-sale.ts';
import type { Shop } from './shop.ts';

type Line = { sku: string; quantity: number };
type OrderBody = {
  status: string;
  waiting: { for: string } | null;
  totalMinor: number;
  payment: { capturedMinor: number; refundedMinor: number };
  rejection: { code: string } | null;
  items: (Line & { backorderedQuantity?: number })[];
  shipments?: { status: string; items: Line[]; replaces: number | null }[];
  returns?: { status: string }[];
  amendments?: { state: string }[];
};
type Shown = {
  status: string;
  isClosed: boolean;
  waiting: string | null;
  totalMinor: number;
  captured: number;
  refunded: number;
  rejection: string | null;
  lines: string;
  missing: string;
  parked: readonly string[];
  shipments: readonly string[];
  returns: readonly string[];
  amendments: readonly string[];
};

export const sayUnits = (units: Units): string =>
  skus.flatMap((sku) => (units[sku] > 0 ? [`${units[sku]}${sku}`] : [])).join('+') || 'nothing';

const say = (number: number, order: Shown): string =>
  [
    `order#${number} ${order.status}${order.isClosed ? ', closed' : ''}`,
    `${order.lines} for ${order.totalMinor}: captured ${order.captured}, refunded ${order.refunded}`,
    ...(order.rejection ? [order.rejection] : []),
    ...(order.waiting ? [`waits for ${order.waiting}`] : []),
    ...(order.missing === 'nothing' ? [] : [`missing ${order.missing}`]),
    ...(order.parked.length > 0 ? [`parked ${[...order.parked].sort().join(' ')}`] : []),
    ...order.shipments.map((shipment, index) => `shipment#${index + 1} ${shipment}`),
    ...order.returns.map((one, index) => `return#${index + 1} ${one}`),
    ...order.amendments.map((one, index) => `amendment#${index + 1} ${one}`),
  ].join(', ');

const sayStock = (sku: Sku, { onHand, reserved }: { onHand: number; reserved: number }): string =>
  `stock ${sku}: ${onHand} on hand, ${reserved} reserved`;

export const sayReference = (reference: ShopReference): string[] => [
  ...skus.map((sku) => sayStock(sku, reference.stock[sku])),
  ...reference.orders.map((order, index) => say(index + 1, shownOf(order))),
];

const shownOf = (order: Order): Shown => ({
  ...order,
  waiting: order.waiting?.for ?? null,
  totalMinor: priceOf(order.lines),
  lines: sayUnits(order.lines),
  missing: sayUnits(order.missing),
  shipments: order.shipments.map(({ status, items, replaces }) => sayShipment(status, sayUnits(items), replaces)),
  returns: order.returns.map(({ status }) => status),
});

const sayShipment = (status: string, items: string, replaces: number | null): string =>
  `${status} ${items}${replaces === null ? '' : ` in place of ${replaces}`}`;

export async function sayReal(shop: Shop): Promise<string[]> {
  const stock = skus.map(async (sku) => {
    const { body } = await shop.read(`/products/${shop.skuOf(sku)}`);
    return sayStock(sku, body as { onHand: number; reserved: number });
  });
  return Promise.all([...stock, ...shop.ids.map((_id, index) => sayRealOrder(shop, index))]);
}

async function sayRealOrder(shop: Shop, index: number): Promise<string> {
  const id = shop.idOf(index);
  const { body } = await shop.read(`/orders/${id}`);
  const order = body as OrderBody;
  const { rows } = await shop.world.rows.query<{ isClosed: boolean; parked: string[] }>(
    `select closed_at is not null as "isClosed", array(
       select step || case when workflow_id = o.id then '' else '@' || substr(workflow_id, length(o.id) + 2) end
       from parked_steps where order_id = o.id and closed_at is null) as parked from orders o where id = $1`,
    [id],
  );
  const [row] = rows;
  if (!row) throw new Error(`Expected order ${id} in the database; found none`);
  const unitsOf = (lines: readonly Line[]): Units => ({
    ...{ a: 0, b: 0 },
    ...Object.fromEntries(lines.map(({ sku, quantity }) => [sku.endsWith('-a') ? 'a' : 'b', quantity])),
  });
  const missing = order.items.map(({ sku, backorderedQuantity = 0 }) => ({ sku, quantity: backorderedQuantity }));
  const waiting = order.waiting?.for ?? null;
  return say(index + 1, {
    ...{ status: order.status, ...row, totalMinor: order.totalMinor, rejection: order.rejection?.code ?? null },
    ...{ captured: order.payment.capturedMinor, refunded: order.payment.refundedMinor },
    // Which of warehouse, carrier and stock it waits for follows from its shipments.
    waiting: waiting === 'review' || waiting === 'customer' ? waiting : null,
    ...{ lines: sayUnits(unitsOf(order.items)), missing: sayUnits(unitsOf(missing)) },
    shipments: (order.shipments ?? []).map((one) =>
      sayShipment(one.status, sayUnits(unitsOf(one.items)), one.replaces),
    ),
    returns: (order.returns ?? []).map(({ status }) => status),
    amendments: (order.amendments ?? []).map(({ state }) => state),
  });
}
