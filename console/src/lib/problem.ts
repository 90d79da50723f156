// What went wrong, in words that say what to do.

export type ProblemBody = {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: { pointer: string; message: string }[];
};

/** The problem in an answer; one of our own words where there is none to read. `status` 0: no answer came. */
export function decodeProblem(status: number, text: string): ProblemBody {
  try {
    const body = JSON.parse(text) as Partial<ProblemBody>;
    if (typeof body.title === 'string' && typeof body.detail === 'string')
      return { type: body.type ?? 'about:blank', title: body.title, status, detail: body.detail, ...errorsOf(body) };
  } catch {
    // A proxy, or nobody, has answered.
  }
  return {
    type: 'about:blank',
    title: status === 0 ? 'No answer came' : `The answer was ${status}`,
    status,
    detail: status === 0 ? 'The service can not be reached, or takes too long.' : 'It says nothing that can be read.',
  };
}

const errorsOf = ({ errors }: Partial<ProblemBody>): Pick<ProblemBody, 'errors'> =>
  Array.isArray(errors) ? { errors } : {};

/** What somebody can do about it now. */
export function adviceOf({ status, type }: ProblemBody): string | null {
  if (status === 0 || status >= 500)
    return 'Try again: the same request is carried out once, however often it is sent.';
  if (status === 401) return 'Give another key: “Key” is above.';
  if (status === 403) return 'Ask for a key with that scope, or have somebody do it who has one.';
  if (status === 412 || type.endsWith('/resolution-count-differs') || type.endsWith('/parking-differs'))
    return 'It has moved on: look at it again, then decide.';
  if (status === 429) return 'Wait a moment, then try again.';
  return null;
}

/** The message about one field, by the pointer of the field or of anything in it. */
export const errorAt = (problem: ProblemBody | null, pointer: string): string | null =>
  problem?.errors?.find((error) => error.pointer === pointer || error.pointer.startsWith(`${pointer}/`))?.message ??
  null;
