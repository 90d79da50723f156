// What a history says of the end of an order whose row was lost.
import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { endingBegun } from '../../src/adapters/temporal/order-histories.ts';

type Events = Parameters<typeof endingBegun>[0];
const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });
const long = (id: number) => id as unknown as NonNullable<Events[number]['eventId']>;
const scheduled = (eventId: number, name: string, input: unknown = {}): Events[number] => ({
  eventId: long(eventId),
  activityTaskScheduledEventAttributes: { activityType: { name }, input: payloads(input) },
});
const completed = (scheduledEventId: number, result: unknown): Events[number] => ({
  activityTaskCompletedEventAttributes: {
    scheduledEventId: long(scheduledEventId),
    result: payloads(result),
  },
});
const cancelled = { status: 'cancelled', actor: 'customer-1', reason: 'changed my mind' } as const;

describe('the end that had begun', () => {
  test('is what whoever cancelled the order was told', () => {
    const events = [scheduled(5, 'chargePayment'), scheduled(9, 'cancelOrder'), completed(9, { ending: cancelled })];
    expect(endingBegun(events)).toEqual(cancelled);
    expect(endingBegun([scheduled(9, 'cancelOrder'), completed(9, { sold: true })])).toEqual({ status: 'confirmed' });
  });

  test('is not known of a cancellation that nobody was answered about, nor from what other activities answer', () => {
    expect(endingBegun([scheduled(9, 'cancelOrder')])).toBeNull();
    expect(endingBegun([scheduled(5, 'chargePayment'), completed(5, { ending: cancelled })])).toBeNull();
  });

  test('is what was answered, whatever the undo was told before that', () => {
    const rejected = { status: 'rejected', rejection: { code: 'payment.declined', message: 'no' } };
    const events = [
      scheduled(9, 'cancelOrder'),
      scheduled(12, 'refundPayment', { ending: rejected }),
      completed(9, { ending: cancelled }),
    ];
    expect(endingBegun(events)).toEqual(cancelled);
  });

  test('is what whoever rejected the order was told; a review that let it go on says nothing', () => {
    const rejected = { status: 'rejected', rejection: { code: 'review.rejected', message: 'no' } };
    const asked = [scheduled(5, 'decideReview'), completed(5, { state: 'pending' }), scheduled(9, 'decideReview')];
    expect(endingBegun([...asked, completed(9, { state: 'rejected', ending: rejected })])).toEqual(rejected);
    expect(endingBegun([...asked, completed(9, { state: 'approved', ending: null })])).toBeNull();
  });

  test('is what the undo of a charge was told', () => {
    const request = { orderId: 'order_1', ordinal: 1, ending: cancelled };
    expect(endingBegun([scheduled(5, 'refundPayment', request)])).toEqual(cancelled);
  });
});
