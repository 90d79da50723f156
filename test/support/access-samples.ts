// What the tests of access need of a route, and of those that come after a sale.
import type { Access } from '../../src/api/route.ts';
import { Scope } from '../../src/domain/scope.ts';
import { freshKey, JSON_TYPE, type Headers } from '../e2e/support-api.ts';

/** What a route needs, a good request of it, and what another tenant gets for exactly that request. */
export type Sample = {
  scope: Access;
  status: number;
  sent?: () => { headers?: Headers; body?: object };
  /** `absent`: byte for byte what an id gets that nobody has. Otherwise the status, and what the answer shows. */
  other: 'absent' | { status: number; shows: object };
};

export const body = (content: object, more: Headers = []) => {
  return () => ({ headers: [JSON_TYPE, ['Idempotency-Key', freshKey()], ...more] as Headers, body: content });
};
export const reads = (other: Sample['other']): Sample => ({ scope: Scope.read, status: 200, other });

export const samplesAfterTheSale: Record<string, Sample> = {
  'post /orders/{id}/amendments': {
    scope: Scope.write,
    status: 409,
    sent: body({ items: [{ sku: 'a', quantity: 1 }], reason: 'one more' }, [['If-Match', '"1"']]),
    other: 'absent',
  },
  'get /orders/{id}/amendments': reads('absent'),
  'get /orders/{id}/amendments/{number}': { scope: Scope.read, status: 404, other: 'absent' },
  'get /orders/{id}/notices': { scope: Scope.operate, status: 200, other: 'absent' },
  'post /orders/{id}/notices/{name}/resend': {
    scope: Scope.operate,
    status: 404,
    sent: body({ reason: 'it did not arrive' }),
    other: 'absent',
  },
  'put /orders/{id}/contact': {
    scope: Scope.operate,
    status: 204,
    sent: body({ email: 'jane@example.com' }),
    other: 'absent',
  },
  'post /orders/{id}/refunds': {
    scope: Scope.operate,
    status: 409,
    sent: body({ reason: 'one was broken' }),
    other: 'absent',
  },
  'get /orders/{id}/refunds': reads('absent'),
  'get /orders/{id}/refunds/{number}': { scope: Scope.read, status: 404, other: 'absent' },
  'post /orders/{id}/returns': {
    scope: Scope.write,
    status: 409,
    sent: body({ items: [{ sku: 'beans', quantity: 1 }], reason: 'it does not fit' }),
    other: 'absent',
  },
  'get /orders/{id}/returns': reads('absent'),
  'get /orders/{id}/returns/{number}': { scope: Scope.read, status: 404, other: 'absent' },
  'post /orders/{id}/returns/{number}/approve': {
    scope: Scope.operate,
    status: 404,
    sent: body({ reason: 'within its time' }),
    other: 'absent',
  },
  'post /orders/{id}/returns/{number}/reject': {
    scope: Scope.operate,
    status: 404,
    sent: body({ reason: 'too late' }),
    other: 'absent',
  },
  'post /orders/{id}/returns/{number}/receive': {
    scope: Scope.fulfil,
    status: 404,
    sent: body({ items: [{ sku: 'beans', quantity: 1, disposition: 'restock' }] }),
    other: 'absent',
  },
};

const hook = { url: 'https://shop.example/hooks' };
const because = { reason: 'looked at it' };
const ofSubscription = (sent?: object): Sample => ({
  scope: Scope.operate,
  status: 404,
  ...(sent ? { sent: body(sent) } : {}),
  other: 'absent',
});

export const samplesOfWebhooks: Record<string, Sample> = {
  'post /webhook-subscriptions': {
    scope: Scope.operate,
    status: 201,
    sent: body(hook),
    other: { status: 201, shows: hook },
  },
  'get /webhook-subscriptions': { scope: Scope.operate, status: 200, other: { status: 200, shows: {} } },
  'get /webhook-subscriptions/{id}': ofSubscription(),
  'put /webhook-subscriptions/{id}': ofSubscription(hook),
  'delete /webhook-subscriptions/{id}': ofSubscription(),
  'post /webhook-subscriptions/{id}/rotate-secret': ofSubscription({}),
  'post /webhook-subscriptions/{id}/ping': ofSubscription(),
  'post /webhook-subscriptions/{id}/replays': ofSubscription({ after: 0, through: 1 }),
  'get /webhook-subscriptions/{id}/deliveries': ofSubscription(),
  'post /webhook-subscriptions/{id}/deliveries/{delivery}/resend': ofSubscription(because),
  'post /webhook-subscriptions/{id}/deliveries/{delivery}/skip': ofSubscription(because),
};

const erasure = { customerId: 'customer-nobody', reason: 'case 4711' };

export const samplesOfErasures: Record<string, Sample> = {
  'post /erasures': {
    scope: Scope.admin,
    status: 202,
    sent: body(erasure),
    other: { status: 202, shows: { customerId: erasure.customerId, erased: {} } },
  },
  'get /erasures': { scope: Scope.admin, status: 200, other: { status: 200, shows: {} } },
  'get /erasures/{id}': { scope: Scope.admin, status: 404, other: 'absent' },
};
