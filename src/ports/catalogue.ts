import type { RecordedAnswer } from './acceptance.ts';

/** A product and its stock: over all warehouses, and in each. `onHand` includes what is `reserved`. */
export type Product = {
  sku: string;
  name: string;
  priceMinor: number;
  currency: string;
  onHand: number;
  reserved: number;
  warehouses: readonly { warehouse: string; onHand: number; reserved: number }[];
};

/**
 * Why a stock was left as it is: `below`, it would go below what is reserved there or below zero; `above`, there would be more than a
 * product can have. With what it is: in the warehouse that was to give something, or in all of them.
 */
export type StockRefusal = { refused: 'below' | 'above'; onHand: number; reserved: number };

export type StockChange = { product: Product; created: boolean } | StockRefusal | { unknownWarehouse: true };

export type StockAdjustment = { tenant: string; sku: string; warehouse: string; delta: number; reason: string };

/** The catalogue and the stock levels, as people change them. */
export type Catalogue = {
  /** Creates or replaces a product; a changed `onHand` (of all warehouses) is a recorded movement in the main one. */
  put: (request: Omit<Product, 'reserved' | 'warehouses'> & { tenant: string }) => Promise<StockChange>;
  /** The product as it stands now; null when the tenant has none of this SKU. */
  find: (request: { tenant: string; sku: string }) => Promise<Product | null>;
  /** In SKU order, after `afterSku`. */
  list: (request: { tenant: string; afterSku: string | null; limit: number }) => Promise<readonly Product[]>;
  /** One recorded movement for one key; `render` makes the answer that every repeat gets. Null: no such product. */
  adjust: (
    request: StockAdjustment & { idempotencyKey: string; requestHash: string },
    render: (product: Product) => RecordedAnswer,
  ) => Promise<
    | { answer: RecordedAnswer; repeated: boolean }
    | StockRefusal
    | { keyReused: true }
    | { unknownWarehouse: true }
    | null
  >;
};
