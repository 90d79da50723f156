import { describe, expect, test } from '@jest/globals';
import { listFilter } from '../../src/replay/open-workflows.ts';
import { breakIn } from '../../src/replay/verdict.ts';

const quoted = (message: string): string =>
  `Replay failed with a nondeterminism error. Details: Workflow activation completion failed: Failure { failure: Some(Failure { message: "${message}", source: "" }) }`;
const marker = (eventId: number, markerName: string, text = '') =>
  ({
    eventId,
    markerRecordedEventAttributes: { markerName, details: { data: { payloads: [{ data: Buffer.from(text) }] } } },
  }) as unknown as Parameters<typeof breakIn>[1][number];

describe('where a history breaks', () => {
  test('is the event that the core names', () => {
    const message =
      '[TMPRL1100] Nondeterminism error: No command scheduled for event HistoryEvent(id: 12, TimerStarted)';
    expect(breakIn(quoted(message), [])).toEqual({
      what: 'No command scheduled for event HistoryEvent(id: 12, TimerStarted)',
      event: '12 TimerStarted',
    });
  });

  test('is the marker of the local activity that it counts', () => {
    const events = [marker(5, 'core_local_activity'), marker(6, 'core_patch'), marker(9, 'core_local_activity')];
    const message = '[TMPRL1100] Nondeterminism error: Missing associated machine for LocalActivity(2)';
    expect(breakIn(quoted(message), events).event).toBe('9 MarkerRecorded');
  });

  test('is the marker of the patch that the code no longer asks for', () => {
    const events = [marker(5, 'core_patch', '{"id":"another"}'), marker(7, 'core_patch', '{"id":"it-reminds"}')];
    const message = 'Non-deprecated patch marker encountered for change it-reminds, but there is none';
    expect(breakIn(quoted(message), events).event).toBe('7 MarkerRecorded');
  });

  test('is not told where nothing tells it, and only the first line of an error is shown', () => {
    const message = 'no such function is exported: \\"processOrder\\"\\n    at somewhere';
    expect(breakIn(quoted(message), [])).toEqual({
      what: 'no such function is exported: "processOrder"',
      event: 'not told',
    });
  });
});

test('what is looked at is what runs on our queue, of the types and by the filter that were asked for', () => {
  expect(listFilter({ types: [], query: null })).toBe("ExecutionStatus = 'Running' and TaskQueue = 'orders'");
  expect(listFilter({ types: ['a', 'b'], query: 'X = 1 or Y = 2' })).toBe(
    "ExecutionStatus = 'Running' and TaskQueue = 'orders' and WorkflowType in ('a', 'b') and (X = 1 or Y = 2)",
  );
});
