// How long orders stood still: pure, over events and the times in which something was broken.
import type { EventRow } from './witnesses.ts';

export type Span = { from: number; to: number };
export type Stall = { orderId: string; after: string; before: string; standingMs: number; unbrokenMs: number };

/**
 * The longest pause between two events of an order, and the longest of those counted without the time in which a fault was
 * under way. Parked orders wait for a person, not for us: the time until they are resumed is left out.
 */
export function worstStalls(
  events: readonly EventRow[],
  broken: readonly Span[],
): { longest: Stall | null; longestUnbroken: Stall | null } {
  const spans = merge(broken);
  const stalls = events.flatMap((event, index) => {
    const next = events[index + 1];
    if (next?.orderId !== event.orderId || event.type === 'order.parked') return [];
    const standingMs = next.at - event.at;
    const unbrokenMs = standingMs - overlap({ from: event.at, to: next.at }, spans);
    return [{ orderId: event.orderId, after: event.type, before: next.type, standingMs, unbrokenMs }];
  });
  return {
    longest: largest(stalls, ({ standingMs }) => standingMs),
    longestUnbroken: largest(stalls, ({ unbrokenMs }) => unbrokenMs),
  };
}

function largest(stalls: readonly Stall[], size: (stall: Stall) => number): Stall | null {
  let worst: Stall | null = null;
  for (const stall of stalls) if (!worst || size(stall) > size(worst)) worst = stall;
  return worst;
}

/** The same time, as spans that do not overlap. */
function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) merged.splice(-1, 1, { from: last.from, to: Math.max(last.to, span.to) });
    else merged.push(span);
  }
  return merged;
}

const overlap = ({ from, to }: Span, spans: readonly Span[]): number =>
  spans.reduce((sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)), 0);
