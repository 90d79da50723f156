import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { Logger } from '../../runtime/logger.ts';
import { orderIn } from '../about-order.ts';
import { Problem, problemBody, problems, RETRY_SOON } from './problems.ts';

/** Answers what no route took. */
export const nothingHere: RequestHandler = () => {
  throw new Problem('not-found', 'No route has this path');
};

/** Turns whatever was thrown into a problem. Nothing internal is ever shown: a 5xx is told in full to the log only. */
export function answerErrors({ logger }: { logger: Logger }): ErrorRequestHandler {
  // Express knows a handler of errors by its four parameters.
  return (error: unknown, req, res, _next) => {
    const problem = toProblem(error);
    const [status] = problems[problem.slug];
    if (status >= 500)
      logger.error({ err: error, method: req.method, problem: problem.slug, ...orderIn(res) }, 'a request failed');
    // An answer that has begun (a stream) can only be cut off; Express would print the stack beside our log as well.
    if (res.headersSent) return void res.destroy();
    sendProblem(res, problem);
  };
}

/** Writes the problem as the whole answer. */
export function sendProblem(res: Response, problem: Problem): void {
  const body = problemBody(problem.slug, problem.message, problem.errors);
  res.status(body.status).set(problem.headers).type('application/problem+json').send(JSON.stringify(body));
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  // First: a client that goes away in the middle of its body is an ECONNABORTED too.
  if (isHttpError(error)) return fromExpress(error);
  if (isDatabaseAway(error))
    return new Problem('service-unavailable', 'The database does not answer', { headers: RETRY_SOON });
  return new Problem('internal-error', 'The request failed; it is safe to repeat it with the same Idempotency-Key');
}

// What Express and its parsers throw (http-errors): too large, broken encoding, aborted, malformed URI.
function fromExpress(error: { status: number; type?: string }): Problem {
  if (error.status === 413) return new Problem('body-too-large', 'A body may have at most 64 KiB');
  if (error.status === 415) return new Problem('unsupported-media-type', 'Send application/json, not compressed');
  return new Problem('malformed-request', 'The path or the body can not be decoded');
}

const isHttpError = (error: unknown): error is { status: number; type?: string } =>
  error instanceof Error &&
  'status' in error &&
  typeof error.status === 'number' &&
  error.status >= 400 &&
  error.status < 500;

// Classes of SQLSTATE that say the server, not the statement: connection, resources, operator intervention, lock timeout.
const awayStates = /^(08|53|57|58|55P03|25P03)/;
const awayMessages = /timeout|terminated|ECONN|EPIPE|ENOTFOUND|EHOSTUNREACH|connection|socket/i;

function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (awayStates.test(code) || /^(ECONN|EPIPE|ENOTFOUND|EHOST|ETIMEDOUT|EAI_)/.test(code)) return true;
  // The driver's own timeouts carry no code.
  return code === '' && error.name !== 'TypeError' && awayMessages.test(error.message);
}
