// What does not fit is looked at again before it is called broken: between the provider's effect and our row lies an instant, and nobody is
// to be frightened by it.

/** Looks in a row in which the same thing did not fit. */
export const LOOKS = 3;
/** As many stay in view until they fit again. */
const MOST = 100;

export type Verdict = { broken: string[]; suspected: string[] };
export type Suspicions = {
  /** Of those that were looked at: which do not fit. What was not looked at keeps its place. */
  judge: (misfits: readonly string[], wasLookedAt: (subject: string) => boolean) => Verdict;
  subjects: () => string[];
};

export function createSuspicions(): Suspicions {
  const seen = new Map<string, number>();
  return {
    judge: (misfits, wasLookedAt) => {
      const now = new Set(misfits);
      for (const subject of seen.keys()) if (wasLookedAt(subject) && !now.has(subject)) seen.delete(subject);
      for (const subject of now)
        if (seen.has(subject) || seen.size < MOST) seen.set(subject, (seen.get(subject) ?? 0) + 1);
      const all = [...seen];
      return {
        broken: all.filter(([, looks]) => looks >= LOOKS).map(([subject]) => subject),
        suspected: all.filter(([, looks]) => looks < LOOKS).map(([subject]) => subject),
      };
    },
    subjects: () => [...seen.keys()],
  };
}
