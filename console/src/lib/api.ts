// How the console speaks with the api: one call, one kind of error. Small on purpose, so that a generated client can take its place.
import { authorization } from '../../../clients/typescript/src/client.ts';
import { decodeProblem, type ProblemBody } from './problem.ts';
import { readKey } from './session.ts';

/** Longer than any answer of the api takes that is not a stream. */
const PATIENCE_MS = 20_000;

/** Who asks is not known, may not, or asks too often. */
const atTheDoor: readonly number[] = [401, 403, 408, 429];

/** A refusal, or no answer at all: then it is not known whether the request was carried out. */
export class ApiError extends Error {
  readonly problem: ProblemBody;
  readonly isUnknown: boolean;

  constructor(problem: ProblemBody, isUnknown: boolean) {
    super(problem.detail);
    this.problem = problem;
    this.isUnknown = isUnknown;
  }

  /** It was looked at, and refused; what is turned away at the door says nothing of a try before it under the same key. */
  get isAnswer(): boolean {
    return !this.isUnknown && !atTheDoor.includes(this.problem.status);
  }
}

export type Request = {
  method?: 'GET' | 'POST' | 'PUT';
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};
export type Answer<T> = { data: T; status: number; headers: Headers };

/** Asks the api; throws an ApiError for everything that is no 2xx. */
export async function ask<T>(
  path: string,
  { method = 'GET', body, headers = {}, signal }: Request = {},
): Promise<Answer<T>> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...authorization(readKey() ?? undefined),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(decodeProblem(0, ''), true);
  }
  if (!response.ok) throw new ApiError(decodeProblem(response.status, text), response.status >= 500);
  return { data: (text === '' ? null : JSON.parse(text)) as T, status: response.status, headers: response.headers };
}

/** Only what was answered. */
export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
  (await ask<T>(path, signal ? { signal } : {})).data;
