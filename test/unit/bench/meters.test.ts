import { describe, expect, test } from '@jest/globals';
import { costsOf, type Reading } from '../../../bench/meters/meters.ts';
import { callsBetween, parseCalls, sumOf } from '../../../bench/meters/grpc-calls.ts';
import { parseStat } from '../../../bench/meters/processes.ts';
import { temporalConfig } from '../../../bench/servers/temporal-config.ts';

describe('what is counted', () => {
  test('of a process: its ticks and those of its children, whatever its name is', () => {
    const stat = '42 (a) (b c) S 7 42 42 0 -1 4194560 9 9 9 9 100 20 3 4 20 0 11 0 5 6 7';
    expect(parseStat(stat)).toEqual({ parent: 7, ticks: 127 });
  });

  test('of calls: those that the frontend got in one namespace', () => {
    const text = [
      'service_requests{namespace="bench_1_1",operation="StartWorkflowExecution",service_name="frontend"} 15',
      'service_requests{namespace="bench_1_1",operation="StartWorkflowExecution",service_name="history"} 16',
      'service_requests{namespace="bench_1_11",operation="StartWorkflowExecution",service_name="frontend"} 17',
      'service_requests_total{service_name="frontend",operation="PollWorkflowTaskQueue",namespace="bench_1_1"} 30',
      'service_pending_requests{namespace="bench_1_1",operation="StartWorkflowExecution",service_name="frontend"} 18',
    ].join('\n');
    expect(parseCalls(text, 'bench-1-1')).toEqual({ StartWorkflowExecution: 15, PollWorkflowTaskQueue: 30 });
  });

  test('of calls between two readings: neither waits for work nor looks', () => {
    const before = { StartWorkflowExecution: 5, PollWorkflowTaskQueue: 10 };
    const after = {
      ...{ StartWorkflowExecution: 9, PollWorkflowTaskQueue: 90, PollActivityTaskQueue: 3, DescribeNamespace: 2 },
      ...{ RespondWorkflowTaskCompleted: 8, ListWorkflowExecutions: 7 },
    };
    const calls = callsBetween(before, after);
    expect(calls).toEqual({ StartWorkflowExecution: 4, RespondWorkflowTaskCompleted: 8 });
    expect(sumOf(calls)).toBe(12);
  });

  test('comes to so much for each order, and to nothing where nobody counts', () => {
    const reading = (times: number): Reading => ({
      cpu: { api: times, given: null },
      orders: { commits: 100 * times, writes: 50 * times, walBytes: 2_000 * times },
      ...{ temporal: null, calls: null },
    });
    expect(costsOf(reading(1), reading(2), 10)).toEqual({
      ...{ cpuMs: { api: 100, given: null }, commits: 10, writes: 5, walBytes: 200 },
      ...{ temporalWrites: null, temporalWalBytes: null, grpcCalls: null, grpcCallsByOperation: null },
    });
  });
});

test('the Temporal server of a measurement listens on loopback only, and keeps its tables in PostgreSQL', () => {
  const ports = { grpc: 1, http: 2, metrics: 3, history: 4, matching: 5, worker: 6, members: [7, 8, 9, 10] };
  const text = temporalConfig({ ports, store: { port: 5432, user: 'u', password: 'p' } });
  expect(text).not.toMatch(/0\.0\.0\.0|sqlite|localhost/);
  expect(text.match(/"bindOnLocalHost":true/g)).toHaveLength(4);
  expect(text.match(/postgres12_pgx/g)).toHaveLength(2);
});
