// Filters of a list, in the URL: so that a list can be sent to somebody, and "back" goes back.

export type Filters = Record<string, string>;

/** Those of these names that say something. */
export function readFilters(search: string, names: readonly string[]): Filters {
  const parameters = new URLSearchParams(search);
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = parameters.get(name)?.trim();
      return value ? [[name, value]] : [];
    }),
  );
}

/** As the part of a URL behind the path; empty where nothing is said. */
export function toSearch(filters: Filters): string {
  const said = Object.entries(filters).filter(([, value]) => value !== '');
  return said.length === 0 ? '' : `?${new URLSearchParams(said).toString()}`;
}

const ORDER_ID = /^order_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** What somebody typed into the one search field: an id goes to its order, `c:…` is a correlation, the rest a customer. */
export function meaningOf(text: string): { orderId: string } | { filter: Filters } | null {
  const typed = text.trim();
  if (typed === '') return null;
  return ORDER_ID.test(typed) ? { orderId: typed } : { filter: { customerId: typed } };
}
