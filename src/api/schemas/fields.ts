import { z } from 'zod';
import { extendZodWithOpenApi } from '@asteasolutions/zod-to-openapi';
import { orderIdPattern } from '../../contracts/ids.ts';
import { MAX_QUANTITY } from '../../domain/pricing.ts';

// Adds `.openapi()` to every schema; before any schema is made.
extendZodWithOpenApi(z);

export { z };

/** Visible ASCII without space and comma: what survives a header, a log line and a URL unharmed. */
export const visibleAscii = /^[\x21-\x2b\x2d-\x7e]+$/;

export const sku = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'letters, digits, dot, dash and underscore; begins with a letter or digit')
  .openapi({ example: 'espresso-beans' });

export const quantity = z.int().min(1).max(MAX_QUANTITY).openapi({ example: 2 });
export const amountMinor = z
  .int()
  .min(0)
  .openapi({ description: 'Integer minor units of the currency', example: 1250 });
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'three upper-case letters (ISO 4217)')
  .openapi({ example: 'EUR' });
/** Any instant that PostgreSQL can hold too: it knows no year 0, no offset of 16 hours and no endless fractions. */
export const anyInstant = z.iso
  .datetime({ offset: true, error: 'an instant such as 2026-01-31T12:00:00Z' })
  .regex(/^(?!0000).{1,40}$/, 'a year from 1 on, and no more digits than an instant needs')
  .regex(/(Z|[+-](0\d|1[0-5]):\d\d)$/, 'an offset below 16 hours');
export const instant = z.iso.datetime().openapi({ example: '2026-01-31T12:00:00.000Z' });

/** Opaque, and no personal data: it is a search attribute in Temporal. */
export const customerId = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^@\s]+$/, 'an opaque id without spaces; an @ is refused because it looks like an e-mail address')
  .openapi({ example: 'customer-42' });

export const correlationId = z
  .string()
  .max(128)
  .regex(visibleAscii, '1 to 128 visible ASCII characters, no space, no comma')
  .openapi({ example: 'checkout-7f3a' });

/** The messages are slugs of problems: see api/route.ts. */
export const orderParams = z.object({
  id: z.string().regex(orderIdPattern, 'order-not-found').openapi({ example: 'order_01kax3v7ehe4sbg0krv6m4fxxv' }),
});
export const productParams = z.object({ sku: z.string().min(1).max(64).openapi({ example: 'espresso-beans' }) });

export const idempotencyKey = z
  .string({ error: (issue) => (issue.input === undefined ? 'missing-idempotency-key' : 'invalid-idempotency-key') })
  .max(255, 'invalid-idempotency-key')
  .regex(visibleAscii, 'invalid-idempotency-key')
  .openapi({ description: 'Names one intent; a repeat gets the first answer', example: 'cart-8f14e45f' });

export const idempotencyHeaders = z.object({ 'idempotency-key': idempotencyKey });

const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 100;
export const limit = z
  .string()
  .regex(/^\d{1,3}$/, `an integer from 1 to ${LIMIT_MAX}`)
  .transform(Number)
  .pipe(z.int().min(1).max(LIMIT_MAX))
  .default(LIMIT_DEFAULT)
  .openapi({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: LIMIT_DEFAULT });

export const cursor = z.string().min(1).max(512).openapi({ description: '`nextCursor` of the page before' });
