import { answer, newKey, ProblemError, UnexpectedAnswerError, UnreachableError } from '#client';
import { Interrupted } from './io.ts';
import type { Session } from './session.ts';

/** `text` is the body as the api has sent it, for `-o json`. */
export type Answered<T> = { text: string; body: T };

/** Asks with `parseAs: 'text'`, so that what is printed is what came. */
export async function ask<T>(
  call: Promise<{ data?: string; error?: unknown; response: Response }>,
): Promise<Answered<T>> {
  // Nothing comes with a 204.
  const text = ((await answer(call)) as string | undefined) ?? '';
  try {
    return { text, body: (text === '' ? null : JSON.parse(text)) as T };
  } catch (cause) {
    throw new UnexpectedAnswerError('What answers there is not this api: it sends no JSON', { cause });
  }
}

export type KeyOptions = { key?: string; printKey?: boolean };

/** Whether what was asked for was done is not known; the same command under the same key finds out, and does it once. */
export class UnknownOutcome extends Error {
  override readonly name = 'UnknownOutcome';
  readonly again: string;

  constructor(again: string, cause: unknown) {
    super('Whether it was done is not known', { cause });
    this.again = again;
  }
}

/**
 * Does it under one key, made once and kept over all tries. `more`: what a repeat has to say besides, because it belongs to the request
 * that the key names.
 */
export async function withKey<T>(
  { io }: Session,
  { key = newKey(), printKey = false }: KeyOptions,
  work: (header: { 'idempotency-key': string }) => Promise<T>,
  more = '',
): Promise<T> {
  if (printKey) io.say(`Idempotency-Key: ${key}`);
  try {
    return await work({ 'idempotency-key': key });
  } catch (error) {
    throw isUnknown(error) ? new UnknownOutcome(`--key ${key}${more}`, error) : error;
  }
}

function isUnknown(error: unknown): boolean {
  if (error instanceof ProblemError) return error.status >= 500;
  if (error instanceof UnexpectedAnswerError) return (error.status ?? 0) >= 500;
  return error instanceof UnreachableError || error instanceof Interrupted;
}
