import type { PricedLine } from '../domain/pricing.ts';
import type { Totals } from '../domain/totals.ts';

/** Lines with their prices from the catalogue. `country` (ISO 3166-1) is where they go; null when nothing is to be shipped. */
export type PricingRequest = {
  tenant: string;
  currency: string;
  lines: readonly PricedLine[];
  linesMinor: number;
  country: string | null;
};

/** What an order costs beside its lines: discounts, shipping, tax. */
export type OrderPricing = {
  /**
   * The amounts of an order that is being placed; what they are then is frozen with it. Asked inside the accepting transaction:
   * quick, or the order is refused with a 503. What it throws refuses the order, too.
   */
  totalsOf: (request: PricingRequest) => Promise<Totals>;
};
