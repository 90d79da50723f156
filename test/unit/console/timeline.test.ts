import { expect, test } from '@jest/globals';
import { activityOf, buildTimeline, triesSince } from '../../../console/src/lib/timeline.ts';
import type { Envelope, FailedTry } from '../../../console/src/lib/types.ts';

const at = (seconds: number): string => new Date(Date.UTC(2026, 0, 1) + seconds * 1_000).toISOString();
const event = (sequence: number, seconds: number, eventType: Envelope['eventType'], data: object = {}): Envelope => ({
  ...{ eventVersion: 1, source: 'durable-orders', orderId: 'order_1' },
  ...{ eventId: `e${sequence}`, eventType, timestamp: at(seconds), sequence, position: sequence },
  ...{ data: data as Record<string, unknown>, metadata: { correlationId: 'c', causationId: null } },
});
const failed = (attempt: number, seconds: number): FailedTry => ({
  ...{ step: 'charge-payment', attempt, at: at(seconds), message: 'no answer', nextTryAt: null },
});

test('says how long each step took, and folds the time in which nothing happened', () => {
  const events = [
    event(1, 0, 'order.placed'),
    event(2, 0.08, 'inventory.reserved'),
    event(3, 7_200, 'payment.captured'),
  ];
  const entries = buildTimeline(events, [], []);
  expect(entries.map((entry) => (entry.kind === 'idle' ? `idle ${entry.lastsMs}` : entry.tookMs))).toEqual([
    null,
    80,
    'idle 7199920',
    null,
  ]);
});

test('counts failed tries to the event that came of them, and those after the last to what goes on', () => {
  const events = [event(1, 0, 'order.placed'), event(2, 30, 'payment.captured')];
  const tries = [failed(3, 40), failed(2, 20), failed(1, 10)];
  const [, captured] = buildTimeline(events, tries, []);
  expect(captured?.kind === 'event' && captured.tries.map(({ attempt }) => attempt)).toEqual([1, 2]);
  expect(triesSince(tries, events).map(({ attempt }) => attempt)).toEqual([3]);
});

test('gives each event its own sentence, also where two have the same instant', () => {
  const events = [event(1, 0, 'order.placed'), event(2, 5, 'payment.voided'), event(3, 5, 'order.rejected')];
  const sentences = [
    { at: at(5), sentence: 'The payment was voided.' },
    { at: at(5), sentence: 'Rejected.' },
  ];
  const said = buildTimeline(events, [], sentences).map((entry) => (entry.kind === 'event' ? entry.sentence : ''));
  expect(said).toEqual(['order.placed.', 'The payment was voided.', 'Rejected.']);
});

test('tells who did what and why, the latest first, and nothing that nobody did', () => {
  const events = [
    event(1, 0, 'order.placed'),
    event(2, 1, 'order.resumed', { actor: 'ada', action: 'retry', reason: 'it is well again' }),
    event(3, 2, 'refund.requested', { actor: 'bob', reason: 'broken' }),
  ];
  expect(activityOf(events)).toMatchObject([
    { who: 'bob', what: 'refund.requested', why: 'broken' },
    { who: 'ada', what: 'order.resumed (retry)', why: 'it is well again' },
  ]);
});
