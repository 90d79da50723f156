// Pages as Stripe lists them: newest first, by cursor.
import { invalid } from './errors.ts';
import { amountOf, objectOf, textOf, type Parameters } from './parameters.ts';

export const PAGING = ['limit', 'starting_after', 'ending_before'];
const MAX_PAGE_SIZE = 100;

type Listed = { id: string; created: number };

/** One page of `items` (given oldest first). A cursor that is not there is refused: a page must never start anywhere. */
export function pageOf<T extends Listed>(items: readonly T[], parameters: Parameters, url: string): object {
  const newest = items.toReversed();
  const size = pageSizeOf(parameters);
  const placeOf = (name: string): number | null => {
    const id = textOf(parameters, name);
    if (id === undefined) return null;
    const place = newest.findIndex((item) => item.id === id);
    if (place < 0) throw invalid(`No such object: '${id}'`, 'resource_missing', name);
    return place;
  };
  const after = placeOf('starting_after');
  const before = placeOf('ending_before');
  if (after !== null && before !== null)
    throw invalid(
      'You may only specify one of these parameters: ending_before, starting_after.',
      null,
      'ending_before',
    );
  const begin = before === null ? (after ?? -1) + 1 : Math.max(0, before - size);
  const end = before ?? begin + size;
  const has_more = before === null ? end < newest.length : begin > 0;
  return { object: 'list', url, has_more, data: newest.slice(begin, end) };
}

/** Page size of a list: 1 to 100, 10 when not given. */
export function pageSizeOf(parameters: Parameters): number {
  const value = amountOf(parameters, 'limit') ?? 10;
  if (value <= MAX_PAGE_SIZE) return value;
  throw invalid(`This value must be less than or equal to ${MAX_PAGE_SIZE}.`, 'parameter_invalid_integer', 'limit');
}

/** Reads `created=…` or `created[gte]=…` (gt, lte, lt): whether an instant is within it. */
export function createdRangeOf(parameters: Parameters): (at: number) => boolean {
  const { created } = parameters;
  if (typeof created === 'string') {
    const exactly = secondsOf(created, 'created');
    return (at) => at === exactly;
  }
  const range = objectOf(parameters, 'created', ['gt', 'gte', 'lt', 'lte']) ?? {};
  const bound = (name: string, otherwise: number): number =>
    range[name] === undefined ? otherwise : secondsOf(range[name], `created[${name}]`);
  const [gte, gt] = [bound('gte', 0), bound('gt', -1)];
  const [lte, lt] = [bound('lte', Infinity), bound('lt', Infinity)];
  return (at) => at >= gte && at > gt && at <= lte && at < lt;
}

function secondsOf(value: unknown, name: string): number {
  if (typeof value === 'string' && /^\d{1,12}$/.test(value)) return Number(value);
  throw invalid(`Invalid timestamp: ${String(value)}; must be an integer Unix time`, 'parameter_invalid_integer', name);
}
