import { noticeKinds, noticeNamePattern, noticeStates } from '../../domain/customer-notice.ts';
import { instant, orderParams, z } from './fields.ts';

/** Letters, marks and digits of any script, and what is in names: nothing that makes a link, or begins a header. */
const personName = /^[\p{L}\p{M}\p{N} .,'’&()-]+$/u;

/** Whom an order's notices go to. Personal data: taken in, and never given out again. */
export const contact = z
  .strictObject({
    email: z
      .email('an e-mail address in ASCII (a domain of another script in its xn-- form)')
      .min(3)
      .max(254)
      .regex(/^[^@]{1,64}@/, 'at most 64 characters before the @')
      .openapi({ example: 'jane@example.com' }),
    name: z
      .string()
      .min(1)
      .max(70)
      .regex(personName, 'letters, digits, spaces and . , ’ & ( ) -')
      .optional()
      .openapi({ description: 'As she is spoken to' }),
    locale: z
      .string()
      .max(35)
      .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a locale such as en or de-AT')
      .optional()
      .openapi({ description: 'In which language she is told', example: 'de-AT' }),
  })
  .openapi('Contact', {
    description:
      'Whom notices about the order go to, where a mail server is set up. Kept apart from the order, and in no answer, event or log',
  });

export const noticeParams = orderParams.extend({
  name: z.string().regex(noticeNamePattern, 'notice-not-found').openapi({ example: 'shipped-1' }),
});

export const noticeSchema = z
  .object({
    name: z.string().openapi({ description: 'Its name among those of the order', example: 'shipped-1' }),
    kind: z.enum(noticeKinds),
    number: z.int().min(1).nullable().openapi({ description: 'Which shipment, refund, return, payment it is about' }),
    state: z.enum(noticeStates).openapi({
      description:
        'waiting, sending; sent; refused by the mail server; failed, not sent in time; skipped, nobody or nothing to tell',
    }),
    round: z.int().min(1).openapi({ description: 'How often it was to be sent' }),
    attempts: z.int().min(0).openapi({ description: 'Tries of this round' }),
    failure: z.string().nullable().openapi({ description: 'Why the last try did not succeed: no address, no words of others' }),
    attemptedAt: instant.nullable(),
    settledAt: instant.nullable(),
    expiresAt: instant.openapi({ description: 'When it is given up' }),
    decidedBy: z.string().nullable().openapi({ description: 'Who had it sent again' }),
    reason: z.string().nullable(),
    createdAt: instant,
  })
  .openapi('CustomerNotice');

export const noticeListSchema = z.object({ items: z.array(noticeSchema) }).openapi('CustomerNoticeList');

export const resendNoticeBody = z.strictObject({ reason: z.string().min(1).max(500) }).openapi('ResendCustomerNotice');
