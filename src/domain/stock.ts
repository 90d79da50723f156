/** As many units as a product can have: far above any warehouse, far below what a column or a JavaScript number can hold. */
export const MAX_UNITS = 1_000_000_000;

/** Where stock is when nobody says where. Every tenant has it, from its first product on. */
export const MAIN_WAREHOUSE = 'main';
