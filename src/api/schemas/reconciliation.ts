import { reconciliationIdPattern } from '../../contracts/reconcile.ts';
import { driftNames, driftOutcomes, subjectKinds } from '../../domain/drift.ts';
import { anyInstant, cursor, instant, limit, z } from './fields.ts';

export const reconcileBody = z
  .strictObject({
    dryRun: z.boolean().default(false).openapi({ description: 'Only look: nothing is repaired, nothing is parked' }),
    since: anyInstant
      .optional()
      .openapi({ description: 'Since when; without it since the last complete one, once a day the last seven days' }),
  })
  .openapi('Reconcile');

export const reconciliationParams = z.object({
  id: z
    .string()
    .regex(reconciliationIdPattern, 'reconciliation-not-found')
    .openapi({ example: 'reconciliation_01kax3v7ehe4sbg0krv6m4fxxv' }),
});

export const listReconciliationsQuery = z.strictObject({ cursor: cursor.optional(), limit });
export const reconciliationPlace = z.strictObject({ acceptedAt: anyInstant, id: z.string().max(64) });

export const reconciliationSchema = z
  .object({
    id: z.string(),
    state: z.enum(['accepted', 'running', 'finished', 'failed']),
    requestedBy: z.string().nullable().openapi({ description: '`schedule`, or the key; null for a key of others' }),
    dryRun: z.boolean(),
    acceptedAt: instant,
    finishedAt: instant.nullable(),
    since: instant.nullable(),
    until: instant.nullable().openapi({ description: 'What is younger may be under way, and was not compared' }),
    failure: z.string().nullable(),
    truncated: z.boolean().openapi({ description: 'There is more than one report holds' }),
    counts: z.object({
      found: z.int().openapi({ description: 'Of a dry run: what would be done something about' }),
      repaired: z.int(),
      parked: z.int(),
      waits: z.int().openapi({ description: 'Parked by an earlier one; nobody has decided yet' }),
      acknowledged: z.int().openapi({ description: 'Parked by an earlier one, and taken as it is by an operator' }),
      reported: z.int().openapi({ description: 'Nothing was done: a person has to' }),
    }),
  })
  .openapi('Reconciliation');

const drift = z.object({
  name: z.enum(driftNames),
  kind: z.enum(subjectKinds),
  object: z.string().openapi({ description: 'What it is about: an id of its kind' }),
  orderId: z.string().nullable(),
  paymentId: z.string().nullable(),
  found: z.string().openapi({ description: 'What does not agree' }),
  remedy: z.enum(['restart', 'wake', 'tell', 'follow', 'park', 'unpark', 'mark-parked', 'report']),
  // What has vanished when it was looked at again was never a drift: it is in no report.
  outcome: z.enum(driftOutcomes).exclude(['vanished']),
  seenAt: instant,
});

export const reconciliationReportSchema = reconciliationSchema
  .extend({ drifts: z.array(drift) })
  .openapi('ReconciliationReport');
