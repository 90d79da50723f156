// What a run says. Pure.
import type { Cell } from '../cells/cell.ts';
import type { CellResult } from '../cells/run-cell.ts';
import type { Counted, Memory, Outage, Starts } from '../cells/studies.ts';
import { median, spreadOf, type Spread } from '../statistics.ts';

/** All repeats of a cell. Void ones give no figure. */
export type CellSummary = {
  name: string;
  cell: Cell;
  repeats: number;
  voids: number;
  /** The rules that void repeats broke, with how often and by what. */
  broken: readonly string[];
  orders: number;
  refused: number;
  acceptedPerSecond: Spread | null;
  confirmedPerSecond: Spread | null;
  acceptP50Ms: Spread | null;
  acceptP99Ms: Spread | null;
  lifeP50Ms: Spread | null;
  lifeP99Ms: Spread | null;
  historyEvents: number | null;
  /** For each order; medians. */
  cpuMs: Readonly<Record<string, number>>;
  costs: Readonly<Record<CostName, number | null>>;
};

export const costNames = ['writes', 'commits', 'walBytes', 'temporalWrites', 'temporalWalBytes', 'grpcCalls'] as const;
export type CostName = (typeof costNames)[number];

export type Machine = { cpus: number; model: string; memoryMb: number; platform: string };
export type RunFacts = {
  date: string;
  command: string;
  commit: string | null;
  machine: Machine;
  versions: Readonly<Record<string, string>>;
  /** Seconds and repeats, as they were asked for. */
  timing: Readonly<Record<string, number>>;
  /** The load of the machine by others when the run began. */
  loadBefore: number;
};

export type Report = {
  run: RunFacts;
  cells: readonly CellSummary[];
  counted: Counted | null;
  starts: Starts | null;
  memory: Memory | null;
  outage: Outage | null;
};

export function summarise(results: readonly CellResult[]): CellSummary[] {
  const names = [...new Set(results.map(({ name }) => name))];
  return names.flatMap((name) => {
    const repeats = results.filter((result) => result.name === name);
    const [first] = repeats;
    return first ? [summaryOf(first, repeats)] : [];
  });
}

function summaryOf({ name, cell }: CellResult, repeats: readonly CellResult[]): CellSummary {
  const sound = repeats.filter(({ broken }) => broken.length === 0);
  const spread = (figure: (one: CellResult) => number | null | undefined): Spread | null => {
    const found = sound.flatMap((one) => figure(one) ?? []);
    return found.length === 0 ? null : spreadOf(found);
  };
  const processes = [...new Set(sound.flatMap(({ costs }) => Object.keys(costs.cpuMs)))];
  const cpuOf = (process: string): number | null => middle(sound.map(({ costs }) => costs.cpuMs[process] ?? null));
  return {
    ...{ name, cell, repeats: repeats.length, voids: repeats.length - sound.length },
    broken: [...new Set(repeats.flatMap(({ broken }) => broken.map(({ rule, count }) => `${rule} (${count})`)))],
    orders: sound.reduce((sum, { orders }) => sum + orders, 0),
    refused: repeats.reduce((sum, { refused }) => sum + refused.count, 0),
    acceptedPerSecond: spread((one) => one.acceptedPerSecond),
    confirmedPerSecond: spread((one) => one.confirmedPerSecond),
    acceptP50Ms: spread((one) => one.acceptMs?.p50),
    acceptP99Ms: spread((one) => one.acceptMs?.p99),
    lifeP50Ms: spread((one) => one.lifeMs?.p50),
    lifeP99Ms: spread((one) => one.lifeMs?.p99),
    historyEvents: middle(sound.map(({ historyEvents }) => historyEvents)),
    cpuMs: Object.fromEntries(processes.flatMap((process) => entryOf(process, cpuOf(process)))),
    costs: Object.fromEntries(costNames.map((cost) => [cost, middle(sound.map(({ costs }) => costs[cost]))])) as Record<
      CostName,
      number | null
    >,
  };
}

const entryOf = (name: string, value: number | null): [string, number][] => (value === null ? [] : [[name, value]]);

function middle(values: readonly (number | null)[]): number | null {
  const known = values.flatMap((value) => value ?? []);
  return known.length === 0 ? null : median(known);
}
