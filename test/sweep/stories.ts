// What orders go through, each acted out to its end unless a cancellation comes between: then nothing more is done for it.
import type { Answer } from '../model/reference-order.ts';
import type { Shop } from '../model/shop.ts';
import type { Life } from './dying.ts';
import type { Seen, SweepWorld } from './world.ts';

type SweepShop = Shop<SweepWorld>;
/** Each order has a shop of its own. */
const ONLY = 0;

export type Story = {
  name: string;
  /** Of two stories with the same the same points mean the same. */
  kind: 'at once' | 'ships' | 'captured as it ships' | 'waits for stock';
  /** What is ordered, but for one unit that is there and a card that is good. */
  wanted: (shop: SweepShop) => object;
  /** How it ends where nobody else cancels it. */
  ends: Seen['status'];
  /** How it ends where its own cancellation comes too late. */
  otherwise?: Seen['status'];
  /** What is sold in the end, where it is not undone; one unit where it does not say. */
  sold?: { units: number; takenMinor: number };
  /** A partner's call that is refused until somebody has healed it. */
  refused?: string;
  /** A partner's call whose key stands for a stored failure, the first time. */
  stuck?: string;
  /** A partner's call whose answer gets lost, the first time. */
  lost?: string;
  /** What everybody does meanwhile. */
  act?: (order: Acting) => Promise<void>;
};

/** One order, and whoever acts on it. */
export type Acting = {
  shop: SweepShop;
  life: Life;
  /** Until it stands so. Throws `Ended` where somebody else has it end before. */
  sees: (isSeen: (seen: Seen) => boolean) => Promise<Seen>;
  cancel: () => Promise<Answer>;
};

/** Nothing more is to be done for it. */
export class Ended extends Error {}

const ships = ({ shipTo }: SweepShop): object => ({ shipping: shipTo });
const isCaptured = (shop: SweepShop): object => ({ ...ships(shop), capture: 'per-shipment' });
const pays = (card: string) => (): object => ({ paymentMethod: `pm_card_${card}` });
const waitsFor =
  (whom: string) =>
  (seen: Seen): boolean =>
    seen.waitsFor === whom;

export const stories: readonly Story[] = [
  { name: 'sold at once', kind: 'at once', wanted: () => ({}), ends: 'confirmed' },
  { name: 'declined', kind: 'at once', wanted: pays('chargeDeclined'), ends: 'rejected' },
  {
    name: 'authenticated by its customer',
    kind: 'at once',
    wanted: pays('threeDSecure2Required'),
    ends: 'confirmed',
    act: authenticate,
  },
  {
    name: 'cancelled while its customer is waited for',
    kind: 'at once',
    wanted: pays('threeDSecure2Required'),
    ends: 'cancelled',
    act: async (order) => {
      await order.sees(waitsFor('customer'));
      await order.cancel();
    },
  },
  {
    name: 'paid by a second card',
    kind: 'at once',
    wanted: () => ({ ...pays('chargeDeclined')(), paymentRetryMinutes: 60 }),
    ends: 'confirmed',
    act: async ({ sees, shop }) => {
      await sees(waitsFor('customer'));
      await shop.onOrder(ONLY, 'payment-method', { paymentMethod: 'pm_card_visa' });
    },
  },
  { name: 'paid under a second key', kind: 'at once', wanted: () => ({}), stuck: 'provider.create', ends: 'confirmed' },
  {
    name: 'approved by the second group of a review',
    kind: 'at once',
    wanted: ({ itemsOf }) => ({ items: itemsOf({ a: 6, b: 0 }) }),
    sold: { units: 6, takenMinor: 6_000 },
    ends: 'confirmed',
    act: async ({ sees, shop }) => {
      await sees(({ isEscalated }) => isEscalated);
      await shop.onOrder(ONLY, 'review', { decision: 'approve', reason: 'looked at it' });
    },
  },
  {
    name: 'parked, then tried again',
    kind: 'at once',
    wanted: () => ({}),
    refused: 'provider.confirm',
    ends: 'confirmed',
    act: async (order) => {
      await order.sees(({ isReminded }) => isReminded);
      await resolve(order, 'charge-payment');
    },
  },
  {
    name: 'cancelled while it is parked',
    kind: 'at once',
    wanted: () => ({}),
    refused: 'provider.confirm',
    ends: 'cancelled',
    act: async (order) => {
      // Also of the reminder: left to chance, a slow machine would come to its points in one run and not in the next.
      await order.sees(({ parkedAt, isReminded }) => parkedAt === 'charge-payment' && isReminded);
      await order.cancel();
    },
  },
  { name: 'shipped', kind: 'ships', wanted: ships, ends: 'delivered', act: ship },
  { name: 'cancelled once it is packed', kind: 'ships', wanted: ships, ends: 'cancelled', act: cancelPacked },
  { name: 'captured as it ships', kind: 'captured as it ships', wanted: isCaptured, ends: 'delivered', act: ship },
  {
    name: 'authorized, and cancelled once it is packed',
    kind: 'captured as it ships',
    wanted: isCaptured,
    ends: 'cancelled',
    act: cancelPacked,
  },
  {
    name: 'cancelled once it has a label whose making had been told to nobody',
    kind: 'ships',
    wanted: ships,
    lost: 'carrier.create',
    ends: 'cancelled',
    act: cancelPacked,
  },
  {
    name: 'cancelled once it has left, which nobody has told',
    kind: 'ships',
    wanted: ships,
    ends: 'cancelled',
    // That first look may die, and be made once more.
    otherwise: 'delivered',
    act: async (order) => {
      await pack(order);
      // The first look at the carrier is over: there is no other for an hour.
      await order.sees(() => order.life.reached.some(({ point }) => point === 'after shipments.recordFacts'));
      await order.shop.moveParcel(ONLY, 1, 'dispatched');
      if ((await order.cancel()) !== '202') await deliver(order);
    },
  },
  {
    name: 'cancelled, and parked while it is undone',
    kind: 'ships',
    wanted: ships,
    ends: 'cancelled',
    act: async (order) => {
      await order.sees(waitsFor('warehouse'));
      order.life.refused = 'provider.refund';
      await order.cancel();
      await order.sees(({ parkedAt }) => parkedAt === 'refund-payment');
      await resolve(order, 'refund-payment');
    },
  },
  {
    name: 'shipped once its stock has come',
    sold: { units: 3, takenMinor: 999 },
    kind: 'waits for stock',
    wanted: ({ itemsOf, shipTo }) => ({
      items: itemsOf({ a: 0, b: 3 }),
      shipping: { ...shipTo, onShortage: 'wait' },
    }),
    ends: 'delivered',
    act: async (order) => {
      await order.sees(waitsFor('stock'));
      await order.shop.onProduct('b', 'stock-adjustments', { delta: 3, reason: 'it came' });
      await ship(order);
    },
  },
];

async function authenticate({ sees, shop }: Acting): Promise<void> {
  const { paymentId } = await sees(waitsFor('customer'));
  if (paymentId === null) throw new Error('Expected a payment that waits for its customer; found none');
  await shop.authenticate(paymentId, 'succeed');
  await shop.tellOfPayment(ONLY, paymentId, 'payment_intent.succeeded');
}

async function ship(order: Acting): Promise<void> {
  await pack(order);
  await order.shop.moveParcel(ONLY, 1, 'dispatched');
  await order.shop.tellOfParcel(ONLY, 1);
  await deliver(order);
}

async function deliver({ shop, sees }: Acting): Promise<void> {
  await sees(({ status }) => status === 'shipped');
  await shop.moveParcel(ONLY, 1, 'delivered');
  await shop.tellOfParcel(ONLY, 1);
}

async function cancelPacked(order: Acting): Promise<void> {
  await pack(order);
  await order.cancel();
}

async function pack({ sees, shop }: Acting): Promise<void> {
  await sees(waitsFor('warehouse'));
  await shop.onOrder(ONLY, 'shipments/1/packed');
  await sees(({ isLabelled }) => isLabelled);
}

/** An operator has the partner healed, and the step tried again. */
async function resolve({ life, shop }: Acting, step: string): Promise<void> {
  life.refused = null;
  await shop.onOrder(ONLY, 'resolution', { action: 'retry', reason: 'healed', step, workflowId: shop.idOf(ONLY) });
}
