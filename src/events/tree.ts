// What led to what, of one order. A command that came later acts on the order that was placed: it hangs below that.
import type { EventEnvelope } from '../contracts/events.ts';
import { EventType } from '../contracts/events.ts';
import { COMMAND } from './causes.ts';

/** `cause`: the id of an event, or a command. */
export type CauseTree = { cause: string; event: EventEnvelope | null; children: readonly CauseTree[] };

/**
 * The tree of an order's events (all of them), below the command that placed it; `apart`: events whose cause is none of the order's, which
 * is a mistake of ours. Null before anything happened.
 */
export function treeOf(events: readonly EventEnvelope[]): { root: CauseTree; apart: readonly EventEnvelope[] } | null {
  const [placed] = events;
  const rootId = placed?.metadata.causationId;
  if (!placed || typeof rootId !== 'string' || placed.eventType !== EventType.orderPlaced) return null;
  const below = new Map<string, EventEnvelope[]>();
  for (const event of events) {
    const cause = event.metadata.causationId ?? '';
    below.set(cause, [...(below.get(cause) ?? []), event]);
  }
  const reached = new Set<EventEnvelope>();
  const draw = (cause: string, event: EventEnvelope | null): CauseTree => {
    if (event) reached.add(event);
    // An event is only ever caused by an earlier one: whoever says otherwise would be drawn for ever.
    const effects = (below.get(cause) ?? []).filter((effect) => !event || effect.sequence > event.sequence);
    const commands = event === placed ? [...below.keys()].filter((id) => id.startsWith(COMMAND) && id !== rootId) : [];
    return {
      cause,
      event,
      children: [...effects.map((effect) => draw(effect.eventId, effect)), ...commands.map((id) => draw(id, null))],
    };
  };
  const root = draw(rootId, null);
  return { root, apart: events.filter((event) => !reached.has(event)) };
}
