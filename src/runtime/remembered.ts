import { within } from './deadline.ts';

/**
 * A reading that is asked for often: done at most once in `freshMs`, by one at a time, and waited for no longer than `withinMs`.
 * Null when it fails or takes too long: not known, which is not nothing.
 */
export function remember<T>(
  read: () => Promise<T>,
  { freshMs, withinMs }: { freshMs: number; withinMs: number },
): () => Promise<T | null> {
  let last: { reading: Promise<T | null>; endedAt: number | null } | null = null;
  return () => {
    // One that hangs is waited for, never doubled.
    if (!last || (last.endedAt !== null && performance.now() - last.endedAt >= freshMs)) {
      const begun: NonNullable<typeof last> = { reading: Promise.resolve(null), endedAt: null };
      begun.reading = Promise.resolve()
        .then(read)
        .catch(() => null)
        .finally(() => (begun.endedAt = performance.now()));
      last = begun;
    }
    return within(withinMs, last.reading).catch(() => null);
  };
}
