import { allows, Scope } from '../../domain/scope.ts';
import type { Reader, ReconciliationReport, ReconciliationReports } from '../../ports/reconciliation.ts';
import type { Caller } from '../middleware/authenticate.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import { idempotencyHeaders, z } from '../schemas/fields.ts';
import {
  listReconciliationsQuery,
  reconcileBody,
  reconciliationParams,
  reconciliationPlace,
  reconciliationReportSchema,
  reconciliationSchema,
} from '../schemas/reconciliation.ts';

type Dependencies = { reconciliations: ReconciliationReports };

export const reconciliationRoutes = (dependencies: Dependencies): Route[] => [
  startReconciliation(dependencies),
  listReconciliations(dependencies),
  getReconciliation(dependencies),
];

/** Drifts that no row of ours belongs to (a workflow, a payment, of an order that is not there) concern who runs all of it. */
const readerOf = ({ tenant, scopes }: Caller): Reader => ({ tenant, seesNobodys: allows(scopes, Scope.admin) });

const pathOf = ({ id }: ReconciliationReport): string => `/reconciliations/${id}`;

const startReconciliation = ({ reconciliations }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/reconciliations',
    operationId: 'reconcile',
    tag: 'operators',
    summary: 'Compare the books with the provider’s and with Temporal’s now',
    scope: Scope.operate,
    headers: idempotencyHeaders,
    body: reconcileBody,
    answers: {
      202: {
        description: 'Accepted; its report grows while it runs',
        schema: reconciliationSchema,
        headers: { Location: { description: 'Its report', schema: { type: 'string' } }, ...replayedHeader },
      },
    },
    problems: ['missing-idempotency-key', 'invalid-idempotency-key', 'idempotency-key-reused'],
    handle: async ({ headers, body }, { res, caller }) => {
      const { dryRun, since = null } = body;
      const accepting = await reconciliations.accept(
        {
          ...readerOf(caller),
          actor: caller.actor,
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /reconciliations', body),
          ...{ dryRun, since },
        },
        (accepted) => ({ status: 202, body: JSON.stringify(accepted), location: pathOf(accepted) }),
      );
      if ('keyReused' in accepting) throw keyReused();
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

const listReconciliations = ({ reconciliations }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/reconciliations',
    operationId: 'listReconciliations',
    tag: 'operators',
    summary: 'Comparisons, newest first; the counts are of your own drifts',
    scope: Scope.operate,
    query: listReconciliationsQuery,
    answers: {
      200: {
        description: 'A page',
        schema: z.object({ items: z.array(reconciliationSchema), nextCursor: z.string().nullable() }),
      },
    },
    problems: ['invalid-query', 'invalid-cursor'],
    handle: async ({ query: { cursor, limit } }, { res, caller }) => {
      const after = decodeCursor(cursor, reconciliationPlace);
      const { items, next } = await reconciliations.list({ ...readerOf(caller), after, limit });
      res.json({ items, nextCursor: next && encodeCursor(next) });
    },
  });

const getReconciliation = ({ reconciliations }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/reconciliations/{id}',
    operationId: 'getReconciliation',
    tag: 'operators',
    summary: 'What did not agree, and what was done about it; your own drifts only',
    scope: Scope.operate,
    params: reconciliationParams,
    answers: { 200: { description: 'The report', schema: reconciliationReportSchema } },
    problems: ['reconciliation-not-found'],
    handle: async ({ params: { id } }, { res, caller }) => {
      const report = await reconciliations.find({ ...readerOf(caller), id });
      if (!report) throw new Problem('reconciliation-not-found', 'No reconciliation has this id');
      res.json(report);
    },
  });
