// Places orders over connections that are kept, and remembers what was said to each.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

/** `intendedAt`: when it was meant to be sent (ms of performance.now()); latencies count from there. */
export type Placed = { orderId: string; intendedAt: number; answeredAt: number };
export type Refused = { status: number | null; why: string };

export type OrderClient = {
  place: (intendedAt?: number) => Promise<Placed | Refused>;
  close: () => void;
};

export const PRODUCTS = 20;
export const skuOf = (index: number): string => `bench-${index % PRODUCTS}`;
/** Of each product; more than a run can sell. */
export const ON_HAND = 1_000_000;
export const UNITS_PER_ORDER = 2;
const CUSTOMERS = 1_000;
const ANSWER_WITHIN_MS = 30_000;
/** Says nothing new about what went wrong after so many letters. */
const WHY_LENGTH = 300;

export function createOrderClient({ url, connections }: { url: string; connections: number }): OrderClient {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const target = new URL('/orders', url);
  let count = 0;

  const send = (body: string): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'Idempotency-Key': randomUUID(),
      };
      const asking = request(target, { agent, method: 'POST', headers, timeout: ANSWER_WITHIN_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (part: string) => (text += part));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
        answer.on('error', reject);
      });
      asking.on('error', reject);
      asking.on('timeout', () => asking.destroy(new Error(`no answer within ${ANSWER_WITHIN_MS} ms`)));
      asking.end(body);
    });

  return {
    place: async (intendedAt = performance.now()) => {
      const body = orderBody(count++);
      try {
        const { status, text } = await send(body);
        const answeredAt = performance.now();
        if (status !== 202) return { status, why: text.slice(0, WHY_LENGTH) };
        return { orderId: (JSON.parse(text) as { id: string }).id, intendedAt, answeredAt };
      } catch (error) {
        return { status: null, why: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** Two lines of two products: no two orders that come together have the same two. */
const orderBody = (index: number): string =>
  JSON.stringify({
    customerId: `customer-${index % CUSTOMERS}`,
    paymentMethod: 'pm_card_visa',
    items: [skuOf(index), skuOf(index + 1 + (Math.floor(index / PRODUCTS) % (PRODUCTS - 1)))].map((sku) => ({
      sku,
      quantity: 1,
    })),
  });
