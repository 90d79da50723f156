// How the data of an event is described, and how that may change. What must stay true: what was published of a version is never changed but by
// optional fields; anything else is a version of its own, with the way from the one before it.
import type { z } from 'zod';

export type EventData = Readonly<Record<string, unknown>>;

/** The first version of an event's data, or a later one with the way to it. `upcast` is pure, and gets data of the version before. */
export type FirstVersion = { data: z.ZodObject; upcast?: never };
export type LaterVersion = { data: z.ZodObject; upcast: (data: EventData) => EventData };

/** `about`: one sentence for its readers. Versions count from 1; the last is what is written. */
export type EventDefinition = { about: string; versions: readonly [FirstVersion, ...LaterVersion[]] };

/** An event that has had one version so far. */
export const event = <T extends z.ZodObject>(
  about: string,
  data: T,
): { about: string; versions: readonly [{ data: T }] } => ({
  about,
  versions: [{ data }],
});

export const newestOf = ({ versions }: EventDefinition): number => versions.length;
