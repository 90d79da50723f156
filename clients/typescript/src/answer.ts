import { toError, UnexpectedAnswerError } from './problem.ts';

type Result = { data?: unknown; error?: unknown; response: Response };

/**
 * What a call of the client was answered with. Throws ProblemError where the api refuses, UnreachableError where it does not answer,
 * UnexpectedAnswerError where something else does, and the signal's reason where it was aborted.
 */
export async function answer<R extends Result>(call: Promise<R>): Promise<Extract<R, { error?: never }>['data']> {
  const result = await call.catch((failure: unknown) => {
    // The answer came whole and is no JSON: the client of this api never gets that far with this api.
    if (failure instanceof SyntaxError)
      throw new UnexpectedAnswerError('What answers there is not this api: it sends no JSON', { cause: failure });
    throw failure;
  });
  if (result.response.ok) return result.data;
  throw toError(result.response, result.error);
}
