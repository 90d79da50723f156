// What is asked beside requests and steps: comparisons of the books, webhooks, erasures, retention.
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { createErasureWork } from '../../dist/adapters/postgres/erasure-work.js';
import { createErasures } from '../../dist/adapters/postgres/erasure.js';
import { createReconciliationBooks } from '../../dist/adapters/postgres/reconciliation-books.js';
import { createReconciliationWork } from '../../dist/adapters/postgres/reconciliation.js';
import { createRefunds } from '../../dist/adapters/postgres/refund.js';
import { carrySumsOn } from '../../dist/adapters/postgres/stock-sums.js';
import { createWebhookSubscriptions } from '../../dist/adapters/postgres/webhook.js';
import { createWebhookWork } from '../../dist/adapters/postgres/webhook-work.js';

const tenant = 'local';
const DAY_MS = 24 * 3_600_000;

export async function beginReconciliation(db, { orderId }) {
  const { reconciliationId } = await createReconciliationWork({ db }).begin({ workflowId: randomUUID(), graceMs: 1 });
  await sql`
    insert into reconciliation_copies (reconciliation_id, kind, object, copy)
    select ${reconciliationId}, 'payment', provider_id, jsonb_build_object('providerId', provider_id, 'orderId', order_id,
      'key', order_id || ':create:1', 'state', '{"kind": "captured"}'::jsonb, 'capturedMinor', amount_minor, 'amountMinor', amount_minor, 'currency', 'EUR')
    from payments where order_id > ${orderId} and provider_id is not null order by order_id limit 5000`.execute(db);
  await sql`analyze reconciliation_copies`.execute(db);
  return reconciliationId;
}

export function reconciliationQueries({ db, some, reconciliationId }) {
  const books = createReconciliationBooks({ db });
  const until = new Date().toISOString();
  // As the hourly comparison does: what is older is agreed upon.
  const since = new Date(Date.now() - 6 * 3_600_000).toISOString();
  const span = { reconciliationId, listFrom: since, since, until, dryRun: true };
  const pages = [
    'payments',
    'refunds',
    'disputes',
    'unsettledDisputes',
    'ledgerWithoutCopy',
    'openOrders',
    'closedOrders',
    'stock',
    'notices',
  ];
  return [
    ['reconciliation: carry the sums of stock on, the first time', () => carrySumsOn(db, { withinMs: 600_000 })],
    ...pages.map((page) => [`reconciliation: page of ${page}`, () => books[page]({ span, cursor: null, limit: 200 })]),
    ['reconciliation: one order', () => books.findOrder({ orderId: some.orderId, until })],
    ['reconciliation: which are known', () => books.knownOrders({ orderIds: [some.orderId] })],
  ];
}

export function afterwardsQueries({ db, some }) {
  const webhooks = createWebhookSubscriptions({ db });
  const { orderId, subscriptionId: id } = some;
  const deliveries = (more) =>
    webhooks.listDeliveries({ tenant, id, state: null, orderId: null, before: null, limit: 100, ...more });
  return [
    ['webhooks: a subscription', () => webhooks.find({ tenant, id })],
    ['webhooks: deliveries', () => deliveries({})],
    ['webhooks: deliveries of an order', () => deliveries({ orderId })],
    ['webhooks: parked deliveries', () => deliveries({ state: 'parked' })],
    ['webhooks: skipped deliveries', () => deliveries({ state: 'skipped' })],
    ['webhooks: pending deliveries', () => deliveries({ state: 'pending' })],
    ['webhooks: resend', () => webhooks.resend({ tenant, id, delivery: some.delivery, actor: 'a', reason: 'r' })],
    [
      'webhooks: claim lanes',
      () =>
        createWebhookWork({ db }).claim({
          perSubscription: 10,
          atMost: 20,
          perLane: 10,
          leaseMs: 1,
          probeMs: 1,
          underWay: {},
        }),
    ],
    ['webhooks: forget what is old', () => createWebhookWork({ db }).forget({ olderThanMs: 364 * DAY_MS, limit: 100 })],
    [
      'webhooks: forget, nothing is old',
      () => createWebhookWork({ db }).forget({ olderThanMs: 3_650 * DAY_MS, limit: 100 }),
    ],
    ...erasingQueries({ db, some }),
  ];
}

function erasingQueries({ db, some }) {
  const { orderId, customerId } = some;
  const erasing = createErasureWork({ db, settleMs: 0 });
  return [
    [
      'ask for a refund',
      () =>
        createRefunds({ db }).accept(
          {
            tenant,
            orderId,
            actor: 'a',
            reason: 'r',
            wish: { amountMinor: 1 },
            idempotencyKey: randomUUID(),
            requestHash: 'h',
          },
          () => ({ status: 202, body: '{}', location: `/orders/${orderId}/refunds/1` }),
        ),
    ],
    [
      'erase a customer: accept',
      () =>
        createErasures({ db }).accept(
          {
            tenant,
            actor: 'a',
            idempotencyKey: randomUUID(),
            requestHash: 'h',
            customerId,
            reason: 'r',
            placedBefore: null,
          },
          (accepted) => ({ status: 202, body: JSON.stringify(accepted), location: `/erasures/${accepted.id}` }),
        ),
    ],
    ['erase a customer: a step', () => erasing.advance({ limit: 20 })],
    ['retention: orders to erase', () => erasing.eraseAged({ olderThanMs: 364 * DAY_MS, limit: 20 })],
    ['retention: nothing is old', () => erasing.eraseAged({ olderThanMs: 3_650 * DAY_MS, limit: 20 })],
    ['retention: attempts', () => erasing.prune({ table: 'step_attempts', olderThanMs: 364 * DAY_MS, limit: 100 })],
    ['retention: inbox', () => erasing.prune({ table: 'payment_notices', olderThanMs: 364 * DAY_MS, limit: 100 })],
  ];
}
