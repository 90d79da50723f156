// What went wrong, as one sentence for a person, what to do about it, and the exit code for a script.
import { ProblemError, UnexpectedAnswerError, UnreachableError } from '#client';
import { ConfigurationError } from '../runtime/config.ts';
import { UnknownOutcome } from './ask.ts';
import { Exit } from './exit-codes.ts';
import { Interrupted, UsageError } from './io.ts';
import { clean } from './output.ts';

export type Failure = { lines: string[]; exit: Exit };

/** Never throws; what nobody has thought of is told as it is. */
export function explainFailure(error: unknown): Failure {
  if (error instanceof UnknownOutcome) {
    const { lines, exit } = explainFailure(error.cause);
    return {
      lines: [...lines, `It may have been done all the same. The same command with ${error.again} is done once.`],
      exit,
    };
  }
  if (error instanceof ProblemError) return explainProblem(error);
  if (error instanceof UnreachableError)
    return {
      lines: [error.message, 'Is it the right address (--url)? orders doctor looks closer.'],
      exit: Exit.unavailable,
    };
  if (error instanceof UnexpectedAnswerError)
    return { lines: [error.message, 'orders doctor says what is there.'], exit: Exit.unavailable };
  if (error instanceof UsageError || error instanceof ConfigurationError)
    return { lines: [error.message], exit: Exit.usage };
  if (error instanceof Interrupted) return { lines: ['Interrupted.'], exit: Exit.interrupted };
  return { lines: [error instanceof Error ? error.message : String(error)], exit: Exit.failed };
}

function explainProblem(problem: ProblemError): Failure {
  const { status, slug, title, detail, errors, retryAfterMs } = problem;
  const fields = errors.map(({ pointer, message }) => clean(`  ${pointer || '/'}: ${message}`));
  const advice = adviceOf(slug, retryAfterMs);
  return {
    lines: [clean(`${title}: ${detail} (${slug})`), ...fields, ...(advice ? [advice] : [])],
    exit: status === 404 ? Exit.notFound : status >= 500 || status === 429 ? Exit.unavailable : Exit.refused,
  };
}

const advices: Record<string, string> = {
  'missing-api-key': 'Give a key: orders setup, ORDERS_API_KEY, or --api-key-file.',
  'invalid-api-key': 'The key is wrong or revoked: orders setup writes another one down.',
  'insufficient-scope': 'Use a key that may do it: orders keys create makes one.',
  'idempotency-key-reused': 'Leave out --key to ask for something new.',
  'order-changed': 'Look at the order again (orders get), then decide.',
  'database-behind': 'Nothing may be changed before npm run recover was run (docs/operations.md).',
};

function adviceOf(slug: string, retryAfterMs: number | null): string | null {
  const advice = advices[slug];
  if (advice) return advice;
  return retryAfterMs === null ? null : `Try again in ${Math.ceil(retryAfterMs / 1_000)} s.`;
}
