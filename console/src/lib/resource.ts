// Something that is read of the api for a page: what was read, or why not; read again when it is asked for.
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { decodeProblem, type ProblemBody } from './problem.ts';

export type Resource<T> = {
  /** The last that was read; stays while it is read again. */
  data: T | null;
  problem: ProblemBody | null;
  isLoading: boolean;
  reload: () => void;
};

export const problemOf = (error: unknown): ProblemBody =>
  error instanceof ApiError
    ? error.problem
    : { ...decodeProblem(0, ''), title: 'The console failed', detail: String(error) };

/** Reads when the page comes up, when `name` changes, and on `reload`. The answer to an older question is dropped. */
export function useResource<T>(name: string, read: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ name: string; data: T | null; problem: ProblemBody | null; isLoading: boolean }>(
    {
      ...{ name, data: null, problem: null, isLoading: true },
    },
  );
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const cancel = new AbortController();
    setState((was) => ({ name, data: was.name === name ? was.data : null, problem: null, isLoading: true }));
    latest.current(cancel.signal).then(
      (data) => cancel.signal.aborted || setState({ name, data, problem: null, isLoading: false }),
      (error: unknown) =>
        cancel.signal.aborted ||
        setState((was) => ({ name, data: was.data, problem: problemOf(error), isLoading: false })),
    );
    return () => cancel.abort();
  }, [name, turn]);
  const reload = useCallback(() => setTurn((was) => was + 1), []);
  return { data: state.data, problem: state.problem, isLoading: state.isLoading, reload };
}

/** Calls at most once in `everyMs`, the last call always. */
export function useCalm(call: () => void, everyMs: number): () => void {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  return useCallback(() => {
    timer.current ??= setTimeout(() => {
      timer.current = null;
      latest.current();
    }, everyMs);
  }, [everyMs]);
}
