/** An error as Stripe words it: `{error: {type, code, message, …}}` with its HTTP status. */
export type ErrorFields = {
  type: 'invalid_request_error' | 'card_error' | 'api_error' | 'idempotency_error' | 'rate_limit_error';
  code?: string;
  decline_code?: string;
  message: string;
  param?: string;
  payment_intent?: unknown;
};

/** Thrown while a request is carried out; becomes its answer. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly fields: ErrorFields;

  constructor(status: number, fields: ErrorFields) {
    super(fields.message);
    this.name = 'StripeFailure';
    this.status = status;
    this.fields = fields;
  }
}

export const invalid = (message: string, code: string, param?: string): StripeFailure =>
  new StripeFailure(400, { type: 'invalid_request_error', code, message, ...(param ? { param } : {}) });

export const missing = (kind: string, id: string, param = 'intent'): StripeFailure =>
  new StripeFailure(404, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
