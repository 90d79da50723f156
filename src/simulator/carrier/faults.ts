import { randomUUID } from 'node:crypto';

const operations = ['create', 'retrieve', 'cancel', 'webhook', 'any'] as const;
// For webhooks: `drop_before_effect` is news that never come, `duplicate` news that come twice, `delay` news that come late, and so
// out of order.
const modes = ['error_500', 'delay', 'drop_before_effect', 'drop_after_effect', 'duplicate'] as const;

/** A fault that waits for its requests: it strikes `times` times, or "always"; `delayMs` is waited before any mode acts. */
export type Fault = {
  id: string;
  operation: (typeof operations)[number];
  mode: (typeof modes)[number];
  times: number | 'always';
  struck: number;
  delayMs: number;
  match: { reference?: string };
};

export type Faults = ReturnType<typeof createFaults>;

const FIELDS = ['operation', 'mode', 'times', 'delayMs', 'match'];
const MAX_DELAY_MS = 120_000;

/** Faults on demand. They live in memory: a simulator that was killed comes back healthy. */
export function createFaults() {
  let faults: Fault[] = [];
  return {
    add(description: unknown): Fault {
      const fault = parseFault(description);
      faults.push(fault);
      return fault;
    },
    list: (): readonly Fault[] => faults,
    clear: (): void => void (faults = []),

    /** The first fault that is meant for this; it has struck once more. */
    take(operation: string, reference: string | null): Fault | null {
      const fault = faults.find(
        (candidate) =>
          (candidate.operation === operation || (candidate.operation === 'any' && operation !== 'webhook')) &&
          (candidate.match.reference === undefined || candidate.match.reference === reference),
      );
      if (!fault) return null;
      fault.struck += 1;
      if (fault.times !== 'always' && fault.struck >= fault.times) faults = faults.filter((other) => other !== fault);
      return fault;
    },
  };
}

/** Why a request to the control side is refused; the message goes to whoever sent it. */
export class NotPossible extends Error {}

function parseFault(description: unknown): Fault {
  if (typeof description !== 'object' || description === null) throw new NotPossible('expected a JSON object');
  const fields = description as Record<string, unknown>;
  const unknown = Object.keys(fields).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw new NotPossible(`unknown field ${unknown}; known: ${FIELDS.join(', ')}`);
  const { operation, mode, times = 1, delayMs = 0, match = {} } = fields;
  const fault: Fault = {
    id: randomUUID(),
    operation: oneOf(operations, operation, 'operation'),
    mode: oneOf(modes, mode, 'mode'),
    times: times === 'always' ? times : wholeNumber(times, 'times (or "always")', 1, 1_000_000),
    struck: 0,
    delayMs: wholeNumber(delayMs, 'delayMs', mode === 'delay' ? 1 : 0, MAX_DELAY_MS),
    match: parseMatch(match),
  };
  if (fault.mode === 'duplicate' && fault.operation !== 'webhook')
    throw new NotPossible('duplicate: goes with webhook only');
  return fault;
}

function parseMatch(match: unknown): Fault['match'] {
  if (typeof match !== 'object' || match === null) throw new NotPossible('match: expected {reference}');
  const { reference, ...others } = match as Record<string, unknown>;
  if (Object.keys(others).length > 0) throw new NotPossible('match: expected {reference}');
  if (reference === undefined) return {};
  if (typeof reference !== 'string') throw new NotPossible('match: expected {reference}');
  return { reference };
}

function oneOf<T extends string>(values: readonly T[], value: unknown, name: string): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw new NotPossible(`${name}: expected one of ${values.join(', ')}`);
  return found;
}

function wholeNumber(value: unknown, name: string, min: number, max: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw new NotPossible(`${name}: expected an integer from ${min} to ${max}`);
}
