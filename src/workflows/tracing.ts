// Carries the trace that a workflow was started under on to what it does. What must stay true: it adds no command and not one turn of
// the microtask queue, so that histories recorded with traces and without replay in both (the SDK's own interceptors do add turns, and
// break them: docs/decisions/0029-traces.md); hence no `async` and no `await` here, and every promise is handed on as it is.
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  ContinueAsNew,
  isCancellation,
  proxySinks,
  workflowInfo,
  type WorkflowExecuteInput,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import type { OrderInput } from '../contracts/process-order.ts';
import {
  readTraceparent,
  spanIdOfRun,
  TRACE_HEADER,
  writeTraceparent,
  type EndedRun,
  type TraceCarrier,
  type TracePoint,
  type TraceSinks,
} from '../contracts/traces.ts';

/** Found by this name in the bundle's interceptor modules, and called for each workflow. */
export const interceptors = (): WorkflowInterceptors => {
  const { traces } = proxySinks<TraceSinks>();
  let sent: Headers = {};
  const under = <T extends { headers: Headers }>(input: T): T => ({ ...input, headers: { ...input.headers, ...sent } });

  return {
    inbound: [
      {
        execute: (input, next) => {
          const parent = readTraceparent(carrierOf(input.headers)?.traceparent);
          if (!parent) return next(input);
          const { runId } = workflowInfo();
          sent = headersOf({ ...parent, spanId: spanIdOfRun(runId) });
          const tell = (outcome: EndedRun['outcome']): void =>
            traces.runEnded({ traceparent: writeTraceparent(parent), outcome, correlationId: correlationIdOf(input) });
          const result = next(input);
          // Beside the result, which nobody gets any later for it.
          void result.then(
            () => tell('completed'),
            (error: unknown) => tell(outcomeOf(error)),
          );
          return result;
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(under(input)),
        scheduleLocalActivity: (input, next) => next(under(input)),
        startChildWorkflowExecution: (input, next) => next(under(input)),
        signalWorkflow: (input, next) => next(under(input)),
        continueAsNew: (input, next) => next(under(input)),
      },
    ],
  };
};

function outcomeOf(error: unknown): EndedRun['outcome'] {
  if (error instanceof ContinueAsNew) return 'continued';
  return isCancellation(error) ? 'cancelled' : 'failed';
}

/** Somebody else's header is none of ours: the workflow goes on without a trace. */
function carrierOf(headers: Headers): TraceCarrier | null {
  const payload = headers[TRACE_HEADER];
  if (payload === undefined) return null;
  try {
    return defaultPayloadConverter.fromPayload<TraceCarrier | null>(payload);
  } catch {
    return null;
  }
}

const headersOf = (point: TracePoint): Headers => ({
  [TRACE_HEADER]: defaultPayloadConverter.toPayload({ traceparent: writeTraceparent(point) } satisfies TraceCarrier),
});

/** Only an order's own workflow is told it. */
function correlationIdOf({ args }: WorkflowExecuteInput): string | null {
  const [input] = args as [Pick<OrderInput, 'record'> | undefined];
  return input?.record?.correlationId ?? null;
}
