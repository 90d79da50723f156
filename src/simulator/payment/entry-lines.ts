// Entries as lines. A payment is also in its event and in the answer that is kept for the key: it is written once, and is
// one object again when it is read, which keeps the log and the memory of a restarted simulator small.
import type { Entry } from './state.ts';

export function lineOf(entry: Entry): string {
  const shared = sharedOf(entry);
  const homes: unknown[] = [entry.intents, entry.refunds, entry.disputes, entry.customers];
  const text = JSON.stringify(entry, function (this: unknown, _name: string, value: unknown) {
    const place = homes.includes(this) ? -1 : shared.indexOf(value);
    return place < 0 ? value : { $same: place };
  });
  return `${text}\n`;
}

export function entryOf(line: string): Entry {
  const entry = JSON.parse(line) as Entry;
  const shared = sharedOf(entry);
  return shared.length === 0 ? entry : (restored(entry, shared) as Entry);
}

const sharedOf = ({ intents = [], refunds = [], disputes = [], customers = [] }: Entry): unknown[] => [
  ...intents,
  ...refunds,
  ...disputes,
  ...customers,
];

function restored(value: unknown, shared: readonly unknown[]): unknown {
  if (typeof value !== 'object' || value === null || shared.includes(value)) return value;
  if (Array.isArray(value)) return value.map((inner) => restored(inner, shared));
  // Whatever a caller may name `$same` is text, so a number is always ours.
  if ('$same' in value && typeof value.$same === 'number') return shared[value.$same];
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, restored(inner, shared)]));
}
