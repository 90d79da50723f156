// Which cells a run has, and in which order. Pure.
import { cellName, studies, type Cell, type Load, type Study, type Variant } from './cell.ts';

export type Plan = { cells: readonly Cell[]; studies: readonly Study[] };

const PROVIDER_DELAY_MS = 150;
const CONCURRENCIES = [1, 16, 64];
/** Below what `naive` bears on two cores: what is overloaded measures its backlog. */
const ARRIVALS_PER_SECOND = 20;
/** The one that bars are about; at others only what bounds it stands beside `ours`, so that a run takes half an hour. */
const MAIN_CONCURRENCY = 16;

const across = (of: readonly Variant[], load: Load, providerDelayMs = 0): Cell[] =>
  of.map((variant) => ({ variant, load, providerDelayMs }));

export const fullPlan: Plan = {
  cells: [
    ...CONCURRENCIES.flatMap((concurrency) =>
      across(concurrency === MAIN_CONCURRENCY ? ['floor', 'accept', 'naive', 'ours'] : ['floor', 'ours'], {
        kind: 'accept',
        concurrency,
      }),
    ),
    ...CONCURRENCIES.flatMap((concurrency) => across(['empty', 'naive', 'ours'], { kind: 'life', concurrency })),
    ...across(['naive', 'ours'], { kind: 'life', concurrency: MAIN_CONCURRENCY }, PROVIDER_DELAY_MS),
    ...across(['naive', 'ours'], { kind: 'open', perSecond: ARRIVALS_PER_SECOND }),
  ],
  studies,
};

/**
 * The cells and studies whose name is one of those given, or begins with it and a slash (`life`, `life/ours`, `memory`); `*` stands for
 * any part (`life/*` + `/c16`). Answers with those that name nothing, too.
 */
export function choose(plan: Plan, wanted: readonly string[]): Plan & { unknown: readonly string[] } {
  const fits = (name: string): boolean => wanted.some((pattern) => matches(pattern, name));
  const names = [...plan.cells.map(cellName), ...plan.studies];
  return {
    cells: plan.cells.filter((cell) => fits(cellName(cell))),
    studies: plan.studies.filter(fits),
    unknown: wanted.filter((pattern) => !names.some((name) => matches(pattern, name))),
  };
}

function matches(pattern: string, name: string): boolean {
  const parts = name.split('/');
  return pattern.split('/').every((part, index) => (part === '*' ? index < parts.length : part === parts[index]));
}

/**
 * Every cell once in each repeat, each repeat beginning a share of them later: none is always the first on a fresh server, or always
 * behind the same one.
 */
export function rotated<T>(cells: readonly T[], repeats: number): { cell: T; repeat: number }[] {
  return Array.from({ length: repeats }, (_, repeat) => {
    const from = Math.floor((repeat * cells.length) / repeats);
    return [...cells.slice(from), ...cells.slice(0, from)].map((cell) => ({ cell, repeat }));
  }).flat();
}
