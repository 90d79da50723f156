// Traces of what Temporal carries: into workflows (client), out of them (activities), and of their runs. What must stay true: a trace is
// begun only by what starts a workflow; everything else is in the trace it was asked in, or in none.
import { createRequire } from 'node:module';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { InjectedSinks, WorkerOptions } from '@temporalio/worker';
import type * as interceptorsPackage from '@temporalio/interceptors-opentelemetry-v2';
import { orderOfWorkflow, spanIdOfRun, TRACE_HEADER, type TraceSinks } from '../../contracts/traces.ts';
import type { Tracing } from '../../runtime/tracing/sdk.ts';
import { aboutOrder, hasSpan, noteOrder, orderAttributes } from '../../runtime/tracing/trace.ts';

const require = createRequire(import.meta.url);
type Package = typeof interceptorsPackage;
// Loaded only where there are traces: it brings more than its interceptors.
const load = (): Package => require('@temporalio/interceptors-opentelemetry-v2') as Package;

export type WorkerTraces = Pick<WorkerOptions, 'interceptors'> & { sinks: InjectedSinks<TraceSinks> };

/** For a Temporal client; none without tracing. */
export const clientInterceptors = (tracing: Tracing | null): { workflow: WorkflowClientInterceptor[] } => ({
  workflow: tracing ? [createClientInterceptor(load())] : [],
});

/** For workers. Without tracing the workflows still carry on what they were started under, and nobody listens to how they ended. */
export function workerTraces(tracing: Tracing | null): WorkerTraces {
  if (!tracing) return { sinks: sinksOf(() => undefined) };
  return {
    sinks: sinksOf(tracing.record),
    interceptors: { activity: [createActivityInterceptor(load())] },
  };
}

const sinksOf = (record: Tracing['record']): InjectedSinks<TraceSinks> => ({
  traces: {
    runEnded: {
      fn: ({ workflowType, workflowId, runId, runStartTime }, { traceparent, outcome, correlationId }) =>
        record({
          name: `RunWorkflow:${workflowType}`,
          spanId: spanIdOfRun(runId),
          traceparent,
          startTime: runStartTime,
          hasFailed: outcome === 'failed',
          attributes: {
            ...{ temporalWorkflowId: workflowId, run_id: runId, 'workflow.outcome': outcome },
            ...orderAttributes({ orderId: orderOfWorkflow(workflowId), correlationId }),
          },
        }),
    },
  },
});

/** What asks and tells is traced within a span of this process only: the guard and the launcher ask all day long. */
function createClientInterceptor({
  OpenTelemetryWorkflowClientInterceptor: Traced,
}: Package): WorkflowClientInterceptor {
  const traced = new Traced();
  type Call<I, O> = (input: I, next: (input: I) => Promise<O>) => Promise<O>;
  const within =
    <I, O>(call: Call<I, O>): Call<I, O> =>
    (input, next) =>
      hasSpan() ? call(input, next) : next(input);
  const naming =
    <I extends { options: { workflowId: string } }, O>(next: (input: I) => Promise<O>) =>
    (input: I): Promise<O> => {
      noteOrder({ orderId: orderOfWorkflow(input.options.workflowId) });
      return next(input);
    };
  return {
    startWithDetails: (input, next) => traced.startWithDetails(input, naming(next)),
    signalWithStart: (input, next) => traced.signalWithStart(input, naming(next)),
    signal: within(traced.signal.bind(traced)),
    startUpdate: within(traced.startUpdate.bind(traced)),
    startUpdateWithStart: within(traced.startUpdateWithStart.bind(traced)),
    query: within(traced.query.bind(traced)),
    terminate: within(traced.terminate.bind(traced)),
    cancel: within(traced.cancel.bind(traced)),
    describe: within(traced.describe.bind(traced)),
  };
}

/** An activity whose workflow was started without a trace begins none. */
function createActivityInterceptor({
  OpenTelemetryActivityInboundInterceptor: Traced,
}: Package): NonNullable<NonNullable<WorkerOptions['interceptors']>['activity']>[number] {
  return (context) => {
    const traced = new Traced(context);
    const order = { orderId: orderOfWorkflow(context.info.workflowExecution?.workflowId ?? '') };
    return {
      inbound: {
        execute: (input, next) =>
          TRACE_HEADER in input.headers
            ? traced.execute(input, (handedOn) => aboutOrder(order, () => next(handedOn)))
            : next(input),
      },
    };
  };
}
