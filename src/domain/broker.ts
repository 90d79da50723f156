// Events to a message broker: which of them may be under way together, and how far that was.

type Told = { orderId: string; position: number };

/**
 * Events in the order of the feed, in waves: of an order one in each. Only when the broker has confirmed a wave is the next published. A
 * broker may refuse one message and take the one behind it: what was refused would come again behind its successor, and whoever removes
 * what came twice by comparing sequences would take it for old.
 */
export function wavesOf<T extends { orderId: string }>(events: readonly T[]): T[][] {
  const waves: T[][] = [];
  const places = new Map<string, number>();
  for (const event of events) {
    const place = places.get(event.orderId) ?? 0;
    places.set(event.orderId, place + 1);
    (waves[place] ??= []).push(event);
  }
  return waves;
}

/** The position up to which everything is confirmed: `after` (where it began) when not even the first is, `last` when there was none. */
export function confirmedThrough({
  after,
  last,
  events,
  confirmed,
}: {
  after: number;
  last: number;
  events: readonly Told[];
  confirmed: ReadonlySet<Told>;
}): number {
  if (events.length === 0) return last;
  let through = after;
  for (const event of events) {
    if (!confirmed.has(event)) break;
    through = event.position;
  }
  return through;
}
