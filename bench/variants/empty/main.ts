// Starts a workflow for every order, and answers once it is started. No order is written anywhere.
import { Client, Connection } from '@temporalio/client';
import { typeidUnboxed } from 'typeid-js';
import { priceOrder } from '../../../src/domain/pricing.ts';
import type { PlaceOrder } from '../../../src/ports/acceptance.ts';
import type { Order } from '../../../src/ports/order.ts';
import { loadApiConfig } from '../../../src/runtime/config.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { loadTemporalConnection } from '../../../src/runtime/temporal.ts';
import { openDoor } from '../door.ts';
import type { emptyOrder } from './workflows.ts';

const config = loadApiConfig();
const logger = createLogger({ name: 'empty', level: config.LOG_LEVEL });
const temporal = loadTemporalConnection();
const connection = await Connection.connect(temporal.connection);
const client = new Client({ connection, namespace: temporal.namespace });

await openDoor({
  config,
  logger,
  place: async (request, plan) => {
    const order = orderOf(request);
    await client.workflow.start<typeof emptyOrder>('emptyOrder', {
      taskQueue: 'empty-orders',
      workflowId: order.id,
      args: [{ orderId: order.id }],
    });
    if (!('now' in plan)) throw new Error('No client of a measurement sends Prefer: wait');
    return { accepted: { orderId: order.id, answer: plan.now(order) }, order };
  },
  parts: [{ name: 'temporal', close: () => connection.close() }],
});

/** What the answer shows of it. */
function orderOf({ customerId, items, correlationId }: PlaceOrder): Order {
  const lines = items.map(({ sku, quantity }) => ({ sku, name: sku, quantity, unitPriceMinor: 1_000 }));
  const linesMinor = lines.reduce((sum, line) => sum + line.quantity * line.unitPriceMinor, 0);
  const totals = { linesMinor, discountMinor: 0, shippingMinor: 0, taxMinor: 0, taxIncluded: true };
  const priced = priceOrder({ currency: 'EUR', lines, linesMinor }, totals);
  if (!('priced' in priced)) throw new Error(`Expected a price; found ${JSON.stringify(priced)}`);
  const at = new Date().toISOString();
  return {
    ...{ id: typeidUnboxed('order'), status: 'placed', isClosed: false, attention: null, waiting: null, customerId },
    ...{ currency: 'EUR', totalMinor: priced.priced.totalMinor, totals: priced.priced.totals, capture: 'at-confirm' },
    ...{ items: lines, backordered: null, rejection: null, review: null, exchangeOf: null, erasedAt: null, version: 1 },
    payment: {
      ...{ state: 'pending', capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, authorizedMinor: 0 },
      declineCode: null,
    },
    ...{ refunds: [], returns: [], amendments: [], shipments: [] },
    ...{ correlationId, placedAt: at, updatedAt: at },
  };
}
