// One sequence's shop in the running world: products and orders of its own, and whoever acts on them: customers, operators, the
// warehouse, the bank, the carrier. Every call answers as the reference does: a status, and the name of the problem if it is one.
import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Stripe from 'stripe';
import { CARRIER_SECRET, PAYMENT_SECRET } from './insides.ts';
import { prices, skus, type Answer, type Sku, type Units } from './reference-order.ts';
import type { World } from './world.ts';

const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };
// A busy machine: whoever is told that nothing is known yet asks again.
const MOST_TRIES = 30;
const TRY_AGAIN_MS = 200;

/** Where it is open. */
type Place = Pick<World, 'url' | 'simulatorUrl' | 'carrierUrl'>;

export type Shop<W extends Place = World> = Awaited<ReturnType<typeof openShop<W>>>;
type Sending = { headers?: Record<string, string>; isTwice?: boolean };

/** Opens a shop of two products with so many units of each. */
export async function openShop<W extends Place>(world: W, stock: Units) {
  const name = `m${randomUUID().slice(0, 8)}`;
  const skuOf = (sku: Sku): string => `${name}-${sku}`;
  const ids: string[] = [];
  for (const sku of skus) {
    const product = { name: skuOf(sku), priceMinor: prices[sku], currency: 'EUR', onHand: stock[sku] };
    await request('PUT', `/products/${skuOf(sku)}`, product);
  }

  async function request(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    for (let tries = 1; ; tries += 1) {
      const answer = await fetch(`${world.url}${path}`, {
        method,
        headers: { 'Content-Type': 'application/json', ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      if (answer.status !== 503 || tries === MOST_TRIES) return answer;
      await sleep(TRY_AGAIN_MS);
    }
  }

  /** Sends it once, or twice at once under the same key: then both must be told the same. */
  async function post(path: string, body?: unknown, { headers = {}, isTwice = false }: Sending = {}) {
    const sent = { 'Idempotency-Key': randomUUID(), ...headers };
    const answers = await Promise.all(
      Array.from({ length: isTwice ? 2 : 1 }, async () => {
        const answer = await request('POST', path, body, sent);
        const json = (await answer.json()) as { id?: string; type?: string };
        return { said: sayAnswer(answer.status, json), id: json.id };
      }),
    );
    const [first] = answers;
    if (!first || answers.some(({ said, id }) => said !== first.said || id !== first.id))
      throw new Error(`Expected one answer for both of POST ${path}; found ${JSON.stringify(answers)}`);
    return first;
  }

  const idOf = (order: number): string => ids[order] ?? 'order_none';
  const itemsOf = (units: Units) =>
    skus.flatMap((sku) => (units[sku] > 0 ? [{ sku: skuOf(sku), quantity: units[sku] }] : []));
  const say = async (...request_: Parameters<typeof post>): Promise<Answer> => (await post(...request_)).said;

  return {
    ...{ world, ids, idOf, skuOf, itemsOf },
    /** What was done in it, line by line. */
    transcript: [] as string[],

    place: async (body: object, isTwice: boolean): Promise<Answer> => {
      const { said, id } = await post('/orders', { customerId: name, ...body }, { isTwice });
      if (id) ids.push(id);
      return said;
    },
    shipTo: address,
    onOrder: (order: number, path: string, body?: unknown, sending?: Sending) =>
      say(`/orders/${idOf(order)}/${path}`, body, sending),
    onProduct: (sku: Sku, path: string, body: unknown, sending?: Sending) =>
      say(`/products/${skuOf(sku)}/${path}`, body, sending),
    read: async (path: string): Promise<{ body: unknown; etag: string | null }> => {
      const answer = await request('GET', path, undefined);
      if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
      return { body: await answer.json(), etag: answer.headers.get('etag') };
    },

    /** The customer at the bank's page. */
    authenticate: (paymentId: string, outcome: 'succeed' | 'fail') =>
      simulate(`${world.simulatorUrl}/_simulator/payment_intents/${paymentId}/authenticate`, { outcome }),
    /** The provider tells of a payment: every time as another event. */
    tellOfPayment: async (order: number, paymentId: string, type: string): Promise<void> => {
      const object = { id: paymentId, object: 'payment_intent', metadata: { orderId: idOf(order) } };
      const event = { id: `evt_${randomUUID()}`, object: 'event', type, data: { object } };
      const payload = JSON.stringify(event);
      const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret: PAYMENT_SECRET });
      await expectOk(request('POST', '/payment-webhooks/stripe', payload, { 'Stripe-Signature': signature }));
    },
    moveParcel: (order: number, number: number, to: string) =>
      simulate(`${world.carrierUrl}/_simulator/parcels/${idOf(order)}:shipment:${number}/advance`, { to }),
    /** The carrier tells of a parcel, whatever there is to be told. */
    tellOfParcel: async (order: number, number: number): Promise<void> => {
      const reference = `${idOf(order)}:shipment:${number}`;
      const payload = JSON.stringify({ id: `evt_${randomUUID()}`, type: 'parcel.moved', parcelId: 'any', reference });
      const at = Math.floor(Date.now() / 1_000);
      const signature = createHmac('sha256', CARRIER_SECRET).update(`${at}.${payload}`).digest('hex');
      const headers = { 'Carrier-Signature': `t=${at},v1=${signature}` };
      await expectOk(request('POST', '/carrier-webhooks/generic', payload, headers));
    },
    /** What the next request to a partner meets. */
    injectFault: async ({ at, ...fault }: Fault): Promise<void> =>
      simulate(`${at === 'provider' ? world.simulatorUrl : world.carrierUrl}/_simulator/faults`, fault),
    clearFaults: async (): Promise<void> => {
      for (const url of [world.simulatorUrl, world.carrierUrl])
        await fetch(`${url}/_simulator/faults`, { method: 'DELETE' });
    },
  };
}

export type Fault = { at: 'provider' | 'carrier'; operation: string; mode: string; times: number };

const sayAnswer = (status: number, { type }: { type?: string }): Answer =>
  status < 400 ? String(status) : `${status} ${(type ?? '').replace('/problems/', '')}`;

async function simulate(url: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' };
  await expectOk(fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function expectOk(asking: Promise<Response>): Promise<void> {
  const answer = await asking;
  if (!answer.ok) throw new Error(`Expected ${answer.url} to take it; found ${answer.status} ${await answer.text()}`);
}
