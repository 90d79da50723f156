// A run in which every rule of the checker holds: tests show it worlds that differ from this one in a single thing.
import { checkWitnesses } from '../../src/verify/checker.ts';
import type { ClientEntry } from '../../src/verify/client-log.ts';
import type { DisputedPayment } from '../../src/verify/dispute-witness.ts';
import type { JournalItem } from '../../src/verify/invariants.ts';
import type { Comparison, OrderRow, ShipmentFact, Witnesses } from '../../src/verify/witnesses.ts';

export const ID = 'order_01m89hsf91fk3vg8rhn4sr8vth';
export const OTHER = 'order_01m89hryzhfk3vg77vqsspaj8k';

export const order: OrderRow = {
  id: ID,
  status: 'confirmed',
  isClosed: true,
  attention: null,
  waiting: null,
  rejectionCode: null,
  key: 'key-1',
  answerStatus: 202,
  answerBody: '{"id":"x"}',
  providerIds: ['pi_1'],
  paymentMethod: 'pm_card_visa',
  isMarked: false,
};
export const answer = { status: 202, body: '{"id":"x"}', location: '/orders/x', replayed: false };
export const entry: ClientEntry = {
  plan: { basket: 'usual', paymentMethod: 'pm_card_visa', customer: 'finishes', units: 1, ships: false, fate: 'plain' },
  key: 'key-1',
  orderId: ID,
  heard: [{ unknown: 'ECONNRESET' }, answer, { ...answer, replayed: true }],
};
export const item = (operation: string, effect: string, more: Partial<JournalItem> = {}): JournalItem => ({
  operation,
  effect,
  amountMinor: 1_000,
  replayed: false,
  idempotencyKey: `${ID}:${operation}:1`,
  orderId: ID,
  paymentIntentId: 'pi_1',
  ...more,
});
export const journal = [item('create', 'created'), item('confirm', 'captured')];

export const took = { movementId: 'txn_1', amountMinor: -400 };
export const lost = { disputeId: 'du_1', paymentId: 'pi_1', status: 'lost' };
export const paid: DisputedPayment = {
  paymentId: 'pi_1',
  orderId: ID,
  isEnded: true,
  leftMinor: 600,
  dueMinor: 1_000,
  takenMinor: 1_000,
  refundedMinor: 0,
  disputedMinor: 400,
  reinstatedMinor: 0,
  isAcknowledged: true,
  isParked: false,
};
export const compared: Comparison = {
  id: 'reconciliation_2',
  state: 'finished',
  failure: null,
  truncated: false,
  drifts: [{ name: 'refund-missing', object: 're_1', found: 'taken as it is', outcome: 'acknowledged' }],
};

const parcel = (status: string, n = 1) => ({ id: `parcel_${n}`, status });
/** Delivered; lost; cancelled with its label; cancelled, and left all the same. */
export const shipments: readonly ShipmentFact[] = [
  {
    reference: `${ID}:shipment:1`,
    status: 'delivered',
    hasLeft: true,
    parcels: [parcel('delivered'), parcel('cancelled', 2)],
  },
  { reference: `${ID}:shipment:2`, status: 'lost', hasLeft: true, parcels: [parcel('lost', 3)] },
  { reference: `${ID}:shipment:3`, status: 'cancelled', hasLeft: false, parcels: [parcel('cancelled', 4)] },
  { reference: `${ID}:shipment:4`, status: 'cancelled', hasLeft: true, parcels: [parcel('delivered', 5)] },
  { reference: `${ID}:shipment:5`, status: 'packed', hasLeft: false, parcels: [parcel('announced', 6)] },
];

export const healthy: Witnesses = {
  shipments,
  strangeParcels: [],
  orders: [order],
  parkedSteps: [],
  events: [],
  unnumberedEvents: 0,
  ledger: [{ orderId: ID, balance: 1_000 }],
  brokenRows: {},
  journal,
  histories: [{ workflowId: ID, outcome: 'confirmed', refused: null }],
  notices: [{ eventId: 'evt_1', type: 'payment_intent.succeeded', kept: true, isDone: true }],
  disputes: {
    atProvider: [{ ...lost, movements: [took] }],
    books: {
      disputes: [{ disputeId: 'du_1', paymentId: 'pi_1', state: 'lost' }],
      movements: [{ ...took, disputeId: 'du_1' }],
      payments: [paid],
    },
  },
  comparisons: [{ id: 'reconciliation_1', isOver: true, failure: null, did: { 'workflow-gone repaired': 1 } }],
  lastComparison: compared,
  terminated: [],
  client: [entry],
  told: { upTo: {}, strange: [], repeated: 0 },
  deadlocks: 0,
};

/** The rules that the witnesses break. */
export const brokenIn = (witnesses: Witnesses): string[] =>
  Object.entries(checkWitnesses(witnesses)).flatMap(([rule, found]) => (found.length > 0 ? [rule] : []));
