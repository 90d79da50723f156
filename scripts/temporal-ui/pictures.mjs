// What docs/temporal-ui.md shows: a picture's name, what it is of, and how high it has to be.
const card = (name, path, height = 1150) => ({ name, path, show: 'user-metadata', height });
const timeline = (name, path, height = 1050) => ({ name, path, height });

/** `ids`: the order of each kind. */
export const pictures = (ids) => [
  { name: 'list', query: '', height: 1000 },
  { name: 'list-parked', query: 'OrderAttention is not null', height: 560 },
  { name: 'list-one-order', query: `WorkflowId STARTS_WITH "${ids.returned}"`, height: 560 },
  timeline('happy', ids.happy),
  timeline('retried', ids.retried),
  card('declined', ids.declined),
  timeline('declined-timeline', ids.declined),
  card('out-of-stock', ids.outOfStock, 1050),
  card('waits-for-customer', ids.waitsForCustomer),
  card('waits-for-review', ids.waitsForReview, 1280),
  timeline('cancelled', ids.cancelled, 1180),
  card('parked', ids.parked, 1420),
  timeline('parked-timeline', ids.parked),
  card('waits-for-stock', ids.waitsForStock, 1280),
  card('shipped', ids.shipped, 1250),
  { name: 'shipped-relationships', path: ids.shipped, show: 'relationships', awaits: 'shipment:1', height: 800 },
  card('waits-for-warehouse', `${ids.waitsForWarehouse}:shipment:1`, 1000),
  card('shipment', `${ids.shipped}:shipment:1`, 1050),
  card('lost-parcel', `${ids.lostParcel}:shipment:1`, 1080),
  card('returned', `${ids.returned}:return:1`, 950),
  card('refund-parked', `${ids.refundParked}:refund:1`, 1150),
  card('disputed', ids.disputedPayment, 1400),
  card('amended', `${ids.amended}:amendment:1`, 950),
  timeline('bulk-decision', ids.bulkDecision, 1000),
  timeline('comparison', ids.comparison, 1250),
  { name: 'history', path: ids.parked, show: 'history', awaits: 'Workflow Execution Started', height: 1250 },
];
