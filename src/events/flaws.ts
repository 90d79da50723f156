// Whether an event says exactly what was published of its type and version. For tests and `verify`: in production an event is never held
// back for its form, since what it tells has happened.
import { z } from 'zod';
import type { EventDefinition } from './definition.ts';
import { registry } from './registry.ts';

/** What is wrong with the data of an event, in a line each; none where it is as published. Fields that are not known are wrong as well. */
export function flawsOf(
  { eventType, eventVersion, data }: { eventType: string; eventVersion: number; data: unknown },
  definitions: Readonly<Record<string, EventDefinition>> = registry,
): readonly string[] {
  const version = definitions[eventType]?.versions[eventVersion - 1];
  if (!version) return [`${eventType} has no version ${eventVersion}`];
  const { error } = version.data.safeParse(data);
  return error ? [`${eventType} v${eventVersion}: ${z.prettifyError(error)}`] : [];
}
