// What may be changed of a version that was published. What must stay true: whoever was promised a field gets it as it was promised, and
// every event that was ever written fits: so a version may only be described better, or get a field that is not always there.
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from './json-schema.ts';

/** These say nothing about an event. */
const annotations: readonly string[] = ['$schema', '$id', '$comment', 'title', 'description', 'examples'];

/** What a change of a published schema breaks, in a line each; none where it may be made. */
export function breakagesOf(published: JsonSchema, current: JsonSchema, path = ''): readonly string[] {
  const keywords = new Set([...Object.keys(published), ...Object.keys(current)]);
  return [...keywords].flatMap((keyword) => {
    const [before, now] = [published[keyword], current[keyword]];
    if (annotations.includes(keyword) || isDeepStrictEqual(before, now)) return [];
    if (keyword === 'properties' && isSchema(before) && isSchema(now)) return breakagesOfFields(before, now, path);
    if (keyword === 'required') return breakagesOfPresence(textsOf(before), textsOf(now), published, path);
    if (keyword === 'items' && isSchema(before) && isSchema(now)) return breakagesOf(before, now, `${path}[]`);
    if (keyword === 'anyOf' && Array.isArray(before) && Array.isArray(now) && before.length === now.length)
      return before.flatMap((one, index) => breakagesOf(one as JsonSchema, now[index] as JsonSchema, path));
    return [`${path || '(all)'}: ${keyword} was ${say(before)}, is ${say(now)}`];
  });
}

function breakagesOfFields(before: JsonSchema, now: JsonSchema, path: string): readonly string[] {
  return Object.entries(before).flatMap(([name, field]) => {
    const place = path === '' ? name : `${path}.${name}`;
    const kept = now[name];
    return isSchema(kept)
      ? breakagesOf(field as JsonSchema, kept, place)
      : [`${place}: was there, and is not any more`];
  });
}

/** A field that is new can not be required: what was written before lacks it. */
function breakagesOfPresence(
  before: readonly string[],
  now: readonly string[],
  published: JsonSchema,
  path: string,
): readonly string[] {
  const place = (name: string): string => (path === '' ? name : `${path}.${name}`);
  const known = isSchema(published['properties']) ? Object.keys(published['properties']) : [];
  return [
    ...before
      .filter((name) => !now.includes(name))
      .map((name) => `${place(name)}: was always there, and need not be any more`),
    ...now
      .filter((name) => !before.includes(name))
      .map((name) =>
        known.includes(name)
          ? `${place(name)}: was not always there, and must be now`
          : `${place(name)}: is new, and required: what was written before lacks it`,
      ),
  ];
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const say = (value: unknown): string => (value === undefined ? 'not said' : JSON.stringify(value));
