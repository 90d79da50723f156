// Who is in a hurry: only where things may be broken on purpose, so that somebody can watch an order park.
import { expect, test } from '@jest/globals';
import { boundsFor } from '../../src/api/order-bounds.ts';
import { loadApiConfig } from '../../src/runtime/config.ts';

const base = { DATABASE_URL: 'postgres://127.0.0.1/orders', STRIPE_API_BASE: 'http://127.0.0.1:12111' };
const playground = { CHAOS_CONTROL_URL: 'http://127.0.0.1:3001', CHAOS_CONTROL_TOKEN: 'x'.repeat(43) };
const limitOf = (env: Record<string, string>, customerId: string): number =>
  boundsFor(loadApiConfig({ ...base, ...env }))({ customerId }).providerOutageLimitMs;

test('a customer in a hurry is so on the playground alone', () => {
  expect(limitOf(playground, 'demo-1-fred-hasty')).toBe(30_000);
  expect(limitOf({}, 'demo-1-fred-hasty')).toBe(43_200_000);
  expect(limitOf(playground, 'hasty-fred')).toBe(43_200_000);
});

test('nobody becomes more patient by it', () =>
  expect(limitOf({ ...playground, PROVIDER_OUTAGE_LIMIT_MS: '10000' }, 'c-hasty')).toBe(10_000));
