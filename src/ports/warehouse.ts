/**
 * A place that orders are served from. `priority`: the lower the earlier it is chosen (1 to 1000). `ships`: orders are served from it;
 * what one that does not holds for orders already, it holds.
 */
export type Warehouse = { id: string; name: string; priority: number; ships: boolean };

export type WarehouseChange = { warehouse: Warehouse; created: boolean } | { tooMany: number };

/** The warehouses of a tenant. */
export type Warehouses = {
  /** Creates or replaces one; `tooMany`: the shop has as many as it can. */
  put: (request: Warehouse & { tenant: string }) => Promise<WarehouseChange>;
  /** All of them, the first choice first. */
  list: (request: { tenant: string }) => Promise<readonly Warehouse[]>;
};
