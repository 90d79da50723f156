// Amounts, instants and durations as people read them.

/** Minor units in the currency's own way. */
export function money(amountMinor: number, currency: string): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountMinor / 10 ** digits);
}

/** What a person types for an amount, in minor units; null when it is no amount of this currency. */
export function parseMoney(text: string, currency: string): number | null {
  const { maximumFractionDigits: digits = 2 } = new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency,
  }).resolvedOptions();
  const match = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(text);
  if (!match) return null;
  const fraction = match[2] ?? '';
  if (fraction.length > digits) return null;
  return Number(match[1]) * 10 ** digits + Number((fraction + '0'.repeat(digits)).slice(0, digits) || 0);
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long, in the two largest units that say something. */
export function duration(ms: number): string {
  if (ms < SECOND) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 10 * SECOND) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const whole = Math.floor(ms / large);
  const rest = Math.floor((ms % large) / small);
  return rest === 0 ? `${whole} ${largeName}` : `${whole} ${largeName} ${rest} ${smallName}`;
}

/** The instant in the reader's own time. */
export const instant = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** `charge-payment` as words. */
export const words = (name: string): string => name.replace(/[-_.]/g, ' ');

export const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** A count that is cut at a limit. */
export const upTo = (count: number, atMost: number): string =>
  count >= atMost ? `${atMost.toLocaleString()}+` : count.toLocaleString();

/**
 * What the service says, for people in front of the console: amounts in the currency's own way, instants in their own time, and no
 * hint at the API, whose place is taken by a button here.
 */
export const readable = (text: string): string =>
  text
    .replace(/ \((?:POST|GET|PUT) [^)]*\)/g, '')
    .replace(/\b(\d{1,15}) ([A-Z]{3})\b(?: \(minor units\))?/g, (_all, amount: string, currency: string) =>
      money(Number(amount), currency),
    )
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (iso) => instant(iso));
