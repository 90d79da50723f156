import { reviewDecisions, reviewRules, reviewStates } from '../../domain/review.ts';
import { instant, z } from './fields.ts';
import { reason } from './resolution.ts';

export const reviewBody = z
  .strictObject({ decision: z.enum(reviewDecisions), reason: reason.openapi({ example: 'a customer we know' }) })
  .openapi('ReviewOrder');

export const reviewSchema = z
  .object({
    state: z.enum(reviewStates).openapi({
      description: '`expired`: nobody decided in time; `cancelled`: the order ended before anybody did',
    }),
    reasons: z.array(z.object({ rule: z.enum(reviewRules), message: z.string() })),
    requestedAt: instant,
    until: instant,
    escalatedAt: instant.nullable().openapi({ description: 'Since when a second group of reviewers has to decide' }),
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('Review');
