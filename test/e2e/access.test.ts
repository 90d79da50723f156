// Who may do what: every route of the real table against every kind of caller who must be refused, and two tenants who
// must not notice each other. A route that is added without a line in `samples` fails the first test.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Scope } from '../../src/domain/scope.ts';
import type { Route } from '../../src/api/route.ts';
import {
  body,
  reads,
  samplesAfterTheSale,
  samplesOfErasures,
  samplesOfWebhooks,
  type Sample,
} from '../support/access-samples.ts';
import { converse, freshKey, goodOrder, placeGood, problemOf, putProducts, send, startApi } from './support-api.ts';
import type { Answer, Headers, Sent, SupportApi } from './support-api.ts';

const NOBODYS_ORDER = 'order_01kax3v7ehe4sbg0krv6m4fxxv';
const none = { items: [] };
const product = { name: 'Beans', priceMinor: 1, currency: 'EUR', onHand: 7 };
const open: Sample = { scope: 'open', status: 200, other: { status: 200, shows: {} } };

const samples: Record<string, Sample> = {
  'post /orders': {
    scope: Scope.write,
    status: 202,
    sent: body(goodOrder),
    other: { status: 422, shows: { type: '/problems/unknown-sku' } },
  },
  'get /orders': reads({ status: 200, shows: none }),
  'get /orders/counts': reads({ status: 200, shows: { parked: 0 } }),
  'get /orders/{id}': reads('absent'),
  'get /orders/{id}/actions': reads('absent'),
  'get /orders/{id}/events': reads('absent'),
  'get /orders/{id}/explanation': reads('absent'),
  'post /orders/{id}/payment-method': {
    scope: Scope.write,
    status: 409,
    sent: body({ paymentMethod: 'pm_card_visa' }),
    other: 'absent',
  },
  'get /orders/{id}/payment-action': { scope: Scope.write, status: 409, other: 'absent' },
  'post /payment-webhooks/stripe': { scope: 'open', status: 503, other: { status: 503, shows: {} } },
  'get /orders/{id}/shipments': reads('absent'),
  'post /orders/{id}/shipments/{number}/packed': { scope: Scope.fulfil, status: 404, other: 'absent' },
  'post /carrier-webhooks/generic': { scope: 'open', status: 503, other: { status: 503, shows: {} } },
  'post /orders/{id}/cancel': {
    scope: Scope.cancel,
    status: 503,
    sent: body({ reason: 'changed my mind' }),
    other: 'absent',
  },
  'post /orders/{id}/review': {
    scope: Scope.review,
    status: 409,
    sent: body({ decision: 'approve', reason: 'known to us' }),
    other: 'absent',
  },
  ...samplesAfterTheSale,
  'post /orders/{id}/resolution': {
    scope: Scope.operate,
    status: 409,
    sent: body({ action: 'retry', reason: 'looked at it' }),
    other: 'absent',
  },
  'post /resolutions': {
    scope: Scope.operate,
    status: 200,
    sent: body({ filter: {}, action: 'retry', reason: 'looked at it', dryRun: true }),
    other: { status: 200, shows: { count: 0 } },
  },
  'get /resolutions/{id}': { scope: Scope.operate, status: 404, other: 'absent' },
  'post /resolutions/{id}/cancel': { scope: Scope.operate, status: 404, sent: body({}), other: 'absent' },
  'post /reconciliations': {
    scope: Scope.operate,
    status: 202,
    sent: body({ dryRun: true }),
    other: { status: 202, shows: { state: 'accepted' } },
  },
  'get /reconciliations': { scope: Scope.operate, status: 200, other: { status: 200, shows: {} } },
  'get /reconciliations/{id}': { scope: Scope.operate, status: 404, other: 'absent' },
  ...samplesOfErasures,
  'get /events': reads({ status: 200, shows: none }),
  'put /products/{sku}': {
    scope: Scope.operate,
    status: 200,
    sent: body(product),
    other: { status: 201, shows: { reserved: 0 } },
  },
  'put /warehouses/{warehouse}': {
    scope: Scope.operate,
    status: 200,
    sent: body({ name: 'North', priority: 1 }),
    other: { status: 201, shows: { name: 'North' } },
  },
  'get /warehouses': reads({ status: 200, shows: none }),
  'get /products/{sku}': reads('absent'),
  'get /products/{sku}/backorders': { scope: Scope.operate, status: 200, other: 'absent' },
  'get /products/{sku}/holds': { scope: Scope.operate, status: 200, other: 'absent' },
  'get /products/{sku}/stock-adjustments': { scope: Scope.operate, status: 200, other: 'absent' },
  'get /queues': { scope: Scope.operate, status: 200, other: { status: 200, shows: {} } },
  'get /caller': reads({ status: 200, shows: {} }),
  'get /products': reads({ status: 200, shows: none }),
  'post /products/{sku}/stock-adjustments': {
    scope: Scope.operate,
    status: 200,
    sent: body({ delta: 1, reason: 'counted' }),
    other: 'absent',
  },
  ...samplesOfWebhooks,
  ...Object.fromEntries(
    ['encode', 'decode'].map((name) => [
      `post /temporal-codec/${name}`,
      // Nothing is encrypted in this one.
      { scope: Scope.operate, status: 404, sent: body({ payloads: [] }), other: 'absent' } as const,
    ]),
  ),
  'get /healthz': open,
  'get /asyncapi.json': open,
  'get /event-schemas': open,
  'get /event-schemas/{type}/{version}': open,
  'get /readyz': open,
  'get /health': open,
  'get /health/providers': open,
};

/** Which scopes open the door of each; written out here, so that the table in domain/scope.ts is checked against it. */
const opens: Record<Scope, readonly Scope[]> = {
  'orders:read': ['orders:read', 'orders:fulfil', 'orders:review', 'orders:review:escalated', 'operate', 'admin'],
  'orders:write': ['orders:write', 'admin'],
  'orders:cancel': ['orders:cancel', 'orders:write', 'operate', 'admin'],
  'orders:review': ['orders:review', 'orders:review:escalated', 'operate', 'admin'],
  'orders:review:escalated': ['orders:review:escalated', 'admin'],
  'orders:fulfil': ['orders:fulfil', 'operate', 'admin'],
  operate: ['operate', 'admin'],
  admin: ['admin'],
};
const allScopes = Object.keys(opens) as Scope[];

let api: SupportApi;
let orderId: string;
/** Keys of the tenant `here` by scope. */
const key: Record<string, string> = {};
let revokedKey: string;
let tenants = 0;

const make = async (tenant: string, ...scopes: Scope[]): Promise<string> =>
  (await api.keys.create({ tenant, name: `${tenant} test`, scopes })).secretKey;
const bearer = (secretKey: string): Headers => [['Authorization', `Bearer ${secretKey}`]];

beforeAll(async () => {
  api = await startApi({ auth: 'keys' });
  for (const scope of allScopes) key[scope] = await make('here', scope);
  const { apiKey, secretKey } = await api.keys.create({ tenant: 'here', name: 'revoked', scopes: [Scope.admin] });
  await api.keys.revoke({ id: apiKey.id });
  revokedKey = secretKey;
  await putProducts(api.port, bearer(keyOf(Scope.admin)));
  const placed = await placeGood(api.port, freshKey(), bearer(keyOf(Scope.write)));
  orderId = (JSON.parse(placed.text) as { id: string }).id;
  await api.numberEvents();
});
afterAll(() => api.close());

function keyOf(name: string): string {
  const found = key[name];
  if (!found) throw new Error(`Expected a key for ${name}`);
  return found;
}

const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

function sampleOf(route: Route): Sample {
  const sample = samples[nameOf(route)];
  if (!sample) throw new Error(`Expected a sample of ${nameOf(route)}: add one`);
  return sample;
}

function requestOf(route: Route, headers: Headers, id = { order: orderId, sku: 'beans', warehouse: 'main' }): Sent {
  const sent = sampleOf(route).sent?.() ?? {};
  const path = route.path
    .replace('{id}', id.order)
    .replace('{sku}', id.sku)
    .replace('{warehouse}', id.warehouse)
    .replace('{number}', '1')
    .replace('{delivery}', '1')
    .replace('{name}', 'shipped-1')
    .replace('{type}', 'order.placed')
    .replace('{version}', '1');
  if (path.includes('{')) throw new Error(`Expected to know every parameter of ${route.path}`);
  return {
    method: route.method.toUpperCase(),
    path,
    headers: [...(sent.headers ?? []), ...headers],
    ...(sent.body ? { body: JSON.stringify(sent.body) } : {}),
  };
}

/** Sends the good request of every guarded route; whatever the refusal, nothing is written. */
async function forEveryRoute(headers: Headers, check: (answer: Answer, route: Route) => void): Promise<void> {
  const before = await api.countRows();
  const guarded = api.routes.filter(({ scope }) => scope !== 'open');
  expect(guarded.length).toBeGreaterThan(8);
  for (const route of guarded) check(await send(api.port, requestOf(route, headers)), route);
  expect(await api.countRows()).toEqual(before);
}

test('every route of the table is covered here, and needs what is written here', () => {
  const table = Object.fromEntries(api.routes.map((route) => [nameOf(route), route.scope]));
  expect(table).toEqual(Object.fromEntries(Object.entries(samples).map(([name, { scope }]) => [name, scope])));
});

describe('every route', () => {
  const wrongSecret = (): string => keyOf(Scope.admin).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
  const bad: [string, () => Headers][] = [
    ['a word that is no key', () => bearer('letmein')],
    ['a wrong secret', () => bearer(wrongSecret())],
    ['an unknown prefix', () => bearer(keyOf(Scope.admin).replace(/^dok_.{12}/, 'dok_000000000000'))],
    ['the prefix alone', () => bearer(keyOf(Scope.admin).slice(0, 'dok_'.length + 12))],
    ['a revoked key', () => bearer(revokedKey)],
    ['another scheme', () => [['Authorization', `Basic ${keyOf(Scope.admin)}`]]],
    ['an empty header', () => [['Authorization', '']]],
    ['two keys', () => [...bearer(keyOf(Scope.admin)), ...bearer(keyOf(Scope.read))]],
    ['a key and more', () => bearer(`${keyOf(Scope.admin)} ${keyOf(Scope.admin)}`)],
  ];

  test('refuses no key', async () => {
    await forEveryRoute([], (answer, route) => {
      expect([nameOf(route), problemOf(answer)]).toMatchObject([
        nameOf(route),
        { status: 401, type: '/problems/missing-api-key' },
      ]);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    });
  });

  test.each(bad)('refuses %s', async (_name, headers) => {
    await forEveryRoute(headers(), (answer, route) => {
      expect([nameOf(route), problemOf(answer)]).toMatchObject([
        nameOf(route),
        { status: 401, type: '/problems/invalid-api-key' },
      ]);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    });
  });

  test.each(allScopes)('is open to a key with the scope %s exactly where it should', async (scope) => {
    const refused = api.routes.filter((route) => route.scope !== 'open' && !opens[route.scope].includes(scope));
    const before = await api.countRows();
    for (const route of refused) {
      const problem = problemOf(await send(api.port, requestOf(route, bearer(keyOf(scope)))));
      expect([nameOf(route), problem]).toMatchObject([
        nameOf(route),
        { status: 403, type: '/problems/insufficient-scope' },
      ]);
    }
    expect(await api.countRows()).toEqual(before);
    for (const route of api.routes.filter((candidate) => !refused.includes(candidate))) {
      const { status } = await send(api.port, requestOf(route, bearer(keyOf(scope))));
      expect([nameOf(route), status]).toEqual([nameOf(route), sampleOf(route).status]);
    }
  });

  test('answers another tenant as if what is here were not there', async () => {
    for (const route of api.routes.filter(({ scope }) => scope !== 'open')) {
      const { other } = sampleOf(route);
      // A tenant of its own for each: what one route has made there must not be what the next one finds.
      const stranger = bearer(await make(`elsewhere-${(tenants += 1)}`, Scope.admin));
      const answer = await send(api.port, requestOf(route, stranger));
      if (other === 'absent') {
        const absent = { order: NOBODYS_ORDER, sku: 'no-such-thing', warehouse: 'no-such-thing' };
        const nothing = await send(api.port, requestOf(route, stranger, absent));
        expect([nameOf(route), nothing.status]).toEqual([nameOf(route), 404]);
        expect([nameOf(route), withoutDate(answer)]).toEqual([nameOf(route), withoutDate(nothing)]);
      } else {
        expect([nameOf(route), answer.status]).toEqual([nameOf(route), other.status]);
        expect([nameOf(route), JSON.parse(answer.text)]).toMatchObject([nameOf(route), other.shows]);
      }
    }
  });

  test('is open or guarded whatever the body: the caller is known before a byte of it is read', async () => {
    for (const route of api.routes.filter(({ body: expected }) => expected)) {
      const { method, path } = requestOf(route, []);
      const head = `${method} ${path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n`;
      const { text } = await converse(api.port, [Buffer.from(head)], {
        until: (seen) => seen.includes('}'),
        withinMs: 3_000,
      });
      expect([nameOf(route), text.slice(0, 12)]).toEqual([nameOf(route), 'HTTP/1.1 401']);
    }
  });
});

const withoutDate = ({ status, headers: { date: _date, ...headers }, text }: Answer) => ({ status, headers, text });
