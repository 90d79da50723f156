// Reading form-encoded parameters as strictly as Stripe does: what it does not know, it refuses.
import { invalid } from './errors.ts';

export type Parameters = Readonly<Record<string, unknown>>;

/** Refuses every parameter that is not among `known`. `expand` is accepted everywhere and changes nothing. */
export function expectOnly(parameters: Parameters, known: readonly string[]): void {
  const unknown = Object.keys(parameters).find((name) => name !== 'expand' && !known.includes(name));
  if (unknown !== undefined) throw invalid(`Received unknown parameter: ${unknown}`, 'parameter_unknown', unknown);
}

export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '')
    throw invalid(`Invalid ${name}: must be a non-empty string`, 'parameter_invalid_empty', name);
  return value;
}

export function requiredText(parameters: Parameters, name: string): string {
  const value = textOf(parameters, name);
  if (value === undefined) throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  return value;
}

/** A whole number of minor units, at least 1. */
export function amountOf(parameters: Parameters, name: string): number | undefined {
  const value = textOf(parameters, name);
  if (value === undefined) return undefined;
  if (name === 'amount' && /^\d{9,}$/.test(value))
    throw invalid('Amount must be no more than 999,999.99', 'amount_too_large', name);
  if (!/^\d{1,8}$/.test(value)) throw invalid(`Invalid integer: ${name}`, 'parameter_invalid_integer', name);
  if (Number(value) < 1)
    throw invalid(`This value must be greater than or equal to 1.`, 'parameter_invalid_integer', name);
  return Number(value);
}

export function flagOf(parameters: Parameters, name: string): boolean {
  const value = parameters[name];
  if (value === undefined) return false;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`Invalid boolean: ${name}`, 'parameter_invalid_boolean', name);
}

/** Nested strings such as `metadata[orderId]=…`. */
export function recordOf(parameters: Parameters, name: string): Record<string, string> {
  const value: unknown = parameters[name] ?? {};
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`Invalid object: ${name}`, 'parameter_invalid', name);
  return Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)]));
}

/** Page size of a list: 1 to 100, 10 when not given. */
export function pageSizeOf(parameters: Parameters): number {
  const value = amountOf(parameters, 'limit') ?? 10;
  if (value > 100) throw invalid('This value must be less than or equal to 100.', 'parameter_invalid_integer', 'limit');
  return value;
}
