// Reading form-encoded parameters as strictly as Stripe does: what it does not know, it refuses.
import { invalid } from './errors.ts';

export type Parameters = Readonly<Record<string, unknown>>;

// Stripe's own limits of metadata.
const METADATA_PAIRS = 50;
const METADATA_NAME_LENGTH = 40;
const METADATA_VALUE_LENGTH = 500;

/** Refuses every parameter that is not among `known`. `expand` is accepted everywhere and changes nothing. */
export function expectOnly(parameters: Parameters, known: readonly string[]): void {
  const unknown = Object.keys(parameters).find((name) => name !== 'expand' && !known.includes(name));
  if (unknown !== undefined) throw invalid(`Received unknown parameter: ${unknown}`, 'parameter_unknown', unknown);
}

export function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw invalid(`Invalid string: ${name}`, 'parameter_invalid_string', name);
  if (value === '') {
    throw invalid(
      `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; however '${name}' cannot be unset.`,
      'parameter_invalid_empty',
      name,
    );
  }
  return value;
}

export function requiredText(parameters: Parameters, name: string): string {
  const value = textOf(parameters, name);
  if (value === undefined) throw invalid(`Missing required param: ${name}.`, 'parameter_missing', name);
  return value;
}

/** One of a few words. */
export function choiceOf<T extends string>(
  parameters: Parameters,
  name: string,
  choices: readonly T[],
  fullName = name,
): T | undefined {
  const value = textOf(parameters, name);
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found === undefined)
    throw invalid(`Invalid ${fullName}: must be one of ${choices.join(', ')}`, 'parameter_invalid', fullName);
  return found;
}

/** A whole number of minor units, at least 1. */
export function amountOf(parameters: Parameters, name: string): number | undefined {
  const value = textOf(parameters, name);
  if (value === undefined) return undefined;
  if (name === 'amount' && /^\d{9,}$/.test(value))
    throw invalid('Amount must be no more than 999,999.99', 'amount_too_large', name);
  if (!/^-?\d{1,8}$/.test(value)) throw invalid(`Invalid integer: ${value}`, 'parameter_invalid_integer', name);
  if (Number(value) < 1)
    throw invalid('This value must be greater than or equal to 1.', 'parameter_invalid_integer', name);
  return Number(value);
}

export function flagOf(parameters: Parameters, name: string): boolean {
  const value = parameters[name];
  if (value === undefined) return false;
  if (value === 'true' || value === 'false') return value === 'true';
  throw invalid(`Invalid boolean: ${name}`, 'parameter_invalid_boolean', name);
}

/** A nested object, such as `automatic_payment_methods[enabled]=…`; null when it is not there. */
export function objectOf(parameters: Parameters, name: string, known?: readonly string[]): Parameters | null {
  const value = parameters[name];
  if (value === undefined) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('Invalid object', 'parameter_invalid', name);
  const unknown = Object.keys(value).find((field) => known && !known.includes(field));
  if (unknown !== undefined)
    throw invalid(`Received unknown parameter: ${name}[${unknown}]`, 'parameter_unknown', `${name}[${unknown}]`);
  return value as Parameters;
}

/** `metadata[orderId]=…`: texts within Stripe's limits; an empty one is not kept. */
export function metadataOf(parameters: Parameters): Record<string, string> {
  const kept: Record<string, string> = {};
  const pairs = Object.entries(objectOf(parameters, 'metadata') ?? {});
  if (pairs.length > METADATA_PAIRS)
    throw invalid(`You can have up to ${METADATA_PAIRS} metadata keys.`, 'parameter_invalid', 'metadata');
  for (const [name, value] of pairs) {
    const param = `metadata[${name}]`;
    if (typeof value !== 'string') throw invalid('Metadata values must be strings', 'parameter_invalid_string', param);
    if (name.length > METADATA_NAME_LENGTH || value.length > METADATA_VALUE_LENGTH) {
      const limits = `names up to ${METADATA_NAME_LENGTH} characters, values up to ${METADATA_VALUE_LENGTH}`;
      throw invalid(`Invalid metadata: ${limits}`, 'parameter_invalid_string', param);
    }
    if (value !== '') kept[name] = value;
  }
  return kept;
}

/** The same parameters in another order are the same request. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
