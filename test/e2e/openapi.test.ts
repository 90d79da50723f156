// The document is made from the schemas that check requests; here live answers are checked against the document.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { placeOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';

type Document = {
  openapi: string;
  components: { schemas: Record<string, object> };
  paths: Record<
    string,
    Record<string, { operationId: string; responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
};

let stack: Stack;
let document: Document;
beforeAll(async () => {
  stack = await startTestStack();
  await putProduct(stack.url, 'book');
  document = (await (await fetch(`${stack.url}/openapi.json`)).json()) as Document;
});
afterAll(() => stack.close());

function validatorOf(path: string, method: string, status: number, type: string) {
  const schema = document.paths[path]?.[method]?.responses[String(status)]?.content?.[type]?.schema;
  if (!schema) throw new Error(`Expected ${method} ${path} to document ${status} as ${type}`);
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return ajv.compile({ ...schema, components: document.components });
}

test('is OpenAPI 3.1 with every route', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(Object.keys(document.paths).sort()).toEqual([
    '/asyncapi.json',
    '/caller',
    '/carrier-webhooks/generic',
    '/erasures',
    '/erasures/{id}',
    '/event-schemas',
    '/event-schemas/{type}/{version}',
    '/events',
    '/health',
    '/health/providers',
    '/healthz',
    '/orders',
    '/orders/counts',
    '/orders/{id}',
    '/orders/{id}/actions',
    '/orders/{id}/amendments',
    '/orders/{id}/amendments/{number}',
    '/orders/{id}/cancel',
    '/orders/{id}/contact',
    '/orders/{id}/events',
    '/orders/{id}/explanation',
    '/orders/{id}/notices',
    '/orders/{id}/notices/{name}/resend',
    '/orders/{id}/payment-action',
    '/orders/{id}/payment-method',
    '/orders/{id}/refunds',
    '/orders/{id}/refunds/{number}',
    '/orders/{id}/resolution',
    '/orders/{id}/returns',
    '/orders/{id}/returns/{number}',
    '/orders/{id}/returns/{number}/approve',
    '/orders/{id}/returns/{number}/receive',
    '/orders/{id}/returns/{number}/reject',
    '/orders/{id}/review',
    '/orders/{id}/shipments',
    '/orders/{id}/shipments/{number}/packed',
    '/payment-webhooks/stripe',
    '/products',
    '/products/{sku}',
    '/products/{sku}/backorders',
    '/products/{sku}/holds',
    '/products/{sku}/stock-adjustments',
    '/queues',
    '/readyz',
    '/reconciliations',
    '/reconciliations/{id}',
    '/resolutions',
    '/resolutions/{id}',
    '/resolutions/{id}/cancel',
    '/temporal-codec/decode',
    '/temporal-codec/encode',
    '/warehouses',
    '/warehouses/{warehouse}',
    '/webhook-subscriptions',
    '/webhook-subscriptions/{id}',
    '/webhook-subscriptions/{id}/deliveries',
    '/webhook-subscriptions/{id}/deliveries/{delivery}/resend',
    '/webhook-subscriptions/{id}/deliveries/{delivery}/skip',
    '/webhook-subscriptions/{id}/ping',
    '/webhook-subscriptions/{id}/replays',
    '/webhook-subscriptions/{id}/rotate-secret',
  ]);
});

test('is what the types of the client are made from, and every operation has a name of its own', () => {
  const printed = execFileSync(process.execPath, ['dist/api/openapi-main.js'], { maxBuffer: 64 * 1_024 * 1_024 });
  expect(JSON.parse(printed.toString())).toEqual(document);
  const names = Object.values(document.paths).flatMap((methods) =>
    Object.values(methods).map(({ operationId }) => operationId),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]+[A-Za-z]*$/);
});

test('describes what is really answered', async () => {
  const { id } = await placeOrder(stack.url);
  await settledOrder(stack.url, id);
  const declined = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  await settledOrder(stack.url, declined.id);

  const answers: [path: string, method: string, answer: Response][] = [
    ['/orders', 'post', await postOrder(stack.url)],
    ['/orders', 'post', await postOrder(stack.url, { headers: { Prefer: 'wait=20' } })],
    ['/orders', 'post', await postOrder(stack.url, { key: 'no spaces please' })],
    ['/orders', 'post', await postOrder(stack.url, { items: [{ sku: 'unknown', quantity: 1 }] })],
    ['/orders', 'get', await fetch(`${stack.url}/orders`)],
    ['/orders', 'get', await fetch(`${stack.url}/orders?limit=0`)],
    ['/orders/{id}', 'get', await fetch(`${stack.url}/orders/${id}`)],
    ['/orders/{id}', 'get', await fetch(`${stack.url}/orders/${declined.id}`)],
    ['/orders/{id}', 'get', await fetch(`${stack.url}/orders/nobody`)],
    ['/orders/{id}/explanation', 'get', await fetch(`${stack.url}/orders/${declined.id}/explanation`)],
    ['/orders/{id}/actions', 'get', await fetch(`${stack.url}/orders/${id}/actions`)],
    ['/orders/counts', 'get', await fetch(`${stack.url}/orders/counts`)],
    ['/products/{sku}/holds', 'get', await fetch(`${stack.url}/products/book/holds`)],
    ['/products/{sku}/stock-adjustments', 'get', await fetch(`${stack.url}/products/book/stock-adjustments`)],
    ['/queues', 'get', await fetch(`${stack.url}/queues`)],
    ['/caller', 'get', await fetch(`${stack.url}/caller`)],
    ['/orders/{id}/events', 'get', await fetch(`${stack.url}/orders/${declined.id}/events`)],
    ['/events', 'get', await fetch(`${stack.url}/events`)],
    ['/events', 'get', await fetch(`${stack.url}/events?format=cloudevents`)],
    ['/event-schemas', 'get', await fetch(`${stack.url}/event-schemas`)],
    ['/event-schemas/{type}/{version}', 'get', await fetch(`${stack.url}/event-schemas/order.placed/1`)],
    ['/event-schemas/{type}/{version}', 'get', await fetch(`${stack.url}/event-schemas/order.placed/2`)],
    ['/event-schemas/{type}/{version}', 'get', await fetch(`${stack.url}/event-schemas/constructor/1`)],
    ['/asyncapi.json', 'get', await fetch(`${stack.url}/asyncapi.json`)],
    ['/products', 'get', await fetch(`${stack.url}/products`)],
    ['/products/{sku}', 'get', await fetch(`${stack.url}/products/book`)],
    ['/products/{sku}', 'get', await fetch(`${stack.url}/products/none`)],
    [
      '/products/{sku}',
      'put',
      await fetch(`${stack.url}/products/a%20b`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name: 'a', priceMinor: 1, currency: 'EUR', onHand: 1 }),
      }),
    ],
    ['/health', 'get', await fetch(`${stack.url}/health`)],
    ['/healthz', 'get', await fetch(`${stack.url}/healthz`)],
    ['/readyz', 'get', await fetch(`${stack.url}/readyz`)],
  ];
  for (const [path, method, answer] of answers) {
    const [type = ''] = (answer.headers.get('Content-Type') ?? '').split(';');
    const validate = validatorOf(path, method, answer.status, type);
    const body: unknown = await answer.json();
    expect({ path, method, status: answer.status, valid: validate(body), errors: validate.errors }).toMatchObject({
      valid: true,
    });
  }
});

test('describes streams, their end, and what every route can refuse', async () => {
  const declined = await placeOrder(stack.url, { paymentMethod: 'pm_card_chargeDeclined' });
  await settledOrder(stack.url, declined.id);
  const streamOf = (path: string, last: string) =>
    fetch(`${stack.url}${path}`, { headers: { Accept: 'text/event-stream', 'Last-Event-ID': last } });
  const responses = document.paths['/orders/{id}/events']?.['get']?.responses ?? {};
  const open = await streamOf(`/orders/${declined.id}/events`, '0');
  const told = [...(await open.text()).matchAll(/^id:(\d+)$/gm)];
  expect(Object.keys(responses['200']?.content ?? {})).toContain(open.headers.get('Content-Type'));
  expect((await streamOf(`/orders/${declined.id}/events`, told.at(-1)?.[1] ?? '')).status).toBe(204);
  expect(responses['204']).toBeDefined();
  expect(responses['204']).not.toHaveProperty('content');
  expect(document.paths['/events']?.['get']?.responses['200']?.content).toHaveProperty('text/event-stream');
  for (const methods of Object.values(document.paths))
    for (const { responses: of } of Object.values(methods))
      expect(Object.keys(of)).toEqual(expect.arrayContaining(['400', '405', '408', '417', '431', '500', '503']));
});

test('/docs needs nothing from outside', async () => {
  const page = await (await fetch(`${stack.url}/docs`)).text();
  expect(page).not.toMatch(/https?:\/\//);
  for (const [, path] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await fetch(`${stack.url}${path ?? ''}`)).status).toBe(200);
  }
});
