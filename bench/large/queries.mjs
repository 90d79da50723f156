// What the application asks, through its own adapters, on a database that holds orders of every kind.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createAcceptance } from '../../dist/adapters/postgres/acceptance.js';
import { createBackorders } from '../../dist/adapters/postgres/backorder.js';
import { createBrokerWork } from '../../dist/adapters/postgres/broker.js';
import { createEventLog } from '../../dist/adapters/postgres/events.js';
import { createOrderRecords } from '../../dist/adapters/postgres/explanation.js';
import { createFigures } from '../../dist/adapters/postgres/figures.js';
import { createInventory } from '../../dist/adapters/postgres/inventory.js';
import { createLaunchMarks } from '../../dist/adapters/postgres/launch.js';
import { createNoticeFeed } from '../../dist/adapters/postgres/notice-feed.js';
import { createOrderActions } from '../../dist/adapters/postgres/order-actions.js';
import { createOrderCounting } from '../../dist/adapters/postgres/order-counts.js';
import { createOrderReading } from '../../dist/adapters/postgres/order-reading.js';
import { createOrderSteps } from '../../dist/adapters/postgres/order.js';
import { createParkedSteps } from '../../dist/adapters/postgres/parked-steps.js';
import { createPaymentNotices } from '../../dist/adapters/postgres/payment-notices.js';
import { createPaymentRecords } from '../../dist/adapters/postgres/payment.js';
import { createRecoveryRecords } from '../../dist/adapters/postgres/recovery.js';
import { createRefundMarks } from '../../dist/adapters/postgres/refund-marks.js';
import { createRestoreRecords } from '../../dist/adapters/postgres/restore.js';
import { createReturnMarks } from '../../dist/adapters/postgres/return-marks.js';
import { createShipmentNotices } from '../../dist/adapters/postgres/shipment-notices.js';
import { createStockReading } from '../../dist/adapters/postgres/stock-reading.js';
import { createTally } from '../../dist/adapters/postgres/tally.js';
import { createWebhookSubscriptions } from '../../dist/adapters/postgres/webhook.js';
import { createWebhookWork } from '../../dist/adapters/postgres/webhook-work.js';
import { createConfiguredPricing } from '../../dist/adapters/pricing/configured.js';
import { noTerms } from '../../dist/domain/totals.js';
import { afterwardsQueries, beginReconciliation, reconciliationQueries } from './queries-aside.mjs';

const tenant = 'local';
const DAY_MS = 24 * 3_600_000;

/** Each by its name, in an order in which each finds what it needs. */
export async function queriesOf(db) {
  const acceptance = createAcceptance({ db, pricing: createConfiguredPricing(noTerms) });
  const place = (key) =>
    acceptance.place(
      {
        ...{ tenant, idempotencyKey: key, requestHash: 'hash', correlationId: randomUUID(), customerId: 'customer-17' },
        ...{
          paymentMethod: 'pm_card_visa',
          shipping: null,
          onShortage: 'reject',
          metadata: {},
          paymentRetryMinutes: null,
        },
        items: [
          { sku: 'espresso-beans', quantity: 2 },
          { sku: 'cup-set', quantity: 1 },
        ],
        onlyRepeats: false,
      },
      { now: (order) => ({ status: 202, body: JSON.stringify(order), location: `/orders/${order.id}` }) },
    );
  const some = await samples(db);
  const key = randomUUID();
  const { order } = await place(key);
  const orderId = order.id;
  return [
    ...acceptanceQueries({ place, key }),
    ...stepQueries({ db, orderId, amountMinor: order.totalMinor }),
    ...readingQueries({ db, some }),
    ...feedQueries({ db, some }),
    ...loopQueries({ db }),
    ...reconciliationQueries({ db, some, reconciliationId: await beginReconciliation(db, some) }),
    ...afterwardsQueries({ db, some }),
  ];
}

/** Orders in the middle of the load, and the busiest customer. */
async function samples(db) {
  const { rows } = await sql`
    with here as (select (max(position) * 0.4)::bigint as middle, max(position) as last from events)
    select middle, last,
      (select order_id from events e join orders o on o.id = e.order_id where position > middle and o.status = 'confirmed' and o.closed_at is not null
         and not exists (select 1 from refunds where order_id = o.id) order by position limit 1) as "orderId",
      (select customer_id from orders o join events e on e.order_id = o.id where position = middle) as "customerId",
      (select o.correlation_id from orders o join events e on e.order_id = o.id where position = middle) as "correlationId",
      (select placed_at from orders o join events e on e.order_id = o.id where position = middle) as "placedAt",
      (select id from webhook_subscriptions limit 1) as "subscriptionId",
      (select id from webhook_deliveries order by id desc limit 1) as delivery,
      (select min(placed_at) from orders) as first
    from here`.execute(db);
  return rows[0];
}

const acceptanceQueries = ({ place, key }) => [
  ['accept an order', () => place(randomUUID())],
  ['repeat an Idempotency-Key', () => place(key)],
];

const stepQueries = ({ db, orderId, amountMinor }) => {
  const payments = createPaymentRecords({ db });
  const payment = { orderId, ordinal: 1, providerId: `pi_${orderId}` };
  return [
    ['reserve', () => createInventory({ db }).reserve({ orderId })],
    ['find the payment', () => payments.find({ orderId, ordinal: 1 })],
    ['keep the provider id', () => payments.keepProviderId(payment)],
    ['record the capture', () => payments.recordCapture({ ...payment, amountMinor, currency: 'EUR' })],
    ['confirm', () => createOrderSteps({ db }).confirm({ orderId })],
    [
      'keep a notice of the provider',
      () =>
        createPaymentNotices({ db }).keep({
          ...{ eventId: `evt_${orderId}`, eventType: 'payment_intent.succeeded', paymentId: payment.providerId },
          ...{ refundId: null, disputeId: null, orderId },
        }),
    ],
  ];
};

function readingQueries({ db, some }) {
  const reading = createOrderReading({ db });
  const list = (filter, after = null) => reading.list({ tenant, filter, after, limit: 100 });
  const { orderId, customerId, correlationId, placedAt } = some;
  return [
    ['GET /orders/{id}', () => reading.find({ tenant, orderId })],
    ['GET /orders/{id}/explanation', () => createOrderRecords({ db }).find({ tenant, orderId })],
    ['what may be done with an order', () => createOrderActions({ db }).find({ tenant, orderId })],
    ['GET /orders', () => list({})],
    ['GET /orders, far down', () => list({}, { placedAt, id: orderId })],
    ...['placed', 'reserved', 'confirmed', 'shipped', 'delivered', 'rejected', 'cancelled'].map((status) => [
      `GET /orders?status=${status}`,
      () => list({ status }),
    ]),
    ['GET /orders?status=rejected, far down', () => list({ status: 'rejected' }, { placedAt, id: orderId })],
    ['GET /orders?attention=true', () => list({ attention: true })],
    ['GET /orders?attention=false', () => list({ attention: false })],
    ['GET /orders?attention=true&status=confirmed', () => list({ attention: true, status: 'confirmed' })],
    ['GET /orders?waiting=customer', () => list({ waiting: 'customer' })],
    ['GET /orders?waiting=provider (nobody)', () => list({ waiting: 'provider' })],
    ['GET /orders?customerId', () => list({ customerId })],
    ['GET /orders?customerId&status', () => list({ customerId, status: 'cancelled' })],
    ['GET /orders?customerId (nobody)', () => list({ customerId: 'nobody' })],
    ['GET /orders?correlationId', () => list({ correlationId })],
    ['GET /orders?placedAfter&placedBefore', () => list({ placedAfter: some.first, placedBefore: placedAt })],
    ['GET /orders?status&placedBefore', () => list({ status: 'cancelled', placedBefore: placedAt })],
    ['GET /orders?attention=true&placedBefore', () => list({ attention: true, placedBefore: placedAt })],
    [
      'waiters: who has settled of 1,000',
      () => reading.findSettled({ orderIds: [orderId, ...Array.from({ length: 999 }, (_, n) => `order_${n}`)] }),
    ],
    ['GET /orders/counts', () => createOrderCounting({ db }).count({ tenant })],
    ['parked steps', () => createParkedSteps({ db }).list?.({ tenant, orderId, limit: 100 })],
    [
      'who holds a product',
      () => createStockReading({ db }).holds({ tenant, sku: 'cup-set', after: null, limit: 100 }),
    ],
    [
      'what people changed of a product',
      () => createStockReading({ db }).adjustments({ tenant, sku: 'cup-set', before: null, limit: 100 }),
    ],
  ];
}

function feedQueries({ db, some }) {
  const events = createEventLog({ db });
  const { orderId, middle, last } = some;
  const feed = (types, after = middle) => events.feed({ tenant, after, types, limit: 100 });
  return [
    ['GET /orders/{id}/events', () => events.ofOrder({ orderId, afterSequence: 0, limit: 100 })],
    ['GET /events', () => feed(null)],
    ['GET /events, from the beginning', () => feed(null, 0)],
    ['GET /events?type (frequent)', () => feed(['order.placed'])],
    ['GET /events?type (two frequent)', () => feed(['order.placed', 'order.rejected'])],
    ['GET /events?type (rare)', () => feed(['return.requested'])],
    ['GET /events?type (two rare)', () => feed(['return.requested', 'return.completed'])],
    ['GET /events?type (one rare, one never)', () => feed(['review.requested', 'return.requested'])],
    ['GET /events?type (never)', () => feed(['review.requested'])],
    ['GET /events of a tenant without any', () => events.feed({ tenant: 'nobody', after: 0, types: null, limit: 100 })],
    ['the feed for loops (all tenants)', () => events.follow({ after: middle, limit: 100 })],
    ['the last position', () => events.lastPosition()],
    ['sequencer: number what is new', () => events.assignPositions({ limit: 1_000 })],
    ['tally: count what is new', () => createTally({ db }).count({ limit: 1_000 })],
    ['tally: read', () => createTally({ db }).read()],
    ['webhooks: the next of the feed', () => createWebhookWork({ db }).feed({ limit: 500 })],
    [
      'webhooks: replay from the middle',
      async () => {
        await createWebhookSubscriptions({ db }).replay({
          tenant,
          id: some.subscriptionId,
          after: middle,
          through: Math.min(middle + 50, last),
        });
        await createWebhookWork({ db }).feed({ limit: 500 });
      },
    ],
  ];
}

function loopQueries({ db }) {
  const figures = createFigures({ db, backlogLimit: 100_000 });
  const broker = createBrokerWork({ db, exchange: 'orders' });
  return [
    ['launcher: what is due', () => createLaunchMarks({ db }).claimDue({ limit: 200 })],
    ['launcher: how many wait', () => createLaunchMarks({ db }).countWaiting({ atMost: 100_001 })],
    ['launcher of refunds', () => createRefundMarks({ db }).claimDue({ limit: 100 })],
    ['launcher of returns', () => createReturnMarks({ db }).claimDue({ limit: 100 })],
    ['inbox of the provider', () => createPaymentNotices({ db }).claimDue({ limit: 100 })],
    ['inbox of the carrier', () => createShipmentNotices({ db }).claimDue({ limit: 100 })],
    ['backorders: products with news', () => createBackorders({ db }).claimDue({ limit: 100 })],
    ['backorders: orders to tell', () => createBackorders({ db }).claimNews({ limit: 100 })],
    [
      'customer notices: feed',
      async () => {
        await createNoticeFeed({ db }).begin();
        await createNoticeFeed({ db }).feed({ limit: 100, kinds: [], maxAgeMs: DAY_MS, paymentDelayMs: 0 });
      },
    ],
    [
      'broker: begin and claim',
      async () => {
        await broker.begin({ after: 1_000 });
        await broker.claim({ limit: 500, leaseMs: 1 });
      },
    ],
    ['metrics: figures', () => figures.read()],
    ['metrics: webhooks', () => figures.readWebhooks()],
    ['restore guard: a look', () => createRestoreRecords({ db }).read()],
    [
      'recovery: page of open orders',
      () => createRecoveryRecords({ db }).listOpen({ recoveryId: 0, after: '', limit: 100 }),
    ],
    ['recovery: what is known', () => createRecoveryRecords({ db }).preview()],
  ];
}
