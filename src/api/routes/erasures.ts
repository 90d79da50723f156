import { Scope } from '../../domain/scope.ts';
import type { Erasure, Erasures } from '../../ports/erasure.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import { Problem } from '../middleware/problems.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  eraseBody,
  erasureListSchema,
  erasureParams,
  erasurePlace,
  erasureSchema,
  listErasuresQuery,
} from '../schemas/erasure.ts';
import { idempotencyHeaders } from '../schemas/fields.ts';

type Dependencies = { erasures: Erasures };

export const erasureRoutes = (dependencies: Dependencies): Route[] => [
  erase(dependencies),
  listErasures(dependencies),
  getErasure(dependencies),
];

const pathOf = ({ id }: Erasure): string => `/erasures/${id}`;

const erase = ({ erasures }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/erasures',
    operationId: 'requestErasure',
    tag: 'operators',
    summary: 'Erase what the orders of a customer hold of a person; money and stock stay',
    scope: Scope.admin,
    headers: idempotencyHeaders,
    body: eraseBody,
    answers: {
      202: {
        description: 'Accepted: it is carried out at once, and of orders that are not over as soon as they are',
        schema: erasureSchema,
        headers: { Location: { description: 'How far it is', schema: { type: 'string' } }, ...replayedHeader },
      },
    },
    problems: ['missing-idempotency-key', 'invalid-idempotency-key', 'idempotency-key-reused'],
    handle: async ({ headers, body }, { res, caller: { tenant, actor } }) => {
      const { customerId, reason, placedBefore = null } = body;
      const accepting = await erasures.accept(
        {
          ...{ tenant, actor, customerId, reason, placedBefore },
          idempotencyKey: headers['idempotency-key'],
          requestHash: requestHash('POST /erasures', body),
        },
        (accepted) => ({ status: 202, body: JSON.stringify(accepted), location: pathOf(accepted) }),
      );
      if ('keyReused' in accepting) throw keyReused();
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

const listErasures = ({ erasures }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/erasures',
    operationId: 'listErasures',
    tag: 'operators',
    summary: 'What was asked to be erased, the first first: keep a copy outside of the database, for after a restore',
    scope: Scope.admin,
    query: listErasuresQuery,
    answers: { 200: { description: 'A page', schema: erasureListSchema } },
    problems: ['invalid-query', 'invalid-cursor'],
    handle: async ({ query: { cursor, limit } }, { res, caller: { tenant } }) => {
      const after = decodeCursor(cursor, erasurePlace);
      const { items, next } = await erasures.list({ tenant, after, limit });
      res.json({ items, nextCursor: next && encodeCursor(next) });
    },
  });

const getErasure = ({ erasures }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/erasures/{id}',
    operationId: 'getErasure',
    tag: 'operators',
    summary: 'How far an erasure has come, and what it waits for',
    scope: Scope.admin,
    params: erasureParams,
    answers: { 200: { description: 'How far it is', schema: erasureSchema } },
    problems: ['erasure-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      const erasure = await erasures.find({ tenant, id });
      if (!erasure) throw new Problem('erasure-not-found', 'No erasure has this id');
      res.json(erasure);
    },
  });
