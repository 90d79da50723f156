// What is left of the client: pages, webhooks, and the package.
import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { itemsOf, pagesOf, verifyWebhook, WebhookVerificationError } from '#client';

test('reads item after item, a page only once the one before is used up', async () => {
  const asked: (string | undefined)[] = [];
  const read = (cursor: string | undefined) => {
    asked.push(cursor);
    const first = cursor === undefined;
    return Promise.resolve({ items: first ? [1, 2] : [3], nextCursor: first ? 'more' : null });
  };
  const seen: number[] = [];
  for await (const item of itemsOf(read)) {
    seen.push(item);
    if (item === 1) expect(asked).toEqual([undefined]);
  }
  expect(seen).toEqual([1, 2, 3]);
  expect(asked).toEqual([undefined, 'more']);
});

test('a cursor that leads to itself ends the reading', async () => {
  const pages = pagesOf(() => Promise.resolve({ items: [], nextCursor: 'same' }));
  await expect(
    (async () => {
      for await (const _ of pages);
    })(),
  ).rejects.toThrow(/cursor/);
});

const secret = `whsec_${Buffer.from('a secret of some length').toString('base64')}`;
const other = `whsec_${Buffer.from('another one of the length').toString('base64')}`;
const body = JSON.stringify({ eventType: 'order.confirmed', orderId: 'order_1' });
function signed(text: string, { by = secret, at = new Date() } = {}): Record<string, string> {
  return {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(by).sign('msg_1', at, text),
  };
}

test('verifies webhooks, from fetch and from Node, also while the secret is rotated', () => {
  expect(verifyWebhook({ secret, body, headers: signed(body) })).toMatchObject({ eventType: 'order.confirmed' });
  expect(verifyWebhook({ secret: [other, secret], body, headers: new Headers(signed(body)) })).toMatchObject({
    orderId: 'order_1',
  });
});

test.each([
  ['another body', { body: body.replace('order_1', 'order_2') }],
  ['another secret', { secret: other }],
  ['no secret', { secret: [] }],
  ['an old message', { headers: signed(body, { at: new Date(Date.now() - 6 * 60_000) }) }],
  ['no signature', { headers: {} }],
])('refuses %s', (_, change) => {
  expect(() => verifyWebhook({ secret, body, headers: signed(body), ...change })).toThrow(WebhookVerificationError);
});

test('the package asks for what it was tested with', () => {
  type Manifest = { dependencies: Record<string, string>; devDependencies: Record<string, string> };
  const read = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const ours = read('package.json');
  const theirs = read('clients/typescript/package.json');
  const tested = { ...ours.dependencies, ...ours.devDependencies };
  const asked = { ...theirs.dependencies, ...theirs.devDependencies };
  expect(Object.fromEntries(Object.keys(asked).map((name) => [name, tested[name]]))).toEqual(asked);
});
