import type { ProviderStates } from '../../ports/provider-states.ts';
import type { HealthMonitor } from '../../runtime/health.ts';
import { Problem, RETRY_SOON } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { instant, z } from '../schemas/fields.ts';

const alive = z.object({ status: z.literal('ok') });
const health = z.object({
  status: z.enum(['ok', 'degraded']),
  parts: z.record(
    z.string(),
    z.object({ state: z.enum(['ok', 'failing']), since: instant, detail: z.string().optional() }),
  ),
});

const providers = z.object({
  items: z.array(
    z.object({
      provider: z.string().openapi({ example: 'stripe' }),
      worker: z.string().openapi({ description: 'Host and process id', example: 'orders-7f9c:17' }),
      state: z
        .enum(['closed', 'half-open', 'open'])
        .openapi({ description: '`closed`: asked as usual. `open`: left alone. `half-open`: one probe is under way' }),
      since: instant,
      failures: z.int().min(0).openapi({ description: 'Failures in a row that left an outcome unknown' }),
      lastFailure: z.string().optional(),
    }),
  ),
});

/** `canAccept` throws when an order could not be accepted right now. */
export const healthRoutes = ({
  monitor,
  canAccept,
  providerStates,
}: {
  monitor: HealthMonitor;
  canAccept: () => Promise<void>;
  providerStates: ProviderStates;
}): Route[] => [
  defineRoute({
    method: 'get',
    path: '/healthz',
    operationId: 'getLiveness',
    scope: 'open',
    tag: 'health',
    summary: 'The process lives',
    answers: { 200: { description: 'It does', schema: alive } },
    problems: [],
    handle: (_input, { res }) => void res.json({ status: 'ok' }),
  }),
  defineRoute({
    method: 'get',
    path: '/readyz',
    operationId: 'getReadiness',
    scope: 'open',
    tag: 'health',
    summary: 'This api can accept orders (Temporal may be away: the orders wait)',
    answers: { 200: { description: 'It can', schema: alive } },
    problems: ['service-unavailable', 'database-behind'],
    handle: async (_input, { res }) => {
      try {
        await canAccept();
      } catch (error) {
        if (error instanceof Problem) throw error;
        throw new Problem('service-unavailable', 'The database is away or not migrated', { headers: RETRY_SOON });
      }
      res.json({ status: 'ok' });
    },
  }),
  defineRoute({
    method: 'get',
    path: '/health',
    operationId: 'getHealth',
    scope: 'open',
    tag: 'health',
    summary: 'Every part, its state and since when',
    answers: { 200: { description: 'The parts; `degraded` when one fails', schema: health } },
    problems: [],
    handle: async (_input, { res }) => {
      const parts = await monitor.check();
      const well = Object.values(parts).every(({ state }) => state === 'ok');
      res.json({ status: well ? 'ok' : 'degraded', parts });
    },
  }),
  providersRoute(providerStates),
];

const providersRoute = (providerStates: ProviderStates): Route =>
  defineRoute({
    method: 'get',
    path: '/health/providers',
    operationId: 'getProviderHealth',
    scope: 'open',
    tag: 'health',
    summary: 'What each worker thinks of the payment provider: is it asked, or left alone for a moment',
    answers: { 200: { description: 'One item per worker that was heard of lately', schema: providers } },
    problems: ['service-unavailable'],
    handle: async (_input, { res }) => {
      const states = await providerStates.list();
      const items = states.map(({ lastFailure, ...item }) => ({ ...item, ...(lastFailure ? { lastFailure } : {}) }));
      res.json({ items });
    },
  });
