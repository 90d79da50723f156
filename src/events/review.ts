import { z } from 'zod';
import { EventType } from '../contracts/events.ts';
import { reviewDecisions, type ReviewRule } from '../domain/review.ts';
import { event } from './definition.ts';
import { actor, instant, openWord, reason, text } from './fields.ts';

const until = instant('Until when it can be decided');
const onExpiry = z.enum(reviewDecisions);
const decided = z.strictObject({ actor, reason });

export const reviewEvents = {
  [EventType.reviewRequested]: event(
    'Somebody has to look at the order before it is charged.',
    z.strictObject({
      reasons: z
        .array(
          z.strictObject({
            rule: openWord<ReviewRule>('Which rule, for example `amount`. There may be more one day'),
            message: text('Why, in words that name nobody'),
          }),
        )
        .describe('Why'),
      until,
      onExpiry: onExpiry.describe('What happens when nobody decides'),
    }),
  ),
  [EventType.reviewEscalated]: event('Nobody has decided so far: a second group has to.', z.strictObject({ until })),
  [EventType.reviewApproved]: event('Somebody has looked at it and said yes.', decided),
  [EventType.reviewRejected]: event('Somebody has looked at it and said no.', decided),
  [EventType.reviewExpired]: event(
    'Nobody decided in time.',
    z.strictObject({ outcome: onExpiry.describe('What that came to') }),
  ),
};
