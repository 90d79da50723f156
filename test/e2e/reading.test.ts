// What can be read over HTTP: lists that stay stable, events as documents and live, and answers that match the document.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createParser } from 'eventsource-parser';
import { closeChecked } from '../support/invariants.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Page = { items: OrderBody[]; nextCursor: string | null };
type Event = { eventType: string; sequence: number; position: number; orderId: string };

let stack: Stack;
beforeAll(async () => {
  stack = await startTestStack();
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(async () => {
  await closeChecked(stack);
});

const get = async <T>(path: string): Promise<T> => (await (await fetch(`${stack.url}${path}`)).json()) as T;

describe('the list of orders', () => {
  test('pages newest first, and neither repeats nor loses one while orders are being placed', async () => {
    const placed: string[] = [];
    for (let count = 0; count < 7; count += 1) placed.push((await placeOrder(stack.url, { customerId: 'pager' })).id);

    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Page = await get<Page>(`/orders?customerId=pager&limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
      await placeOrder(stack.url, { customerId: 'pager' });
    }
    expect(seen).toEqual([...placed].reverse());
  });

  test('filters by status, correlation and time', async () => {
    const { id } = await placeOrder(stack.url, {
      headers: { 'X-Correlation-Id': 'checkout-1' },
      paymentMethod: 'pm_card_chargeDeclined',
    });
    const { placedAt } = (await settledOrder(stack.url, id)) as OrderBody & { placedAt: string };
    const ids = async (query: string): Promise<string[]> =>
      (await get<Page>(`/orders?${query}`)).items.map((order) => order.id);

    expect(await ids('correlationId=checkout-1')).toEqual([id]);
    expect(await ids('status=rejected&limit=100')).toContain(id);
    expect(await ids('status=cancelled')).toEqual([]);
    expect(await ids('attention=true')).toEqual([]);
    const after = new Date(Date.parse(placedAt) - 1).toISOString();
    expect(await ids(`correlationId=checkout-1&placedAfter=${after}`)).toEqual([id]);
    expect(await ids(`correlationId=checkout-1&placedBefore=${after}`)).toEqual([]);
  });
});

/** Reads a stream until it has seen enough, or until it ends. */
async function stream(
  path: string,
  {
    headers = {},
    until: enough = () => false,
  }: { headers?: Record<string, string>; until?: (events: { id: string; data: Event }[]) => boolean } = {},
) {
  const abort = new AbortController();
  const answer = await fetch(`${stack.url}${path}`, {
    headers: { Accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  });
  const events: { id: string; data: Event }[] = [];
  const parser = createParser({
    onEvent: ({ id = '', data }) => void events.push({ id, data: JSON.parse(data) as Event }),
  });
  const decoder = new TextDecoder();
  if (answer.body) {
    for await (const chunk of answer.body) {
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      if (enough(events)) break;
    }
  }
  abort.abort();
  return { status: answer.status, events };
}

describe('events', () => {
  test('of an order come live, in sequence, and the stream ends with the order', async () => {
    await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 500 });
    const { id } = await placeOrder(stack.url);
    const { events } = await stream(`/orders/${id}/events`);

    expect(events.map(({ data }) => data.eventType)).toEqual([
      'order.placed',
      'inventory.reserved',
      'payment.captured',
      'order.confirmed',
    ]);
    expect(events.map((event) => event.id)).toEqual(['1', '2', '3', '4']);
    const { events: resumed } = await stream(`/orders/${id}/events`, { headers: { 'Last-Event-ID': '2' } });
    expect(resumed.map((event) => event.id)).toEqual(['3', '4']);
    expect((await stream(`/orders/${id}/events`, { headers: { 'Last-Event-ID': '4' } })).status).toBe(204);
  });

  test('of all orders come as a feed, by position, after a position and of some types only', async () => {
    const { id } = await placeOrder(stack.url);
    await settledOrder(stack.url, id);
    await until(
      async () =>
        (await get<{ items: Event[] }>(`/orders/${id}/events`)).items.every(({ position }) =>
          Number.isInteger(position),
        ),
      'positions',
    );
    const { items } = await get<{ items: Event[] }>('/events?limit=100');
    expect(items.map(({ position }) => position)).toEqual(items.map((_, index) => index + 1));

    const confirmed = await get<{ items: Event[] }>('/events?type=order.confirmed&limit=100');
    expect(new Set(confirmed.items.map(({ eventType }) => eventType))).toEqual(new Set(['order.confirmed']));
    const [third] = items.slice(2);
    expect((await get<{ items: Event[] }>(`/events?after=${third?.position ?? 0}&limit=1`)).items[0]?.position).toBe(
      (third?.position ?? 0) + 1,
    );
  });

  test('of the feed come live behind those that were there, each once', async () => {
    const before = (await get<{ items: Event[] }>('/events?limit=100')).items.length;
    const streaming = stream('/events?after=0', { until: (events) => events.length >= before + 4 });
    const { id } = await placeOrder(stack.url);
    const { events } = await streaming;
    expect(events.map((event) => Number(event.id))).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ data }) => data.orderId === id)).toHaveLength(4);
  });
});

describe('stock', () => {
  test('is adjusted once per key, and never below what is reserved', async () => {
    await putProduct(stack.url, 'jar', { onHand: 5 });
    const adjust = (key: string, delta: number) =>
      fetch(`${stack.url}/products/jar/stock-adjustments`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body: JSON.stringify({ delta, reason: 'counted' }),
      });
    const first = await adjust('adjust-1', 3);
    const again = await adjust('adjust-1', 3);
    expect(await again.text()).toBe(await first.text());
    expect(again.headers.get('Idempotency-Replayed')).toBe('true');
    expect((await adjust('adjust-1', 4)).status).toBe(422);
    expect(await get('/products/jar')).toMatchObject({ onHand: 8, reserved: 0 });
    expect((await adjust('adjust-2', -9)).status).toBe(409);
    // Refused, so it bound nothing.
    expect((await adjust('adjust-2', -8)).status).toBe(200);
    expect(await get('/products/jar')).toMatchObject({ onHand: 0 });
  });
});

test('health names every part, its state and since when', async () => {
  const health = await get<{ status: string; parts: Record<string, { state: string; detail?: string }> }>('/health');
  expect(health.status).toBe('ok');
  expect(Object.keys(health.parts).sort()).toEqual([
    'database',
    'launcher',
    'migrations',
    'payloads',
    'provider',
    'reconciliation',
    'restore',
    'search-attributes',
    'sequencer',
    'temporal',
    'workers',
  ]);
  expect(health.parts['workers']?.detail).toMatch(/^1 worker polls, build [0-9a-f]{12}$/);
});
