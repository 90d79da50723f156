// What the client knows: every answer it was given, byte for byte, and every request whose answer it never heard.

/** One request: an answer, or why there was none. */
export type Heard = { status: number; body: string; location: string | null; replayed: boolean } | { unknown: string };

export type Plan = {
  basket: 'usual' | 'free' | 'scarce' | 'too-many' | 'unknown';
  paymentMethod: string;
  /** What the customer does who is asked to authenticate the payment. */
  customer: 'finishes' | 'fails' | 'stays away';
  /** What is given after a decline: another payment method, or nothing although the order waits for one. Absent: it does not wait. */
  secondCard?: string | null;
  /** How many units are ordered. */
  units: number;
  /** Whether it is to be shipped; what its customer, a reviewer or the carrier does beside that. */
  ships: boolean;
  fate: Fate;
};

export const fates = [
  'plain',
  'cancelled early',
  'cancelled when sold',
  'cancelled when packed',
  'amended to more',
  'amended to less',
  'lost',
  'sent back',
  'no reviewer wants it',
  'nobody reviews it',
] as const;
export type Fate = (typeof fates)[number];

/** Whether it is placed with its payment method to be saved, and then amended without another. */
export const savesMethod = ({ fate, units }: Pick<Plan, 'fate' | 'units'>): boolean =>
  fate === 'amended to more' && units % 2 === 0;

/** An order of more units than this is looked at by a person before it is charged. */
export const REVIEW_UNITS_ABOVE = 8;

export type ClientEntry = {
  /** What was ordered, and how it is paid: what may become of it follows from that. */
  plan: Plan;
  key: string;
  /** The order's id, once an answer said it. */
  orderId: string | null;
  heard: Heard[];
};

/** What a repeat of a request must hear: 2xx that bound the key. */
export type Promised = Extract<Heard, { status: number }>;
export const promisesOf = (entry: ClientEntry): Promised[] =>
  entry.heard.filter((heard): heard is Promised => 'status' in heard && heard.status >= 200 && heard.status < 300);

/** How an order of this plan may be rejected; the empty list when nothing but a sale (or an operator) may end it. */
export function allowedRejections({ basket, paymentMethod, secondCard, units, fate }: Plan): readonly string[] {
  if (basket === 'free') return [];
  const byStock = [
    ...(basket === 'scarce' || basket === 'too-many' ? ['inventory.out_of_stock'] : []),
    ...(units > REVIEW_UNITS_ABOVE ? byReview(fate) : []),
  ];
  if (/declin/i.test(paymentMethod)) return [...byStock, 'payment.declined'];
  // In time is what a customer is who comes while everything is broken only by luck.
  if (paymentMethod === NEEDS_CUSTOMER) return [...byStock, 'payment.expired', 'payment.declined'];
  if (paymentMethod !== UNKNOWN_METHOD) return byStock;
  // The last try is what an order is rejected for.
  return [...byStock, 'payment.method_refused', ...(secondCard === DECLINING ? ['payment.declined'] : [])];
}

/** A reviewer who comes while everything is broken comes in time only by luck. */
const byReview = (fate: Fate): readonly string[] => [
  'review.expired',
  ...(fate === 'no reviewer wants it' ? ['review.rejected'] : []),
];

/** A card that is declined. */
export const DECLINING = 'pm_card_chargeDeclined';
/** A card whose bank asks its owner. */
export const NEEDS_CUSTOMER = 'pm_card_authenticationRequired';
/** A payment method that the provider does not know. */
export const UNKNOWN_METHOD = 'pm_card_unheard_of';
