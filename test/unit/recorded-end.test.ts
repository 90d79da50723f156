// What the history of a completed workflow says of whether its order's end was recorded.
import { describe, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { showsRecordedEnd } from '../../src/adapters/temporal/recorded-end.ts';

type Marker = Parameters<typeof showsRecordedEnd>[0][number];
type Payload = ReturnType<typeof defaultPayloadConverter.toPayload>;
const marker = (told: Payload, markerName = 'core_local_activity'): Marker => ({
  markerRecordedEventAttributes: { markerName, details: { data: { payloads: [told] } } },
});
const step = (name: string): Payload => defaultPayloadConverter.toPayload({ activity_type: name });
const encrypted: Payload = {
  metadata: { encoding: new TextEncoder().encode('binary/encrypted') },
  data: new Uint8Array([1, 2, 3]),
};

describe('a history', () => {
  test('shows the end by the answer of the step that records it, and by no other', () => {
    expect(showsRecordedEnd([marker(step('reserveInventory'))])).toBe(false);
    expect(showsRecordedEnd([marker(step('reserveInventory')), marker(step('confirmOrder'))])).toBe(true);
  });

  test('of an order that ships shows the end by the end of its shipping, not by the sale', () => {
    const payloads = [defaultPayloadConverter.toPayload({ orderId: 'order_1', ships: true })];
    const started: Marker = { workflowExecutionStartedEventAttributes: { input: { payloads } } };
    expect(showsRecordedEnd([started, marker(step('confirmOrder'))])).toBe(false);
    expect(showsRecordedEnd([started, marker(step('confirmOrder')), marker(step('finishShipping'))])).toBe(true);
    expect(showsRecordedEnd([started, marker(step('closeOrder'))])).toBe(true);
  });

  test('with a step that can not be read may show it: nobody goes on by guessing', () => {
    expect(showsRecordedEnd([marker(encrypted)])).toBe(true);
    expect(showsRecordedEnd([marker(defaultPayloadConverter.toPayload(null))])).toBe(true);
  });

  test('with a marker of another kind that can not be read shows nothing', () => {
    expect(showsRecordedEnd([marker(encrypted, 'Version')])).toBe(false);
  });
});
