// One order of each kind, made as a customer, an operator, a warehouse, a carrier and a bank would: over HTTP, and with the
// simulators' faults. Nothing is written past the api.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 90_000;
const POLL_MS = 250;
const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };
const beans = (quantity) => ({ sku: 'espresso-beans', quantity });

/** Answers with the id of the order of each kind. `log` is told of each as it is there. */
export async function makeKinds(stack, log) {
  const shop = openShop(stack);
  const ids = {};
  for (const [kind, make] of Object.entries({ ...beforeTheSale, ...afterTheSale, ...atTheProvider, ...besideOrders })) {
    ids[kind] = await make(shop);
    log(`${kind}: ${ids[kind]}`);
  }
  // A dispute parks the payment it is about, which is a workflow beside its order.
  const { parked } = await (await shop.call('GET', `/orders/${ids.disputed}/explanation`)).json();
  return { ...ids, disputedPayment: parked[0].workflowId };
}

const beforeTheSale = {
  happy: ({ place }) =>
    place({ customerId: 'customer-regular', items: [beans(2)] }, ({ status }) => status === 'confirmed'),

  async retried({ place, fault }) {
    await fault({ operation: 'confirm', mode: 'drop_after_effect', times: 1 });
    return place({ items: [beans(1), { sku: 'milk-jug', quantity: 1 }] }, ({ status }) => status === 'confirmed');
  },

  declined: ({ place }) => place({ paymentMethod: 'pm_card_chargeDeclined' }, ({ status }) => status === 'rejected'),

  outOfStock: ({ place }) =>
    place({ items: [{ sku: 'limited-roast', quantity: 4 }] }, ({ status }) => status === 'rejected'),

  waitsForCustomer: ({ place }) =>
    place({ customerId: 'customer-regular', paymentMethod: 'pm_card_threeDSecure2Required' }, waitsFor('customer')),

  waitsForReview: ({ place }) => place({ items: [{ sku: 'kettle', quantity: 6 }] }, waitsFor('review')),

  async cancelled({ place, call, becomes }) {
    const id = await place({ paymentMethod: 'pm_card_threeDSecure2Required' }, waitsFor('customer'));
    await call('POST', `/orders/${id}/cancel`, { reason: 'changed my mind' });
    return becomes(id, ({ status }) => status === 'cancelled');
  },
};

const afterTheSale = {
  waitsForWarehouse: ({ place }) => place({ shipping: address }, waitsFor('warehouse')),

  shipped: ({ place, pack, carry }) => place({ shipping: address }, waitsFor('warehouse')).then(pack).then(carry),

  async delivered({ place, pack, carry }) {
    const id = await place({ customerId: 'customer-regular', shipping: address }, waitsFor('warehouse'));
    return carry(await carry(await pack(id)), { until: 'delivered' });
  },

  async returned({ place, pack, carry, call, becomes }) {
    const id = await place({ items: [beans(2)], shipping: address }, waitsFor('warehouse'));
    await carry(await carry(await pack(id)), { until: 'delivered' });
    await call('POST', `/orders/${id}/returns`, { items: [beans(1)], reason: 'too dark a roast' });
    await call('POST', `/orders/${id}/returns/1/approve`, { reason: 'within thirty days' });
    const came = { items: [{ ...beans(1), disposition: 'restock' }] };
    await call('POST', `/orders/${id}/returns/1/receive`, came);
    return becomes(id, ({ returns }) => returns[0]?.status === 'completed');
  },

  async waitsForStock({ place }) {
    const items = [{ sku: 'limited-roast', quantity: 5 }];
    return place({ items, shipping: { ...address, onShortage: 'split' } }, ({ status }) => status === 'confirmed');
  },

  async amended({ place, call, version, becomes }) {
    const id = await place({ shipping: address }, waitsFor('warehouse'));
    const more = { items: [beans(3)], paymentMethod: 'pm_card_visa', reason: 'one more' };
    await call('POST', `/orders/${id}/amendments`, more, { 'If-Match': await version(id) });
    return becomes(id, ({ amendments }) => amendments?.[0]?.state === 'applied');
  },

  paysAsItShips: ({ place, pack, carry }) =>
    place({ shipping: address, capture: 'per-shipment' }, waitsFor('warehouse')).then(pack).then(carry),

  lostParcel: async ({ place, pack, carry, becomes }) => {
    const id = await place({ shipping: address }, waitsFor('warehouse')).then(pack).then(carry);
    await carry(id, { to: 'lost', until: 'shipped' });
    return becomes(id, parkedAt('deliver-shipment'));
  },

  async refunded({ place, call, becomes }) {
    const id = await place({ items: [beans(2)] }, ({ status }) => status === 'confirmed');
    await call('POST', `/orders/${id}/refunds`, { amountMinor: 250, reason: 'one was broken' });
    return becomes(id, ({ refunds }) => refunds[0]?.state === 'completed');
  },
};

const atTheProvider = {
  async refundParked({ place, call, becomes }) {
    const id = await place({ paymentMethod: 'pm_card_refundFail' }, ({ status }) => status === 'confirmed');
    await call('POST', `/orders/${id}/refunds`, { reason: 'never arrived' });
    return becomes(id, parkedAt('pay-refund'));
  },

  disputed: ({ place }) => place({ paymentMethod: 'pm_card_createDispute' }, parkedAt('follow-payment')),

  async parked({ place, fault }) {
    await fault({ operation: 'create', mode: 'error_500', times: 'always' });
    const wanted = [{}, { customerId: 'customer-patient' }];
    const [id] = await Promise.all(wanted.map((more) => place(more, parkedAt('charge-payment'))));
    await fault(null);
    return id;
  },
};

/** What is no order, by the id of its workflow. */
const besideOrders = {
  async bulkDecision({ call }) {
    const filter = { customerId: 'customer-patient' };
    const decision = { filter, action: 'retry', reason: 'the provider is back' };
    return (await (await call('POST', '/resolutions', decision)).json()).id;
  },

  async comparison({ call }) {
    return (await (await call('POST', '/reconciliations', {})).json()).id;
  },
};

const waitsFor = (whom) => (order) => order.waiting?.for === whom;
const parkedAt = (step) => (order) => order.attention?.step === step;

function openShop({ apiUrl, simulatorUrl, carrierUrl }) {
  const call = (method, path, body, headers = {}) => send(`${apiUrl}${path}`, { method, body, headers });
  const get = async (id) => (await call('GET', `/orders/${id}`)).json();
  const becomes = async (id, is) => {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(POLL_MS)) {
      const order = await get(id);
      if (is(order)) return id;
      if (Date.now() > end)
        throw new Error(`Order ${id} did not become what was expected of it: ${JSON.stringify(order)}`);
    }
  };
  return {
    ...{ call, get, becomes },
    async place(more, is) {
      const order = {
        customerId: `customer-${randomUUID().slice(0, 8)}`,
        items: [beans(1)],
        paymentMethod: 'pm_card_visa',
      };
      const { id } = await (await call('POST', '/orders', { ...order, ...more })).json();
      return becomes(id, is);
    },
    version: async (id) => (await call('GET', `/orders/${id}`)).headers.get('etag'),
    async pack(id) {
      await call('POST', `/orders/${id}/shipments/1/packed`);
      return becomes(id, ({ shipments }) => Boolean(shipments[0]?.trackingNumber));
    },
    /** One step along, or as far as it is said. */
    async carry(id, { to, until = 'shipped' } = {}) {
      const url = `${carrierUrl}/_simulator/parcels/${id}:shipment:1/advance`;
      await send(url, { method: 'POST', body: to ? { to } : {} });
      return becomes(id, ({ status }) => status === until);
    },
    fault: (fault) =>
      send(`${simulatorUrl}/_simulator/faults`, fault ? { method: 'POST', body: fault } : { method: 'DELETE' }),
  };
}

async function send(url, { method, body, headers = {} }) {
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const all = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers };
  const answer = await fetch(url, { method, ...json, headers: method === 'GET' ? {} : all });
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}
