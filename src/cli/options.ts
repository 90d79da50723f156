// Options that several commands have, and how their values are read. A wrong value is a usage error before anything is sent.
import { InvalidArgumentError, type Command } from 'commander';

export type Line = { sku: string; quantity: number };

/** `sku:2`, or `sku` for one; can be given several times. */
export function readItem(text: string, before: readonly Line[] = []): Line[] {
  const [, sku, quantity = '1'] = /^([^:\s]+)(?::(\d{1,6}))?$/.exec(text) ?? [];
  if (sku === undefined) throw new InvalidArgumentError('Expected <sku>:<quantity>, for example espresso-beans:2.');
  return [...before, { sku, quantity: Number(quantity) }];
}

/** `name=value`; can be given several times. */
export function readPair(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected <name>=<value>.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

export function readCount(text: string): number {
  if (!/^\d{1,12}$/.test(text)) throw new InvalidArgumentError('Expected a whole number, 0 or more.');
  return Number(text);
}

export function readInteger(text: string): number {
  if (!/^[+-]?\d{1,12}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.');
  return Number(text);
}

/** An instant, or how long ago: `7d`, `12h`, `30m`. */
export function readInstant(text: string): string {
  const [, amount, unit] = /^(\d{1,4})([dhm])$/.exec(text) ?? [];
  const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000 }[unit ?? ''] ?? 0;
  const at = unit === undefined ? Date.parse(text) : Date.now() - Number(amount) * unitMs;
  if (Number.isNaN(at))
    throw new InvalidArgumentError('Expected an instant such as 2026-01-31T12:00:00Z, or 7d, 12h, 30m.');
  return new Date(at).toISOString();
}

/** Of commands that are done once for each key. */
export const keyed = (command: Command): Command =>
  command
    .option(
      '--key <key>',
      'the Idempotency-Key: the same command under the same key is done once; a new one when left out',
    )
    .option('--print-key', 'say the key before anything is sent');

export const reasoned = (command: Command, example: string): Command =>
  command.requiredOption('--reason <text>', `why; kept with it, for example "${example}"`);

/** Lines of an order, to be given several times. */
export const withItems = (command: Command, description: string): Command =>
  command.option('--item <sku:quantity>', `${description}; can be given several times`, readItem);

/** What has no value is left out of a body or a query. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
