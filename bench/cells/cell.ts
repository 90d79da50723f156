// What is measured: one variant under one load. Pure.

export const variants = ['floor', 'accept', 'empty', 'naive', 'ours'] as const;
export type Variant = (typeof variants)[number];

/**
 * `accept`: whoever asks, asks again once the order is accepted. `life`: once it is confirmed (an `empty` workflow: done). `open`:
 * orders come at a rate, whether or not those before are answered.
 */
export type Load = { kind: 'accept' | 'life'; concurrency: number } | { kind: 'open'; perSecond: number };

export type Cell = { variant: Variant; load: Load; providerDelayMs: number };

/** For example `life/ours/c16`, `open/naive/20ps`, `life/ours/c16/150ms`. */
export const cellName = ({ variant, load, providerDelayMs }: Cell): string =>
  [
    load.kind,
    variant,
    load.kind === 'open' ? `${load.perSecond}ps` : `c${load.concurrency}`,
    ...(providerDelayMs > 0 ? [`${providerDelayMs}ms`] : []),
  ].join('/');

/** Measured once in a run, each in its own way. */
export const studies = ['counted', 'starts', 'memory', 'outage'] as const;
export type Study = (typeof studies)[number];
