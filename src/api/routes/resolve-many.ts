import { Scope } from '../../domain/scope.ts';
import type { ManyResolution, ManyResolutions } from '../../ports/resolve-many.ts';
import { Problem } from '../middleware/problems.ts';
import { keyReused, replayedHeader, sendAnswer } from '../recorded-answer.ts';
import { requestHash } from '../request-hash.ts';
import { defineRoute, type Route } from '../route.ts';
import {
  manyResolutionSchema,
  previewSchema,
  resolutionParams,
  resolveManyBody,
  resolveManyHeaders,
} from '../schemas/resolve-many.ts';

type Dependencies = { resolutions: ManyResolutions };

export const resolveManyRoutes = (dependencies: Dependencies): Route[] => [
  resolveMany(dependencies),
  getResolution(dependencies),
  cancelResolution(dependencies),
];

const location = { Location: { description: 'Its progress', schema: { type: 'string' } } };
const pathOf = ({ id }: ManyResolution): string => `/resolutions/${id}`;

const resolveMany = ({ resolutions }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/resolutions',
    operationId: 'resolveMany',
    tag: 'operators',
    summary: 'Decide about many parked orders at once',
    scope: Scope.operate,
    headers: resolveManyHeaders,
    body: resolveManyBody,
    answers: {
      200: { description: 'Dry run: how many parked steps match now, and those parked longest', schema: previewSchema },
      202: {
        description: 'Accepted for the parked steps that match now; a few are told at a time',
        schema: manyResolutionSchema,
        headers: { ...location, ...replayedHeader },
      },
    },
    problems: [
      'resolution-count-differs',
      'resolution-not-possible',
      'missing-idempotency-key',
      'invalid-idempotency-key',
      'idempotency-key-reused',
    ],
    handle: async ({ headers, body }, { res, caller: { tenant, actor } }) => {
      const { filter, action, reason, dryRun, expectedCount = null } = body;
      if (dryRun) return void res.json(await resolutions.preview({ tenant, filter }));

      const idempotencyKey = headers['idempotency-key'];
      if (idempotencyKey === undefined) {
        throw new Problem('missing-idempotency-key', 'Send a header Idempotency-Key; only a dry run needs none');
      }
      const hash = requestHash('POST /resolutions', body);
      const accepting = await resolutions.accept(
        { tenant, actor, idempotencyKey, requestHash: hash, filter, action, reason, expectedCount },
        (accepted) => ({ status: 202, body: JSON.stringify(accepted), location: pathOf(accepted) }),
      );
      if ('keyReused' in accepting) throw keyReused();
      if ('found' in accepting) throw notAccepted(accepting);
      sendAnswer(res, accepting.answer, { replayed: accepting.repeated });
    },
  });

function notAccepted(why: { found: number } & ({ expected: number } | { atMost: number })): Problem {
  if ('expected' in why) {
    const detail = `${why.expected} parked steps were expected, ${why.found} match now; nothing was decided`;
    return new Problem('resolution-count-differs', detail);
  }
  const detail =
    why.found === 0 ? 'No parked step matches' : `More than ${why.atMost} parked steps match: decide in parts`;
  return new Problem('resolution-not-possible', detail);
}

const getResolution = ({ resolutions }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/resolutions/{id}',
    operationId: 'getResolution',
    tag: 'operators',
    summary: 'How far a decision about many orders has come',
    scope: Scope.operate,
    params: resolutionParams,
    answers: { 200: { description: 'Its progress', schema: manyResolutionSchema } },
    problems: ['resolution-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      res.json((await resolutions.find({ tenant, id })) ?? unknownResolution());
    },
  });

const cancelResolution = ({ resolutions }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/resolutions/{id}/cancel',
    operationId: 'cancelResolution',
    tag: 'operators',
    summary: 'Begin no further order; those that were told stay told',
    scope: Scope.operate,
    params: resolutionParams,
    answers: {
      202: { description: 'It ends after the orders under way', schema: manyResolutionSchema, headers: location },
    },
    problems: ['resolution-not-found', 'resolution-finished'],
    handle: async ({ params: { id } }, { res, caller: { tenant, actor } }) => {
      const resolution = (await resolutions.cancel({ tenant, id, actor })) ?? unknownResolution();
      if (resolution.state === 'finished') throw new Problem('resolution-finished', 'Every order had its turn');
      res.status(202).set('Location', pathOf(resolution)).json(resolution);
    },
  });

function unknownResolution(): never {
  throw new Problem('resolution-not-found', 'No resolution has this id');
}
