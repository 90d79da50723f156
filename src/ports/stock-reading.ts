/** Units of a product that an order holds, and until when the hold is meant to last; instants are ISO strings. */
export type Hold = { orderId: string; warehouse: string; quantity: number; until: string };
/** A change of what is on hand that a person made. `id` grows with time. */
export type ManualMovement = { id: number; warehouse: string; delta: number; reason: string | null; at: string };

type Product = { tenant: string; sku: string };

/** What people ask about the stock of one product. Null: the tenant has none of this SKU. */
export type StockReading = {
  /** By order, then warehouse, after `after`. */
  holds: (
    request: Product & { after: { orderId: string; warehouse: string } | null; limit: number },
  ) => Promise<readonly Hold[] | null>;
  /** The latest first, before `before`. */
  adjustments: (
    request: Product & { before: number | null; limit: number },
  ) => Promise<readonly ManualMovement[] | null>;
};
