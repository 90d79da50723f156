import { randomUUID } from 'node:crypto';

export const faultOperations = [
  'create',
  'confirm',
  'retrieve',
  'capture',
  'cancel',
  'refund',
  'create_customer',
  'webhook',
  'any',
] as const;
export const faultModes = [
  'error_500',
  'error_500_after_effect',
  'error_429',
  'delay',
  'drop_before_effect',
  'drop_after_effect',
  'half_body',
] as const;
export type FaultMode = (typeof faultModes)[number];

/**
 * A fault that waits for its requests. It strikes `times` times, or "always"; `delayMs` is waited before any mode acts;
 * `cached`: the 500 is stored for the request's key.
 */
export type Fault = {
  id: string;
  operation: (typeof faultOperations)[number];
  mode: FaultMode;
  times: number | 'always';
  struck: number;
  delayMs: number;
  cached: boolean;
  match: { orderId?: string };
};

export type Faults = ReturnType<typeof createFaults>;

const FIELDS = ['operation', 'mode', 'times', 'delayMs', 'cached', 'match'];
const MAX_DELAY_MS = 120_000;

/** Faults on demand. They live in memory: a simulator that was killed comes back healthy. */
export function createFaults() {
  const faults = new Map<string, Fault>();
  const waiting = (): Fault[] => [...faults.values()].filter((fault) => fault.struck !== fault.times);
  return {
    add(description: unknown): Fault {
      const fault = parseFault(description);
      faults.set(fault.id, fault);
      return fault;
    },
    list: (): readonly Fault[] => waiting(),
    /** Also one that is used up: whoever added it asks whether it has struck. */
    find: (id: string): Fault | null => faults.get(id) ?? null,
    remove: (id: string): boolean => faults.delete(id),
    clear: (): void => faults.clear(),

    /** The first fault that is meant for this request; it has struck once more. */
    take(operation: string, orderId: string | null): Fault | null {
      const fault = waiting().find(
        (candidate) =>
          (candidate.operation === operation || (candidate.operation === 'any' && operation !== 'webhook')) &&
          (candidate.match.orderId === undefined || candidate.match.orderId === orderId),
      );
      if (!fault) return null;
      fault.struck += 1;
      return fault;
    },
  };
}

/** Why a description is not a fault; the message goes to whoever sent it. */
export class NotAFault extends Error {}

function parseFault(description: unknown): Fault {
  if (typeof description !== 'object' || description === null) throw new NotAFault('expected a JSON object');
  const fields = description as Record<string, unknown>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw new NotAFault(`unknown field ${unknown}; known: ${FIELDS.join(', ')}`);
  const { operation, mode, times = 1, delayMs = 0, cached = false, match = {} } = fields;
  if (cached === true && mode !== 'error_500' && mode !== 'error_500_after_effect')
    throw new NotAFault('cached: goes with error_500 and error_500_after_effect only');
  return {
    id: randomUUID(),
    operation: oneOf(faultOperations, operation, 'operation'),
    mode: oneOf(faultModes, mode, 'mode'),
    times: times === 'always' ? times : wholeNumber(times, 'times (or "always")', 1, 1_000_000),
    struck: 0,
    delayMs: wholeNumber(delayMs, 'delayMs', mode === 'delay' ? 1 : 0, MAX_DELAY_MS),
    cached: flag(cached),
    match: parseMatch(match),
  };
}

function parseMatch(match: unknown): Fault['match'] {
  const entries = typeof match === 'object' && match !== null ? Object.entries(match) : [['', match] as const];
  if (entries.length === 0 && !Array.isArray(match)) return {};
  const [[name, value] = ['', null], ...others] = entries;
  if (name !== 'orderId' || typeof value !== 'string' || others.length > 0)
    throw new NotAFault('match: expected {orderId}');
  return { orderId: value };
}

function oneOf<T extends string>(values: readonly T[], value: unknown, name: string): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new NotAFault(`${name}: expected one of ${values.join(', ')}`);
  return found;
}

function wholeNumber(value: unknown, name: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new NotAFault(`${name}: expected an integer from ${min} to ${max}`);
}

function flag(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new NotAFault('cached: expected true or false');
  return value;
}
