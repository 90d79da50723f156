// Every problem the api can answer with, in RFC 9457's form: the one place of status codes for what goes wrong.

export const problems = {
  'malformed-request': [400, 'The request can not be read'],
  'malformed-json': [400, 'The body is not acceptable JSON'],
  'invalid-query': [400, 'The query is not valid'],
  'invalid-cursor': [400, 'The cursor is not one of ours'],
  'invalid-header': [400, 'A header is not valid'],
  'missing-idempotency-key': [400, 'An Idempotency-Key is needed'],
  'invalid-if-match': [400, 'The If-Match is not an ETag of ours'],
  'invalid-signature': [400, 'The signature is not the sender’s'],
  'invalid-idempotency-key': [400, 'The Idempotency-Key is not valid'],
  'missing-api-key': [401, 'A key is needed'],
  'invalid-api-key': [401, 'The key is not valid'],
  'insufficient-scope': [403, 'The key may not do this'],
  'other-site': [403, 'A page of another site may not do this'],
  'unreadable-payload': [422, 'A payload can not be read'],
  'order-not-found': [404, 'There is no such order'],
  'resolution-not-found': [404, 'There is no such resolution'],
  'reconciliation-not-found': [404, 'There is no such reconciliation'],
  'erasure-not-found': [404, 'There is no such erasure'],
  'refund-not-found': [404, 'There is no such refund'],
  'return-not-found': [404, 'There is no such return'],
  'amendment-not-found': [404, 'There is no such amendment'],
  'product-not-found': [404, 'There is no such product'],
  'shipment-not-found': [404, 'There is no such shipment'],
  'subscription-not-found': [404, 'There is no such subscription'],
  'notice-not-found': [404, 'There is no such notice'],
  'delivery-not-found': [404, 'There is no such delivery'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This is not possible here'],
  'request-timeout': [408, 'The request took too long to arrive'],
  'order-not-cancellable': [409, 'The order can not be cancelled any more'],
  'order-not-in-review': [409, 'This can not be decided about the review of the order'],
  'order-not-refundable': [409, 'Only a sold order can be refunded'],
  'refund-too-large': [409, 'More is asked for than is left to be refunded'],
  'not-captured': [409, 'The money of it is not captured yet'],
  'order-not-returnable': [409, 'Nothing of the order can come back'],
  'too-many-returns': [409, 'The order has as many returns as it can have'],
  'return-decided': [409, 'This can not be decided about the return as it is'],
  'return-not-exchangeable': [409, 'Nothing can be had in exchange for the return as it is'],
  'return-exchanged': [409, 'Another order was placed in exchange for the return'],
  'order-not-amendable': [409, 'The order can not be changed'],
  'shipment-cancelled': [409, 'The shipment is cancelled'],
  'shipment-changed': [409, 'The shipment is to have other items'],
  'order-not-parked': [409, 'The order is not parked'],
  'parked-step-ambiguous': [409, 'More than one parked step is meant'],
  'parking-differs': [409, 'The step is parked since another time than the decision says'],
  'resolution-not-possible': [409, 'This can not be decided about the order as it is'],
  'resolution-count-differs': [409, 'Another number of parked steps matches than was expected'],
  'resolution-finished': [409, 'The resolution is over'],
  'not-waiting-for-payment': [409, 'The order does not wait for its customer'],
  'too-many-subscriptions': [409, 'The shop has as many subscriptions as it can have'],
  'notice-open': [409, 'The notice is still to be sent'],
  'delivery-not-parked': [409, 'The delivery is not parked'],
  'too-many-warehouses': [409, 'The shop has as many warehouses as it can have'],
  'stock-below-reserved': [409, 'The stock would go below what is reserved, or below zero'],
  'stock-above-limit': [409, 'The stock would be more than a product can have'],
  'order-changed': [412, 'The order has changed since it was read'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'The body is not application/json in UTF-8'],
  'expectation-failed': [417, 'The Expect header can not be met'],
  'invalid-body': [422, 'The body is not valid'],
  'idempotency-key-reused': [422, 'The Idempotency-Key belongs to another request'],
  'unknown-sku': [422, 'A product is not in the catalogue'],
  'unknown-line': [422, 'The order has no such line'],
  'return-too-large': [422, 'More units are named than can come back'],
  'unknown-return': [422, 'There is no such return'],
  'unknown-warehouse': [422, 'There is no such warehouse'],
  'mixed-currencies': [422, 'All products of an order have one currency'],
  'amount-too-large': [422, 'The order is too large'],
  'nothing-to-amend': [422, 'Nothing would change'],
  'payment-method-needed': [422, 'The order becomes dearer: a payment method is needed'],
  'missing-if-match': [428, 'An If-Match is needed'],
  'too-many-requests': [429, 'Too many requests'],
  'too-many-streams': [429, 'Too many streams are open'],
  'header-too-large': [431, 'The headers are too large'],
  'internal-error': [500, 'Something went wrong here'],
  'service-unavailable': [503, 'The service can not do this right now'],
  overloaded: [503, 'This process has more to do than it can'],
  'too-many-waiting': [503, 'Too many orders wait to be worked on'],
  'database-behind': [503, 'The database was restored from a backup and has to be recovered first'],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemSlug = keyof typeof problems;
export type FieldError = { pointer: string; message: string };

// A small body of many mistakes must not become an answer of megabytes.
const MAX_ERRORS = 100;

export type ProblemBody = {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: readonly FieldError[];
};

/** Thrown by routes and middleware; `headers` are added to the answer. `detail` never quotes what the client sent. */
export class Problem extends Error {
  readonly slug: ProblemSlug;
  readonly errors: readonly FieldError[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    slug: ProblemSlug,
    detail: string,
    { errors, headers = {} }: { errors?: readonly FieldError[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.name = 'Problem';
    this.slug = slug;
    this.errors = errors;
    this.headers = headers;
  }
}

/** The body of a problem's answer. */
export function problemBody(slug: ProblemSlug, detail: string, errors?: readonly FieldError[]): ProblemBody {
  const [status, title] = problems[slug];
  return {
    type: `/problems/${slug}`,
    title,
    status,
    detail,
    ...(errors ? { errors: errors.slice(0, MAX_ERRORS) } : {}),
  };
}

/** Retry-After for what passes by itself within seconds. */
export const RETRY_SOON = { 'Retry-After': '2' };

// Nothing changes before somebody has recovered the database; a look takes a moment.
const RETRY_LATER = { 'Retry-After': '60' };

/** Why nothing may be created or moved just now (see background/restore-guard.ts), as an answer. */
export function restoreProblem(refusal: { kind: 'looking' | 'behind'; detail: string } | null): Problem | null {
  if (!refusal) return null;
  return refusal.kind === 'behind'
    ? new Problem('database-behind', refusal.detail, { headers: RETRY_LATER })
    : new Problem('service-unavailable', refusal.detail, { headers: RETRY_SOON });
}
