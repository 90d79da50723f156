// What a team tells the suite about its pricing (docs/adapters.md).
import type { OrderPricing } from '../ports/pricing.ts';

/** The default export of a module: called once. */
export type PricingModule = () => PricingConformance | Promise<PricingConformance>;

export type PricingConformance = {
  /** How it is called in the report. */
  name: string;
  create: () => OrderPricing | Promise<OrderPricing>;
  /** ISO 4217; EUR, JPY and BHD when left out. */
  currencies?: readonly string[];
  /** ISO 3166-1; DE, FR and US when left out. Orders without an address are priced as well. */
  countries?: readonly string[];
  /** Called at the end. */
  close?: () => Promise<void>;
};
