// Does the checker see anything? Each rule is shown a world in which only that rule is broken.
import { describe, expect, test } from '@jest/globals';
import type { Heard } from '../../../src/verify/client-log.ts';
import { idempotencyKey, refundPartKey } from '../../../src/contracts/ids.ts';
import { repeatedEffects, type JournalItem } from '../../../src/verify/invariants.ts';
import type { OrderRow, ShipmentFact, Witnesses } from '../../../src/verify/witnesses.ts';
import {
  answer,
  brokenIn,
  entry,
  healthy,
  ID,
  item,
  journal,
  order,
  OTHER,
  shipments,
} from '../../support/healthy-witnesses.ts';

const heardAlso = (...heard: Heard[]): Witnesses => ({
  ...healthy,
  client: [{ ...entry, heard: [...entry.heard, ...heard] }],
});
const journalAlso = (...items: JournalItem[]): Witnesses => ({ ...healthy, journal: [...journal, ...items] });
const rowWith = (changed: Partial<OrderRow>): Witnesses => ({ ...healthy, orders: [{ ...order, ...changed }] });

const mark = { step: 'refund-payment', reason: 'failed', since: '2026-01-01T00:00:00.000Z' } as const;
const parkedStep = { ...mark, orderId: ID, workflowId: ID };
const late = { ...parkedStep, workflowId: `${ID}:payment:pi_2`, step: 'follow-payment' } as const;

const ONE_LABEL = 'every parcel is of a shipment, which has one valid label, or none once it is cancelled';
const AS_THE_CARRIER_SAYS = 'what the carrier has done with a parcel is what our rows say';
const delivered = { id: 'parcel_1', status: 'delivered' };
const shipmentWith = (index: number, changed: Partial<ShipmentFact>): Witnesses => ({
  ...healthy,
  shipments: shipments.map((one, at) => (at === index ? { ...one, ...changed } : one)),
});

const worlds: readonly (readonly [what: string, rule: string, world: Witnesses])[] = [
  [
    'a rule of the rows that is broken',
    'sequences are gap-free',
    { ...healthy, brokenRows: { 'sequences are gap-free': [{ id: ID }] } },
  ],
  [
    'an accepted order that is gone',
    'every 2xx order exists',
    { ...healthy, client: [entry, { ...entry, key: 'key-2', orderId: OTHER }] },
  ],
  [
    'a second order of a key',
    'every key has one order, and every order a key of the client',
    { ...healthy, orders: [order, { ...order, id: OTHER }] },
  ],
  [
    'another answer to a repeat',
    'every repeat is answered byte for byte like the first',
    heardAlso({ ...answer, body: '{"id":"y"}', replayed: true }),
  ],
  ['two first answers', 'every repeat is answered byte for byte like the first', heardAlso(answer)],
  [
    'a 500',
    'no answer is a defect (500), and every request is answered in the end',
    heardAlso({ ...answer, status: 500 }),
  ],
  ['money that the ledger does not know', 'provider journal = ledger, order by order', { ...healthy, ledger: [] }],
  [
    'a key under which two things happened',
    'one effect per idempotency key',
    journalAlso(item('void', 'canceled'), item('void', 'canceled')),
  ],
  [
    'a key of another grammar',
    'one effect per idempotency key',
    journalAlso(item('confirm', 'none', { idempotencyKey: `${ID}:confirm:1:a2` })),
  ],
  [
    'a second create',
    'one create per ordinal and revision',
    journalAlso(item('create', 'created', { idempotencyKey: `${ID}:create:1:r1` })),
  ],
  [
    'a revision without a stored failure',
    'a key is replaced only after a stored failure',
    journalAlso(item('confirm', 'none', { idempotencyKey: `${ID}:confirm:1:r2` })),
  ],
  [
    'an event that a subscriber was not told',
    'a subscriber has every event of every order once, in sequence, apart from repeats',
    {
      ...healthy,
      events: [1, 2].map((at) => ({ orderId: ID, type: 'order.placed', at })),
      told: { upTo: { [ID]: 1 }, strange: [], repeated: 0 },
    },
  ],
  [
    'a message to a subscriber that is strange',
    'a subscriber has every event of every order once, in sequence, apart from repeats',
    { ...healthy, told: { upTo: {}, strange: ['3 came after 1'], repeated: 0 } },
  ],
  ['a capture of another payment', 'only the persisted payment is ever captured', rowWith({ providerIds: ['pi_2'] })],
  [
    'an order that is still open',
    'nothing is left open',
    rowWith({ isClosed: false, status: 'reserved', isMarked: true }),
  ],
  [
    'a parked step that no mark shows',
    'attention is the oldest parked step that is open',
    { ...healthy, parkedSteps: [late] },
  ],
  [
    'a mark that stands though nothing is parked',
    'attention is the oldest parked step that is open',
    rowWith({ isClosed: false, status: 'reserved', attention: mark }),
  ],
  [
    'a mark of the younger of two parked steps',
    'attention is the oldest parked step that is open',
    { ...rowWith({ isClosed: false, status: 'reserved', attention: mark }), parkedSteps: [late, parkedStep] },
  ],
  [
    'a closed order whose own story is parked',
    'no closed order is parked at a step of its own story',
    { ...rowWith({ attention: mark }), parkedSteps: [parkedStep] },
  ],
  ['a good card that is declined', 'only what deserves it is rejected', rowWith({ rejectionCode: 'payment.declined' })],
  ['a launch mark', 'an open order is looked after, a closed one is not', rowWith({ isMarked: true })],
  ['an event without position', 'every event has its position', { ...healthy, unnumberedEvents: 1 }],
  [
    'an order without workflow',
    'every order has its workflow, and every workflow its order',
    { ...healthy, histories: [] },
  ],
  [
    'a workflow without order',
    'every order has its workflow, and every workflow its order',
    { ...healthy, histories: [...healthy.histories, { workflowId: OTHER, outcome: 'confirmed', refused: null }] },
  ],
  [
    'a history that does not replay',
    'every history replays',
    { ...healthy, histories: [{ workflowId: ID, outcome: 'confirmed', refused: 'nondeterminism' }] },
  ],
  [
    'a workflow that goes on',
    'the workflow of a closed order is over, and says the same',
    { ...healthy, histories: [{ workflowId: ID, outcome: null, refused: null }] },
  ],
  [
    'a workflow that says otherwise',
    'the workflow of a closed order is over, and says the same',
    { ...healthy, histories: [{ workflowId: ID, outcome: 'rejected', refused: null }] },
  ],
  [
    'business beside the order that goes on for no reason',
    'business beside an order is over, or parked',
    {
      ...healthy,
      histories: [...healthy.histories, { workflowId: `${ID}:payment:pi_9`, outcome: null, refused: null }],
    },
  ],
  [
    'something the provider told that nobody kept',
    'everything the provider told is in the inbox, once, and dealt with',
    { ...healthy, notices: [{ eventId: 'evt_1', type: 'refund.created', kept: false, isDone: false }] },
  ],
  [
    'something the provider told that nobody dealt with',
    'everything the provider told is in the inbox, once, and dealt with',
    { ...healthy, notices: [{ eventId: 'evt_1', type: 'refund.created', kept: true, isDone: false }] },
  ],
  [
    'a workflow that nobody of the run has ended',
    'the workflow of a closed order is over, and says the same',
    { ...healthy, histories: [{ workflowId: ID, outcome: 'terminated', refused: null }] },
  ],
  ['a parcel of nobody’s', ONE_LABEL, { ...healthy, strangeParcels: [{ id: 'parcel_9', reference: 'unheard of' }] }],
  ['a second label', ONE_LABEL, shipmentWith(0, { parcels: [delivered, { ...delivered, id: 'parcel_9' }] })],
  ['a label of what was cancelled', ONE_LABEL, shipmentWith(2, { parcels: [{ id: 'parcel_4', status: 'announced' }] })],
  ['a delivery that nobody recorded', AS_THE_CARRIER_SAYS, shipmentWith(0, { status: 'dispatched' })],
  ['a dispatch that never was', AS_THE_CARRIER_SAYS, shipmentWith(4, { hasLeft: true })],
  [
    'a cancelled one that left unseen',
    AS_THE_CARRIER_SAYS,
    shipmentWith(3, { hasLeft: false, parcels: [delivered, { ...delivered, status: 'cancelled' }] }),
  ],
  ['a deadlock', 'no deadlock', { ...healthy, deadlocks: 1 }],
];

describe('the checker', () => {
  test('finds nothing where nothing is wrong', () => {
    expect(brokenIn(healthy)).toEqual([]);
  });

  test.each(worlds)('sees %s', (_what, rule, world) => {
    expect(brokenIn(world)).toContain(rule);
  });

  test('lets a payment that is followed be parked beside a closed order', () => {
    const attention = { step: late.step, reason: late.reason, since: late.since };
    const histories = [...healthy.histories, { workflowId: late.workflowId, outcome: null, refused: null }];
    expect(brokenIn({ ...rowWith({ attention }), parkedSteps: [late], histories })).toEqual([]);
  });

  test('lets the workflow of a closed order be one that the run has ended', () => {
    const histories = [{ workflowId: ID, outcome: 'terminated', refused: null }];
    expect(brokenIn({ ...healthy, histories, terminated: [ID] })).toEqual([]);
  });

  test('lets a refund that failed for ever wait for a person, and nothing else', () => {
    const attention = { step: 'refund-payment', reason: 'failed', since: '' } as const;
    expect(
      brokenIn(rowWith({ isClosed: false, status: 'reserved', attention, paymentMethod: 'pm_card_refundFail' })),
    ).not.toContain('nothing is left open');
    expect(brokenIn(rowWith({ isClosed: false, status: 'reserved', attention }))).toContain('nothing is left open');
    const waiting = { for: 'review', until: null } as const;
    const open = { isClosed: false, status: 'reserved', waiting } as const;
    expect(brokenIn(rowWith(open))).not.toContain('nothing is left open');
    expect(brokenIn(rowWith({ ...open, attention }))).toContain('nothing is left open');
  });
});

test('every key of ours is of the grammar, however often its failure was stored; no other is', () => {
  const revisions = [1, 2, 9, 10, 11, 19, 20, 101];
  const keys = revisions.flatMap((revision) => [
    idempotencyKey({ orderId: ID, operation: 'confirm', ordinal: 12, revision }),
    refundPartKey({ orderId: ID, number: 3, ordinal: 10, revision }),
  ]);
  const under = (idempotencyKey: string) => item('refund', 'none', { idempotencyKey });
  expect(repeatedEffects(keys.map(under))).toEqual([]);
  const others = ['confirm:1:r0', 'confirm:1:r1', 'confirm:1:r02', 'confirm:1:r', 'refundPart:1', 'charge:1'];
  expect(repeatedEffects(others.map((name) => under(`${ID}:${name}`)))).toHaveLength(others.length);
});

test('a customer that is made beside a payment is no second payment; one that is made twice is', () => {
  const made = item('create_customer', 'created', { idempotencyKey: `${ID}:customer:1` });
  expect(brokenIn(journalAlso(made))).toEqual([]);
  expect(brokenIn(journalAlso(made, made))).toContain('one create per ordinal and revision');
});
