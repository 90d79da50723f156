// What may be done about an order is what its doors say: each is asked first and knocked at then, in every state of an order.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createAmendments } from '../../src/adapters/postgres/amendment.ts';
import { createOrderActions } from '../../src/adapters/postgres/order-actions.ts';
import { createOrderReading } from '../../src/adapters/postgres/order-reading.ts';
import { createOrderSteps } from '../../src/adapters/postgres/order.ts';
import { createPacking } from '../../src/adapters/postgres/packing.ts';
import { createShipmentRecords } from '../../src/adapters/postgres/shipment.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { actionsOf, type OrderAction, type OrderActionName } from '../../src/domain/order-actions.ts';
import { noTerms } from '../../src/domain/totals.ts';
import { acceptOrder } from '../support/database.ts';
import { startReturning, type Returning } from '../support/returning.ts';

let shop: Returning;
beforeAll(async () => {
  shop = await startReturning();
});
afterAll(() => shop.close());

const planned = async (): Promise<string> => {
  const { orderId } = await shop.sell({ quantity: 2, ships: true });
  await createShipmentRecords({ db: shop.db }).plan({ orderId });
  return orderId;
};
const cancel = (orderId: string) =>
  createOrderSteps({ db: shop.db }).cancel({ orderId, actor: 'a', reason: 'changed my mind' });

/** How an order comes to stand so. */
const states: Record<string, () => Promise<string>> = {
  placed: () => acceptOrder(shop.db),
  'sold, with nothing to ship': async () => (await shop.sell({ quantity: 2 })).orderId,
  'sold, to be packed': planned,
  packed: () => shop.ship({ isHandedOver: false }),
  'with the carrier': () => shop.ship(),
  'refunded in full': async () => {
    const { orderId } = await shop.sell();
    await shop.request(orderId);
    return orderId;
  },
  'asked to come back in full': async () => {
    const orderId = await shop.ship();
    await shop.ask(orderId);
    return orderId;
  },
  'being cancelled': async () => {
    const orderId = await planned();
    await cancel(orderId);
    return orderId;
  },
};

const isAccepted = (answer: object): boolean => !('refused' in answer);

/** Whether the door opens; what it does is done. */
const doors: Partial<Record<OrderActionName, (orderId: string) => Promise<boolean>>> = {
  // One that is under way is answered so again, and nothing more is done: it has its ending before.
  cancel: async (orderId) => {
    const before = await eventsOf(orderId);
    await cancel(orderId);
    return (await eventsOf(orderId)) > before;
  },
  refund: async (orderId) => isAccepted(await shop.request(orderId, { amountMinor: 1 })),
  return: async (orderId) => isAccepted(await shop.ask(orderId)),
  pack: async (orderId) => {
    const request = { tenant: 'local', actor: 'packer', orderId, number: 1 };
    const before = await eventsOf(orderId);
    await createPacking({ db: shop.db }).pack(request);
    return (await eventsOf(orderId)) > before;
  },
  amend: async (orderId) => {
    const pricing = createConfiguredPricing(noTerms);
    const address = { name: 'A', line1: 'B', city: 'C', postalCode: '1', country: 'DE' };
    const accepting = await createAmendments({ db: shop.db, pricing }).accept(
      {
        ...{ tenant: 'local', orderId, version: await eventsOf(orderId), actor: 'a', reason: 'moved' },
        ...{ items: null, shipping: address, paymentMethod: 'pm_card_visa' },
        ...{ idempotencyKey: randomUUID(), requestHash: 'hash' },
      },
      () => ({ status: 202, body: '', location: null }),
    );
    return isAccepted(accepting);
  },
};

const eventsOf = async (orderId: string): Promise<number> =>
  (await createOrderReading({ db: shop.db }).find({ tenant: 'local', orderId }))?.version ?? 0;

async function actions(orderId: string): Promise<OrderAction[]> {
  const facts = await createOrderActions({ db: shop.db }).find({ tenant: 'local', orderId });
  if (!facts) throw new Error(`Expected order ${orderId}; found none`);
  return actionsOf(facts);
}

test.each(Object.entries(states))('of an order that is %s, exactly what is said to be possible is', async (_, make) => {
  const said: Record<string, boolean> = {};
  const done: Record<string, boolean> = {};
  for (const [name, knock] of Object.entries(doors)) {
    const orderId = await make();
    const of = (await actions(orderId)).filter((action) => action.name === name);
    expect(of.length).toBeGreaterThan(0);
    said[name] = of.some(({ whyNot }) => whyNot === null);
    done[name] = await knock(orderId);
  }
  expect(said).toEqual(done);
});

test('what is left to be refunded and what may come back are told with it', async () => {
  const orderId = (await shop.sell({ quantity: 3 })).orderId;
  await shop.request(orderId, { amountMinor: 400 });
  await shop.ask(orderId, 1);
  const found = await actions(orderId);
  expect(found.find(({ name }) => name === 'refund')).toMatchObject({ whyNot: null, leftMinor: 2_600 });
  expect(found.find(({ name }) => name === 'return')).toMatchObject({ units: [{ sku: 'book', quantity: 2 }] });
  expect(found.find(({ name }) => name === 'decide-return')).toMatchObject({ number: 1 });
});

test('an order of another tenant has none', async () => {
  const { orderId } = await shop.sell();
  expect(await createOrderActions({ db: shop.db }).find({ tenant: 'other', orderId })).toBeNull();
});
