// What can happen to a shop. Each deed changes the reference first, which says what has to be answered, and then does the same to the
// real thing. A number that names an order, a parcel or a return counts round, so that a deed fits any shop.
import { setTimeout as sleep } from 'node:timers/promises';
import { sayUnits } from './comparing.ts';
import {
  none,
  skus,
  type Answer,
  type Order,
  type Parcel,
  type Placing,
  type Sku,
  type Units,
} from './reference-order.ts';
import type { Action, Amending, RefundWish, ShopReference } from './reference-after-sale.ts';
import type { Shop } from './shop.ts';
import { DAY_MS } from './terms.ts';

export type Deed =
  | ({ kind: 'place' } & Placing)
  | { kind: 'next'; order: number }
  | { kind: 'cancel'; order: number }
  | { kind: 'review'; order: number; decision: 'approve' | 'reject' }
  | { kind: 'authenticate'; order: number; outcome: 'succeed' | 'fail'; told: 1 | 2 }
  | ({ kind: 'amend'; order: number } & Amending)
  | { kind: 'pack'; order: number; shipment: number }
  | { kind: 'carry'; order: number; shipment: number; to: Parcel; told: Told }
  | { kind: 'tell'; order: number; shipment: number }
  | { kind: 'pass'; days: number }
  | { kind: 'adjust'; sku: Sku; delta: number }
  /** `beyondLeft`: as much as is left, and so much more or less. */
  | { kind: 'refund'; order: number; wish: RefundWish | { beyondLeft: number } }
  | { kind: 'return'; order: number; items: Units }
  | { kind: 'decide'; order: number; number: number; decision: 'approve' | 'reject' }
  | { kind: 'receive'; order: number; number: number; restocked: Units; writtenOff: Units }
  | { kind: 'resolve'; order: number; parked: number; action: Action };
/** How often the partner tells of it: news get lost, and come twice. */
export type Told = 0 | 1 | 2;

/** What is said of it, what has to be answered (null: nobody is asked), and how it is done. Null: it can not be done now. */
export type Plan = { said: string; expected: Answer | null; perform: () => Promise<Answer | null> } | null;

type On = { reference: ShopReference; shop: Shop; isTwice: boolean };
type DeedOf<Kind extends Deed['kind']> = Extract<Deed, { kind: Kind }>;

/** Changes the reference; the real thing is changed by `perform`. */
export function plan(deed: Deed, on: On): Plan {
  const { reference, shop, isTwice } = on;
  if (deed.kind === 'place') return place(deed, on);
  if (deed.kind === 'pass') return pass(deed.days, on);
  if (deed.kind === 'adjust') {
    const { sku, delta } = deed;
    const body = { delta, reason: 'counted' };
    return {
      said: `adjust stock ${sku} by ${delta}`,
      expected: reference.adjust(sku, delta),
      perform: () => shop.onProduct(sku, 'stock-adjustments', body, { isTwice }),
    };
  }
  const index = deed.order % Math.max(1, reference.orders.length);
  const order = reference.orders[index];
  return order ? planForOrder(deed, { ...on, order, index, name: `order#${index + 1}` }) : null;
}

type OnOrder = On & { order: Order; index: number; name: string };

function planForOrder(deed: Exclude<Deed, { kind: 'place' | 'pass' | 'adjust' }>, on: OnOrder): Plan {
  const { reference, shop, isTwice, order, index, name } = on;
  const ask = (path: string, body?: unknown) => () => shop.onOrder(index, path, body, { isTwice });
  const reason = 'the model says so';
  switch (deed.kind) {
    case 'next': {
      const next = nextOf(order, index);
      return next && plan(next, on);
    }
    case 'cancel':
      return { said: `cancel ${name}`, expected: reference.cancel(order), perform: ask('cancel', { reason }) };
    case 'review': {
      const { decision } = deed;
      const expected = reference.decideReview(order, decision);
      return { said: `${decision} ${name}`, expected, perform: ask('review', { decision, reason }) };
    }
    case 'authenticate':
      return authenticate(deed, on);
    case 'amend':
      return amend(deed, on);
    case 'pack':
    case 'carry':
    case 'tell':
      return ship(deed, on);
    case 'refund':
      return refund(deed, on);
    case 'return': {
      const { items } = deed;
      const expected = reference.requestReturn(order, items);
      const body = { items: shop.itemsOf(items), reason };
      return { said: `return ${sayUnits(items)} of ${name}`, expected, perform: ask('returns', body) };
    }
    case 'decide':
    case 'receive':
      return answerReturn(deed, on);
    case 'resolve':
      return resolve(deed, on);
  }
}

function place({ kind: _, ...wanted }: DeedOf<'place'>, { reference, shop, isTwice }: On): Plan {
  const { items, card, ships, onShortage } = wanted;
  const expected = reference.place({ ...wanted, onShortage: ships ? onShortage : 'reject' });
  const cards = { visa: 'pm_card_visa', declined: 'pm_card_chargeDeclined', '3ds': 'pm_card_threeDSecure2Required' };
  const shipping = { ...shop.shipTo, ...(onShortage === 'reject' ? {} : { onShortage }) };
  const body = { items: shop.itemsOf(items), paymentMethod: cards[card], ...(ships ? { shipping } : {}) };
  const how = ships ? `, ships${onShortage === 'reject' ? '' : `, ${onShortage}s for stock`}` : '';
  return {
    said: `place order#${reference.orders.length}: ${sayUnits(items)}, ${card}${how}`,
    expected,
    perform: () => shop.place(body, isTwice),
  };
}

function pass(days: number, { reference, shop }: On): Plan {
  reference.pass(days);
  const perform = async (): Promise<null> => (await shop.world.pass(days * DAY_MS), null);
  return { said: `${days} day${days === 1 ? '' : 's'} pass`, expected: null, perform };
}

function authenticate(
  { outcome, told }: DeedOf<'authenticate'>,
  { reference, shop, order, index, name }: OnOrder,
): Plan {
  if (order.waiting?.for !== 'customer') return null;
  reference.authenticate(order, outcome);
  const type = `payment_intent.${outcome === 'succeed' ? 'succeeded' : 'payment_failed'}`;
  const perform = async (): Promise<null> => {
    const paymentId = await paymentOf(shop, index);
    await shop.authenticate(paymentId, outcome);
    for (let times = 0; times < told; times += 1) await shop.tellOfPayment(index, paymentId, type);
    return null;
  };
  return { said: `customer of ${name} ${outcome}s to authenticate, ${sayTold(told)}`, expected: null, perform };
}

/** The payment that the order waits for. */
async function paymentOf(shop: Shop, index: number): Promise<string> {
  for (;;) {
    const { rows } = await shop.world.rows.query<{ id: string | null }>(
      'select provider_id as id from payments where order_id = $1 and ordinal = 1',
      [shop.idOf(index)],
    );
    if (rows[0]?.id) return rows[0].id;
    await sleep(10);
  }
}

function amend(
  { items, card, isStale }: DeedOf<'amend'>,
  { reference, shop, isTwice, order, index, name }: OnOrder,
): Plan {
  const expected = reference.amend(order, { items, card, isStale });
  const cards = { visa: 'pm_card_visa', declined: 'pm_card_chargeDeclined', '3ds': 'pm_card_threeDSecure2Required' };
  const body = {
    ...{ items: shop.itemsOf(items), reason: 'the model says so' },
    ...(card === null ? {} : { paymentMethod: cards[card] }),
  };
  const perform = async (): Promise<Answer> => {
    const { etag } = await shop.read(`/orders/${shop.idOf(index)}`);
    const version = Number((etag ?? '""').slice(1, -1)) - (isStale ? 1 : 0);
    return shop.onOrder(index, 'amendments', body, { headers: { 'If-Match': `"${version}"` }, isTwice });
  };
  const paid = card === null ? '' : `, ${card}`;
  return {
    said: `amend ${name} to ${sayUnits(items)}${paid}${isStale ? ', as it was before' : ''}`,
    expected,
    perform,
  };
}

function ship(
  deed: DeedOf<'pack' | 'carry' | 'tell'>,
  { reference, shop, isTwice, order, index, name }: OnOrder,
): Plan {
  const number = (deed.shipment % Math.max(1, order.shipments.length)) + 1;
  const parcel = `parcel#${number} of ${name}`;
  if (deed.kind === 'pack') {
    const expected = reference.pack(order, number);
    const path = `shipments/${number}/packed`;
    return { said: `pack ${parcel}`, expected, perform: () => shop.onOrder(index, path, undefined, { isTwice }) };
  }
  if (deed.kind === 'tell') {
    if (!order.shipments[number - 1]?.parcel) return null;
    reference.hearOf(order, number);
    return { said: `tell of ${parcel}`, expected: null, perform: tell(1) };
  }
  const { to, told } = deed;
  if (!reference.moveParcel(order, number, to)) return null;
  if (told > 0) reference.hearOf(order, number);
  const perform = async (): Promise<null> => (await shop.moveParcel(index, number, to), tell(told)());
  return { said: `${parcel} is ${to}, ${sayTold(told)}`, expected: null, perform };

  function tell(times: number) {
    return async (): Promise<null> => {
      for (let time = 0; time < times; time += 1) await shop.tellOfParcel(index, number);
      return null;
    };
  }
}

const sayTold = (told: Told): string => ({ 0: 'not told', 1: 'told', 2: 'told twice' })[told];

function refund({ wish }: DeedOf<'refund'>, { reference, shop, isTwice, order, index, name }: OnOrder): Plan {
  const left = order.captured - order.refunded;
  const exact = 'beyondLeft' in wish ? { amountMinor: Math.max(1, left + wish.beyondLeft) } : wish;
  const body = 'items' in exact ? { items: shop.itemsOf(exact.items) } : 'amountMinor' in exact ? exact : {};
  const said =
    'items' in exact ? sayUnits(exact.items) : 'amountMinor' in exact ? exact.amountMinor : 'all that is left';
  return {
    said: `refund ${said} of ${name}`,
    expected: reference.refund(order, exact),
    perform: () => shop.onOrder(index, 'refunds', { ...body, reason: 'the model says so' }, { isTwice }),
  };
}

function answerReturn(deed: DeedOf<'decide' | 'receive'>, on: OnOrder): Plan {
  const { reference, shop, isTwice, order, index, name } = on;
  const number = (deed.number % Math.max(1, order.returns.length)) + 1;
  const said = `return#${number} of ${name}`;
  const ask = (path: string, body: unknown) => () =>
    shop.onOrder(index, `returns/${number}/${path}`, body, { isTwice });
  if (deed.kind === 'decide') {
    const { decision } = deed;
    const expected = reference.decideReturn(order, number, decision);
    return { said: `${decision} ${said}`, expected, perform: ask(decision, { reason: 'the model says so' }) };
  }
  const { restocked, writtenOff } = deed;
  const items = [
    ...shop.itemsOf(restocked).map((item) => ({ ...item, disposition: 'restock' })),
    ...shop.itemsOf(writtenOff).map((item) => ({ ...item, disposition: 'write_off' })),
  ];
  return {
    said: `receive ${said}: ${sayUnits(restocked)} restocked, ${sayUnits(writtenOff)} written off`,
    expected: reference.receiveReturn(order, number, restocked, writtenOff),
    perform: ask('receive', { items }),
  };
}

function resolve(
  { parked, action }: DeedOf<'resolve'>,
  { reference, shop, isTwice, order, index, name }: OnOrder,
): Plan {
  const what = [...order.parked].sort()[parked % Math.max(1, order.parked.length)];
  if (action === 'skip' && isWithdrawal(order, what)) return null;
  const expected = reference.resolve(order, what, action);
  const [step, business] = (what ?? '').split('@');
  const id = shop.idOf(index);
  const about = what === undefined ? {} : { step, workflowId: business === undefined ? id : `${id}:${business}` };
  const body = { action, reason: 'the model says so', ...about };
  const perform = () => shop.onOrder(index, 'resolution', body, { isTwice });
  return { said: `${action} ${what ?? 'what is parked'} of ${name}`, expected, perform };
}

/**
 * Left out on purpose: the reference does not know yet what becomes of an order out of which one shipment of several is taken
 * (docs/decisions/0020-withdrawn-shipments.md; tested in test/integration/shipment-withdrawal.test.ts).
 */
const isWithdrawal = ({ shipments }: Order, parked: string | undefined): boolean =>
  /^(pack|dispatch)-shipment/.test(parked ?? '') && shipments.length > 1;

/** What usually happens next to an order; null when it is over. */
function nextOf({ waiting, shipments, returns, parked }: Order, order: number): Deed | null {
  if (waiting?.for === 'review') return { kind: 'review', order, decision: 'approve' };
  if (waiting) return { kind: 'authenticate', order, outcome: 'succeed', told: 1 };
  if (parked.length > 0) return { kind: 'resolve', order, parked: 0, action: 'retry' };
  const shipment = shipments.findIndex(({ status, isReplaced }) => !isReplaced && isOnItsWay(status));
  const { status } = shipments[shipment] ?? {};
  if (status === 'pending') return { kind: 'pack', order, shipment };
  if (status === 'packed') return { kind: 'carry', order, shipment, to: 'dispatched', told: 1 };
  if (status === 'dispatched') return { kind: 'carry', order, shipment, to: 'delivered', told: 1 };
  const number = returns.findIndex((one) => one.status === 'requested' || one.status === 'approved');
  const one = returns[number];
  if (one?.status === 'requested') return { kind: 'decide', order, number, decision: 'approve' };
  if (one) return { kind: 'receive', order, number, restocked: one.items, writtenOff: none() };
  return null;
}

const isOnItsWay = (status: string): boolean => ['pending', 'packed', 'dispatched'].includes(status);

/** As many units of each as it says, but at least one in all. */
export const atLeastOne = (units: Units): Units => (skus.every((sku) => units[sku] === 0) ? { ...units, a: 1 } : units);
