import { allows, Scope, scopes as allScopes } from '../../domain/scope.ts';
import { defineRoute, type Route } from '../route.ts';
import { z } from '../schemas/fields.ts';

const callerSchema = z
  .object({
    tenant: z.string(),
    actor: z.string().openapi({ description: 'What stands beside whatever this key decides' }),
    scopes: z.array(z.enum(allScopes)).openapi({ description: 'All that it may do, with what its scopes include' }),
  })
  .openapi('Caller');

export const callerRoute = (): Route =>
  defineRoute({
    method: 'get',
    path: '/caller',
    operationId: 'getCaller',
    scope: Scope.read,
    tag: 'health',
    summary: 'Who calls with this key, and what it may do',
    answers: { 200: { description: 'The caller', schema: callerSchema } },
    problems: [],
    handle: (_input, { res, caller: { tenant, actor, scopes } }) =>
      void res.json({ tenant, actor, scopes: allScopes.filter((scope) => allows(scopes, scope)) }),
  });
