import { tableLines } from '../runtime/text-table.ts';
import type { Answered } from './ask.ts';
import type { Session } from './session.ts';

/** What others have written must not move the cursor, change colours or make lines: control characters become dots. */
export const clean = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '·');

/** One thing: as the api has sent it, or told by `lines`. */
export function show<T>(
  { io, form }: Session,
  { text, body }: Answered<T>,
  lines: (body: T) => readonly string[],
): void {
  if (form === 'json') io.out(`${text}\n`);
  else if (form === 'jsonl') io.out(`${JSON.stringify(body)}\n`);
  else for (const line of lines(body)) io.out(`${line}\n`);
}

/** The same, of a text that has lines of its own. */
export const cleanLines = (text: string): string => text.split('\n').map(clean).join('\n');

export type Cell = string | number | null | undefined;
export type Columns<T> = readonly (readonly [head: string, cell: (item: T) => Cell])[];

/** Several things: as the api has sent them, one a line, or as a table. */
export function showList<T>(
  session: Session,
  { text, body }: Answered<{ items: readonly T[] }>,
  columns: Columns<T>,
): void {
  const { io, form } = session;
  if (form === 'json') io.out(`${text}\n`);
  else showItems(session, body.items, columns);
}

/** The same of items that come from several answers. */
export function showItems<T>({ io, form, paint }: Session, items: readonly T[], columns: Columns<T>): void {
  if (form !== 'table') return items.forEach((item) => io.out(`${JSON.stringify(item)}\n`));
  if (items.length === 0) return io.say('There are none.');
  const [head = '', ...rows] = table(items, columns);
  io.out(`${paint.bold(head)}\n`);
  for (const row of rows) io.out(`${row}\n`);
}

/** Head and rows. */
export function table<T>(items: readonly T[], columns: Columns<T>): string[] {
  const rows = items.map((item) => columns.map(([, cell]) => clean(textOf(cell(item)))));
  return tableLines([columns.map(([head]) => head), ...rows]);
}

/** What is known of one thing, a line each. */
export const facts = (pairs: readonly (readonly [name: string, value: Cell])[]): string[] =>
  tableLines(
    pairs
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [name, clean(textOf(value))]),
  );

const textOf = (cell: Cell): string => (cell === null || cell === undefined || cell === '' ? '-' : String(cell));

/** Minor units as people write them: 1250 EUR is 12.50 EUR, 1250 JPY is 1250 JPY. */
export function money(amountMinor: number, currency: string): string {
  const digits = digitsOf(currency);
  return `${(amountMinor / 10 ** digits).toFixed(digits)} ${currency}`;
}

function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}
