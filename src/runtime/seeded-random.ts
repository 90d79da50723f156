/** Random choices that a seed repeats: the same seed, asked the same questions in the same order, answers the same. */
export type SeededRandom = {
  /** From 0 (inclusive) to 1 (exclusive). */
  fraction: () => number;
  /** A whole number between both bounds, inclusive. */
  between: (least: number, most: number) => number;
  chance: (probability: number) => boolean;
  /** Throws when there is nothing to pick from. */
  pick: <T>(items: readonly T[]) => T;
  shuffled: <T>(items: readonly T[]) => T[];
};

export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  // Mulberry32: small, and good enough to spread faults.
  const fraction = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    fraction,
    between: (least, most) => least + Math.floor(fraction() * (most - least + 1)),
    chance: (probability) => fraction() < probability,
    pick: <T>(items: readonly T[]) => {
      const index = Math.floor(fraction() * items.length);
      if (index >= items.length) throw new Error('Expected something to pick from; found nothing');
      return items[index] as T;
    },
    shuffled: <T>(items: readonly T[]) =>
      items
        .map((item) => ({ item, key: fraction() }))
        .sort((one, other) => one.key - other.key)
        .map(({ item }) => item),
  };
}
