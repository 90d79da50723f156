/** What a caller may be allowed to do. */
export const Scope = {
  /** See orders, their events, and products. */
  read: 'orders:read',
  /** Place orders, cancel them, and what else a customer asks for. */
  write: 'orders:write',
  /** Cancel orders, and nothing else. */
  cancel: 'orders:cancel',
  /** Decide about orders that wait for a review. */
  review: 'orders:review',
  /** The same, also where a review is escalated to the second group. */
  reviewEscalated: 'orders:review:escalated',
  /** Pack what was sold, and see orders. */
  fulfil: 'orders:fulfil',
  /** Act on what is parked, refund, compare the books, and change products, stock and warehouses. */
  operate: 'operate',
  /** All of that, and what is of the whole shop: erase customers. */
  admin: 'admin',
} as const;
export type Scope = (typeof Scope)[keyof typeof Scope];
export const scopes: readonly Scope[] = Object.values(Scope);

/**
 * What each scope includes, itself apart. A shop that places orders need not read everybody's; who decides about an order
 * must be able to see it; an operator does not order in a customer's name.
 */
const included: Record<Scope, readonly Scope[]> = {
  'orders:read': [],
  'orders:write': ['orders:cancel'],
  'orders:cancel': [],
  'orders:review': ['orders:read'],
  'orders:review:escalated': ['orders:read', 'orders:review'],
  // Who packs must see what.
  'orders:fulfil': ['orders:read'],
  operate: ['orders:read', 'orders:cancel', 'orders:review', 'orders:fulfil'],
  admin: [
    'orders:read',
    'orders:write',
    'orders:cancel',
    'orders:review',
    'orders:review:escalated',
    'orders:fulfil',
    'operate',
  ],
};

/** Whether somebody with the granted scopes may do what needs `needed`. */
export const allows = (granted: readonly Scope[], needed: Scope): boolean =>
  granted.some((scope) => scope === needed || included[scope].includes(needed));

/** Whether the text names a scope. */
export const isScope = (text: string): text is Scope => (scopes as readonly string[]).includes(text);
