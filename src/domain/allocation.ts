// From which warehouses an order is served. What must stay true: all of it or nothing (unless it may be less), never more than a warehouse
// has, nothing that somebody waits for who came before, in as few parcels as can be, and the same choice every time the same is asked.
import { compareSkus, type RequestedLine } from './pricing.ts';

/** What a warehouse can give of a product now. A lower `priority` is chosen first. */
export type Available = { warehouse: string; priority: number; sku: string; available: number };
export type Allocated = { warehouse: string; sku: string; quantity: number };

/** Too little of `sku`: `available` units could be had, over all warehouses. */
export type Shortage = { sku: string; requested: number; available: number };
/** What a client reads of it. */
export const describeShortages = (shortages: readonly Shortage[]): string =>
  `Too little stock: ${shortages.map(({ sku, requested, available }) => `${sku} (wanted ${requested}, available ${available})`).join(', ')}`;

export type Allocation = { allocated: readonly Allocated[] } | { shortages: readonly Shortage[] };

/** As many warehouses as a shop can have; every product of an order is looked up in each of them. */
export const MAX_WAREHOUSES = 50;

// Every choice of up to so many warehouses is looked at (of 50, about 20,000); of more, the one that covers most is added.
const CHOICES_UP_TO = 3;

/** Of each product, the units that others wait for who came before. They are nobody else's, in whichever warehouse they are. */
export type Awaited = ReadonlyMap<string, number>;
const nobodyWaits: Awaited = new Map();

/**
 * Chooses the fewest warehouses that together have everything; among as few, those that come first by priority, then by name. Within
 * the choice a line comes from one warehouse where one has all of it.
 */
export function allocate(
  lines: readonly RequestedLine[],
  stock: readonly Available[],
  awaited: Awaited = nobodyWaits,
): Allocation {
  const usable = stock.filter(({ available }) => available > 0);
  const shortages = lines.flatMap(({ sku, quantity }) => {
    const available = leftOf(sku, usable, awaited);
    return available < quantity ? [{ sku, requested: quantity, available }] : [];
  });
  if (shortages.length > 0) return { shortages };
  const warehouses = inOrder(usable);
  const has = (warehouse: string, sku: string): number =>
    usable.find((row) => row.warehouse === warehouse && row.sku === sku)?.available ?? 0;
  const chosen = chooseFew(lines, warehouses, has) ?? chooseMany(lines, warehouses, has);
  return { allocated: lines.flatMap((line) => serve(line, chosen, has)) };
}

/** As `allocate`, of what is there: `missing` is what is not, line by line. Together they are what was asked for. */
export function allocatePartly(
  lines: readonly RequestedLine[],
  stock: readonly Available[],
  awaited: Awaited = nobodyWaits,
): { allocated: readonly Allocated[]; missing: readonly RequestedLine[] } {
  const usable = stock.filter(({ available }) => available > 0);
  const there = lines.map(({ sku, quantity }) => ({ sku, quantity: Math.min(quantity, leftOf(sku, usable, awaited)) }));
  const missing = lines.map(({ sku, quantity }, index) => ({
    sku,
    quantity: quantity - (there[index]?.quantity ?? 0),
  }));
  const allocation = allocate(there.filter(isSome), usable);
  if ('shortages' in allocation) throw new Error('Expected what is there to be enough for what is there; it is not');
  return { allocated: allocation.allocated, missing: missing.filter(isSome) };
}

const isSome = ({ quantity }: RequestedLine): boolean => quantity > 0;

/** What of a product can be had by somebody who comes now. */
const leftOf = (sku: string, usable: readonly Available[], awaited: Awaited): number =>
  Math.max(0, sum(usable.filter((row) => row.sku === sku)) - (awaited.get(sku) ?? 0));

type Has = (warehouse: string, sku: string) => number;

const sum = (rows: readonly Available[]): number => rows.reduce((total, { available }) => total + available, 0);

/** The warehouses that have anything, the first choice first. */
function inOrder(stock: readonly Available[]): string[] {
  const priorities = new Map(stock.map(({ warehouse, priority }) => [warehouse, priority]));
  return [...priorities].sort(([a, first], [b, second]) => first - second || compareSkus(a, b)).map(([name]) => name);
}

const covers = (lines: readonly RequestedLine[], chosen: readonly string[], has: Has): boolean =>
  lines.every(({ sku, quantity }) => chosen.reduce((total, name) => total + has(name, sku), 0) >= quantity);

function chooseFew(lines: readonly RequestedLine[], warehouses: readonly string[], has: Has): readonly string[] | null {
  for (let size = 1; size <= Math.min(CHOICES_UP_TO, warehouses.length); size += 1) {
    for (const chosen of choices(warehouses, size)) if (covers(lines, chosen, has)) return chosen;
  }
  return null;
}

/** Every choice of so many, those with the first warehouses first. */
function* choices(warehouses: readonly string[], size: number, from = 0): Generator<string[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (let index = from; index <= warehouses.length - size; index += 1) {
    const first = warehouses[index];
    if (first === undefined) return;
    for (const rest of choices(warehouses, size - 1, index + 1)) yield [first, ...rest];
  }
}

/** Adds the warehouse that serves most of what is missing, until nothing is; then leaves out whichever is not needed. */
function chooseMany(lines: readonly RequestedLine[], warehouses: readonly string[], has: Has): readonly string[] {
  let chosen: string[] = [];
  while (!covers(lines, chosen, has)) {
    const served = (name: string): number =>
      lines.reduce((total, { sku, quantity }) => {
        const missing = quantity - chosen.reduce((had, other) => had + has(other, sku), 0);
        return total + Math.min(Math.max(missing, 0), has(name, sku));
      }, 0);
    const left = warehouses.filter((name) => !chosen.includes(name));
    const [best] = [...left].sort((a, b) => served(b) - served(a));
    if (best === undefined) throw new Error('Expected all warehouses together to have everything; they do not');
    chosen = warehouses.filter((name) => name === best || chosen.includes(name));
  }
  for (const name of [...chosen].reverse()) {
    const without = chosen.filter((other) => other !== name);
    if (covers(lines, without, has)) chosen = without;
  }
  return chosen;
}

/** A line, from one of the chosen where that has all of it, else from one after the other. */
function serve({ sku, quantity }: RequestedLine, chosen: readonly string[], has: Has): Allocated[] {
  const one = chosen.find((name) => has(name, sku) >= quantity);
  if (one !== undefined) return [{ warehouse: one, sku, quantity }];
  let left = quantity;
  return chosen.flatMap((warehouse) => {
    const taken = Math.min(left, has(warehouse, sku));
    left -= taken;
    return taken > 0 ? [{ warehouse, sku, quantity: taken }] : [];
  });
}
