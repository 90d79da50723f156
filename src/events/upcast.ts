// Reading yields the newest version of what was written, whenever that was. What must stay true: reading never fails on one event, or it
// would take the whole feed down with it.
import type { EventEnvelope } from '../contracts/events.ts';
import type { EventDefinition } from './definition.ts';
import { registry } from './registry.ts';

type Definitions = Readonly<Record<string, EventDefinition>>;

/**
 * The event with the newest version of its data. What can not be brought there keeps its version as it was written: that is published as
 * well, and whoever reads it sees which one it is. So does an event that a newer process has written.
 */
export function upcast(event: EventEnvelope, definitions: Definitions = registry): EventEnvelope {
  const later = definitions[event.eventType]?.versions.slice(event.eventVersion) ?? [];
  if (later.length === 0) return event;
  try {
    const data = later.reduce<EventEnvelope['data']>(
      (older, version) => (version.upcast ? { ...version.upcast(older) } : older),
      event.data,
    );
    return { ...event, eventVersion: event.eventVersion + later.length, data };
  } catch {
    return event;
  }
}
