import type { AwaitStockRequest, ExpireBackorderRequest, StockStanding } from '../contracts/shipment.ts';
import type { Ending } from '../domain/rejection.ts';

/** A product of which stock may be there for somebody who waits. `version`: as it was found. */
export type StockMark = { tenant: string; sku: string; version: number };

/** Who waits for a product, the first first. `since` is an ISO instant. */
export type OpenBackorder = { orderId: string; waitingQuantity: number; filledQuantity: number; since: string };

/** The line before a product's shelf. Faults are thrown. */
export type Backorders = {
  /** Takes up to `limit` due marks for this process and defers them, so that two processes do not look at the same ones. */
  claimDue: (request: { limit: number }) => Promise<readonly StockMark[]>;
  /**
   * Gives the first who waits for the product what there is, in one transaction. `more`: somebody may get what is left over; `nothing`:
   * nobody waits, or nothing is there.
   */
  fillNext: (request: { tenant: string; sku: string }) => Promise<'more' | 'nothing'>;
  /** Takes the mark away, unless it was left again meanwhile. */
  finish: (mark: StockMark) => Promise<void>;
  /** Takes up to `limit` sold orders for which stock has come that their workflows have not taken into account, and defers them. */
  claimNews: (request: { limit: number }) => Promise<readonly { orderId: string }[]>;
};

/** Waiting for stock, as a step of a sold order. Each call is one transaction, and a repeat changes nothing. */
export type BackorderSteps = {
  /**
   * Divides what has come into shipments, and answers for what is waited yet; says that it takes long once half of the time is over; at
   * its end has the rest given back, or, where nothing came at all, the order end cancelled.
   */
  awaitStock: (request: AwaitStockRequest) => Promise<StockStanding | { ending: Ending }>;
  /**
   * Ends the wait, with the rest given back; `undecided`: whether it is owed is for a person to say, and nothing is changed;
   * `withoutRefund`: that person has said that it is not.
   */
  expire: (request: ExpireBackorderRequest) => Promise<{ expired: true } | { undecided: string } | { ending: Ending }>;
};

/** Who waits for a product of the tenant's own; null when there is no such product. */
export type BackorderReading = {
  list: (request: {
    tenant: string;
    sku: string;
    afterPosition: number;
    limit: number;
  }) => Promise<readonly (OpenBackorder & { position: number })[] | null>;
};

/** Tells the order's workflow that stock has come; false when none is running. Throws when Temporal can not be asked. */
export type StockTeller = { tellOfStock: (request: { orderId: string }) => Promise<boolean> };
