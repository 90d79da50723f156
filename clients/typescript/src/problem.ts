import type { Problem } from './shapes.ts';

export type FieldError = NonNullable<Problem['errors']>[number];
type WithoutPath<T> = T extends `/problems/${infer Slug}` ? Slug : never;
/** The problems that the api knows; a later one may answer with others. */
export type ProblemSlug = WithoutPath<Problem['type']>;

/** The api refuses, and says why (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly status: number;
  readonly type: string;
  /** The last part of `type`: what to decide on. */
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
  /** Which fields are not right, by JSON pointer. */
  readonly errors: readonly FieldError[];
  /** When to ask again at the earliest, where the answer says so. */
  readonly retryAfterMs: number | null;

  constructor(problem: Omit<Problem, 'type'> & { type: string }, { retryAfterMs }: { retryAfterMs: number | null }) {
    super(`${problem.title}: ${problem.detail}`);
    this.status = problem.status;
    this.type = problem.type;
    this.slug = problem.type.replace(/^.*\//, '');
    this.title = problem.title;
    this.detail = problem.detail;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer came: the connection could not be made or broke, or it took too long. What was asked for may have been done. */
export class UnreachableError extends Error {
  override readonly name = 'UnreachableError';
  /** How often it was tried. */
  readonly attempts: number;

  constructor(message: string, { attempts, cause }: { attempts: number; cause: unknown }) {
    super(message, { cause });
    this.attempts = attempts;
  }
}

/** Something answered that is not this api: a proxy, or another program. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError';
  readonly status: number | null;

  constructor(message: string, { status = null, cause }: { status?: number | null; cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

/** Whether it is one of these problems; any of them when none is named. */
export function isProblem(error: unknown, ...slugs: readonly ProblemSlug[]): error is ProblemError {
  if (!(error instanceof ProblemError)) return false;
  return slugs.length === 0 || (slugs as readonly string[]).includes(error.slug);
}

/** What a body that is no success says, as an error. */
export function toError(response: Response, body: unknown): ProblemError | UnexpectedAnswerError {
  if (isProblemBody(body)) return new ProblemError(body, { retryAfterMs: retryAfterMs(response) });
  return new UnexpectedAnswerError(`${response.url} answers ${response.status} without a problem of this api`, {
    status: response.status,
  });
}

function isProblemBody(body: unknown): body is Problem {
  if (typeof body !== 'object' || body === null) return false;
  const { type, title, status, detail } = body as Record<string, unknown>;
  return (
    typeof type === 'string' && typeof title === 'string' && typeof status === 'number' && typeof detail === 'string'
  );
}

/** Retry-After in both its forms; null without one that can be read. */
export function retryAfterMs(response: Response, now = Date.now()): number | null {
  const text = response.headers.get('Retry-After')?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
