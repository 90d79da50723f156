// How much waits inside the service: for a person who wonders why an order does not move. Monitoring reads the same figures as metrics.
import { Scope } from '../../domain/scope.ts';
import type { Figures, TaskQueues } from '../../ports/figures.ts';
import { remember } from '../../runtime/remembered.ts';
import { defineRoute, type Route } from '../route.ts';
import { z } from '../schemas/fields.ts';

type Dependencies = { figures: Pick<Figures, 'read'>; queues: TaskQueues };

// However many look.
const LIMITS = { freshMs: 2_000, withinMs: 1_500 };

const waiting = z.object({
  count: z.int().openapi({ description: 'Counted up to a limit' }),
  oldestSeconds: z.number().nullable().openapi({ description: 'How long the oldest waits; null where none does' }),
});

const queuesSchema = z
  .object({
    launches: waiting.nullable().openapi({ description: 'Accepted orders that no workflow has taken up yet' }),
    feed: waiting.nullable().openapi({ description: 'Events that have no position in the feed yet' }),
    tasks: z
      .array(
        z.object({
          queue: z.string(),
          kind: z.enum(['workflow', 'activity']),
          backlog: z.int().openapi({ description: 'Tasks that wait in Temporal for a worker, about' }),
          oldestSeconds: z.number(),
          pollers: z.int().openapi({ description: 'Workers that have asked for its tasks lately' }),
        }),
      )
      .nullable(),
  })
  .openapi('Queues', { description: 'What nobody can say just now is null, which is not nothing' });

export function queuesRoute({ figures, queues }: Dependencies): Route {
  const standing = remember(() => figures.read(), LIMITS);
  const tasks = remember(() => queues.read(), LIMITS);
  return defineRoute({
    method: 'get',
    path: '/queues',
    operationId: 'getQueues',
    scope: Scope.operate,
    tag: 'operators',
    summary: 'What waits inside the service, and how long',
    answers: { 200: { description: 'Of all tenants together', schema: queuesSchema } },
    problems: [],
    handle: async (_input, { res }) => {
      const [rows, waits] = await Promise.all([standing(), tasks()]);
      res.json({
        launches: rows && rows.unlaunched,
        feed: rows && { count: rows.feed.unnumbered, oldestSeconds: rows.feed.oldestSeconds },
        tasks: waits,
      });
    },
  });
}
