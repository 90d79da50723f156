/** An error as Stripe words it: `{error: {type, code, message, …}}` with its HTTP status. */
export type ErrorFields = {
  type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error' | 'rate_limit_error';
  code?: string;
  decline_code?: string;
  message: string;
  param?: string;
  charge?: string | null;
  doc_url?: string;
  payment_intent?: unknown;
  payment_method?: unknown;
};

/**
 * Thrown while a request is carried out; becomes its answer. `stored`: it was refused for the state that was found, not for
 * its parameters, so its key answers with this refusal from now on, as at Stripe, even when the state has changed.
 */
export class StripeFailure extends Error {
  readonly status: number;
  readonly fields: ErrorFields;
  readonly stored: boolean;

  constructor(status: number, fields: ErrorFields, { stored = false } = {}) {
    super(fields.message);
    this.name = 'StripeFailure';
    this.status = status;
    this.fields = fields;
    this.stored = stored;
  }
}

/** The parameters are wrong: nothing was tried. */
export const invalid = (message: string, code: string | null, param?: string): StripeFailure =>
  new StripeFailure(400, { type: 'invalid_request_error', ...(code ? { code } : {}), message, ...optional(param) });

/** The parameters are right, and not possible as things are. */
export const impossible = (message: string, code: string, more: Partial<ErrorFields> = {}): StripeFailure =>
  new StripeFailure(400, { type: 'invalid_request_error', code, message, ...more }, { stored: true });

export const missing = (kind: string, id: string, param = 'intent'): StripeFailure =>
  new StripeFailure(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });

/** The body of an error, with the page that explains its code. */
export const errorBody = (fields: ErrorFields): { error: ErrorFields } => ({
  error: { ...fields, ...(fields.code ? { doc_url: docUrlOf(fields.code) } : {}) },
});

export const docUrlOf = (code: string): string => `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`;

const optional = (param: string | undefined): { param?: string } => (param === undefined ? {} : { param });
