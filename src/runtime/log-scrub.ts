// The last look at what is about to be logged. No code of ours logs a customer's words; libraries' errors quote what they were given.

/**
 * What is never written, and what stands in its place. Where two fit, the first. What may repeat in front of a sign that need not come is
 * bounded: else a long line without one is read again from each of its characters.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  // Of an address only the password: which host does not answer must be read.
  [/(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/"\\]*):[^\s@/"\\]+@/gi, '$1:[redacted]@'],
  [
    /\b(?:sk|rk)_(?:test|live)_[A-Za-z0-9_]+|\bwhsec_[A-Za-z0-9+/_=-]+|\bdok_[A-Za-z0-9]+_[A-Za-z0-9_-]+|_secret_\w+/g,
    '[redacted]',
  ],
  [/\b(Bearer|Basic) [A-Za-z0-9+/._~=-]{8,}/g, '$1 [redacted]'],
  [/[^\s"'\\<>(),:;@[\]]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+/g, '[e-mail]'],
  // As long as a card number, and no part of a word. Where it is a value by itself the line must stay JSON.
  [/(?<=[:,[])\d{13,19}(?=[,}\]])/g, '0'],
  [/(?<![A-Za-z0-9_.-])\d(?:[ -]?\d){12,18}(?![A-Za-z0-9_-]|\.\d)/g, '[number]'],
];

/** The line without secrets, e-mail addresses, and numbers as long as a card's. */
export const scrub = (line: string): string =>
  secrets.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), line);

/**
 * An error as it is logged. PostgreSQL's `detail` and `where` quote whole rows, and errors of clients carry requests: what an error brings
 * besides is left out, but for what says which failure it is.
 */
export const errorForLog = (error: unknown): object => told(error, 0);

function told(error: unknown, depth: number): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name: type, message, stack, cause } = error;
  const named = Object.fromEntries(
    Object.entries(error).filter(([name, value]) => telling.has(name) && ['string', 'number'].includes(typeof value)),
  );
  const inner =
    error instanceof AggregateError && depth < DEEPEST
      ? { errors: error.errors.map((one) => told(one, depth + 1)) }
      : {};
  return {
    type,
    message,
    stack,
    ...named,
    ...inner,
    ...(cause === undefined || depth === DEEPEST ? {} : { cause: told(cause, depth + 1) }),
  };
}

/** Of causes of causes: nobody reads on, and one may lead back to itself. */
const DEEPEST = 5;

const telling: ReadonlySet<string> = new Set([
  ...['code', 'errno', 'syscall', 'address', 'port', 'status', 'statusCode', 'requestId'],
  ...['severity', 'schema', 'table', 'column', 'constraint', 'routine', 'decline_code', 'type', 'param'],
]);
