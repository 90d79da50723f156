import type { RecordedAnswer } from './acceptance.ts';

/** A product and its stock over all warehouses. `onHand` includes what is `reserved`. */
export type Product = {
  sku: string;
  name: string;
  priceMinor: number;
  currency: string;
  onHand: number;
  reserved: number;
};

/**
 * Why a stock was left as it is, and what it is: `below`, it would go below what is reserved or below zero; `above`, it
 * would hold more than a product can have.
 */
export type StockRefusal = { refused: 'below' | 'above'; onHand: number; reserved: number };

export type StockChange = { product: Product; created: boolean } | StockRefusal;

export type StockAdjustment = { tenant: string; sku: string; delta: number; reason: string };

/** The catalogue and the stock levels, as people change them. */
export type Catalogue = {
  /** Creates or replaces a product; a changed `onHand` is a recorded movement. */
  put: (request: Omit<Product, 'reserved'> & { tenant: string }) => Promise<StockChange>;
  /** The product as it stands now; null when the tenant has none of this SKU. */
  find: (request: { tenant: string; sku: string }) => Promise<Product | null>;
  /** In SKU order, after `afterSku`. */
  list: (request: { tenant: string; afterSku: string | null; limit: number }) => Promise<readonly Product[]>;
  /** One recorded movement for one key; `render` makes the answer that every repeat gets. Null: no such product. */
  adjust: (
    request: StockAdjustment & { idempotencyKey: string; requestHash: string },
    render: (product: Product) => RecordedAnswer,
  ) => Promise<{ answer: RecordedAnswer; repeated: boolean } | StockRefusal | { keyReused: true } | null>;
};
