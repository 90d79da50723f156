// What the warehouse and the carrier have to say about shipments.
import { Scope } from '../../domain/scope.ts';
import type { ShipmentLine } from '../../domain/shipment.ts';
import type { Packing } from '../../ports/shipment.ts';
import type { ReadCarrierNotice, ShipmentNotices } from '../../ports/shipment-notice.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { orderParams, z } from '../schemas/fields.ts';
import { packedBody, shipmentListSchema, shipmentParams, shipmentSchema } from '../schemas/shipment.ts';

type Dependencies = {
  packing: Packing;
  shipmentNotices: Pick<ShipmentNotices, 'keep'>;
  /** Null: no signing secret is configured, so no message can be believed. */
  readCarrierNotice: ReadCarrierNotice | null;
};

export const shipmentRoutes = (dependencies: Dependencies): Route[] => [
  listShipments(dependencies),
  packShipment(dependencies),
  carrierWebhook(dependencies),
];

const listShipments = ({ packing }: Dependencies): Route =>
  defineRoute({
    method: 'get',
    path: '/orders/{id}/shipments',
    operationId: 'listShipments',
    scope: Scope.read,
    tag: 'shipments',
    summary: 'The shipments of an order',
    params: orderParams,
    answers: { 200: { description: 'By number; none before the order is confirmed', schema: shipmentListSchema } },
    problems: ['order-not-found'],
    handle: async ({ params: { id } }, { res, caller: { tenant } }) => {
      const items = await packing.list({ tenant, orderId: id });
      if (!items) throw new Problem('order-not-found', 'No order has this id');
      res.json({ items });
    },
  });

const packShipment = ({ packing }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/orders/{id}/shipments/{number}/packed',
    operationId: 'packShipment',
    scope: Scope.fulfil,
    tag: 'shipments',
    summary: 'The warehouse has packed it; the carrier’s label is made next',
    params: shipmentParams,
    body: packedBody,
    answers: { 200: { description: 'Packed, now or before', schema: shipmentSchema } },
    problems: ['order-not-found', 'shipment-not-found', 'shipment-cancelled', 'shipment-changed'],
    handle: async ({ params: { id, number }, body }, { res, caller: { tenant, actor } }) => {
      const result = await packing.pack({ tenant, actor, orderId: id, number: Number(number), items: body?.items });
      if (!result) throw new Problem('shipment-not-found', 'No shipment of this order has this number');
      if ('notPackable' in result)
        throw new Problem(
          'shipment-cancelled',
          'It must not leave: its order was cancelled or changed, or it was taken out of it',
        );
      if ('differs' in result)
        throw new Problem(
          'shipment-changed',
          `By now it is to have ${sayItems(result.differs.items)}: nothing was recorded`,
        );
      res.json(result.packed);
    },
  });

const sayItems = (items: readonly ShipmentLine[]): string =>
  items.map((item) => `${item.quantity} of ${item.sku}`).join(', ');

const carrierWebhook = ({ shipmentNotices, readCarrierNotice }: Dependencies): Route =>
  defineRoute({
    method: 'post',
    path: '/carrier-webhooks/generic',
    operationId: 'receiveCarrierNotice',
    scope: 'open',
    tag: 'shipments',
    summary: 'Messages of the carrier, by its signature',
    headers: z.object({ 'carrier-signature': z.string().optional() }),
    signedBody: true,
    answers: { 200: { description: 'Kept, or kept before', schema: z.object({ received: z.literal(true) }) } },
    problems: ['invalid-signature', 'body-too-large'],
    handle: async ({ headers }, { req, res }) => {
      if (!readCarrierNotice)
        throw new Problem('service-unavailable', 'No signing secret of the carrier is configured');
      const body: unknown = req.body;
      const notice = readCarrierNotice({
        body: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        signature: headers['carrier-signature'],
      });
      if (notice && 'forged' in notice)
        throw new Problem('invalid-signature', 'Only messages signed by the carrier are taken');
      if (notice) await shipmentNotices.keep(notice);
      res.json({ received: true });
    },
  });
