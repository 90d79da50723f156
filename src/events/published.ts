// The published versions, as files of the repository, beside what the code says. A file is what somebody relies on: it is never changed in
// a way that breaks, whatever the code says.
import { breakagesOf } from './compatibility.ts';
import { jsonSchemaOf, listVersions, type Definitions, type JsonSchema } from './json-schema.ts';
import { registry } from './registry.ts';

/** By the file’s place below the folder: `order.placed/v1.json`. */
export type Files = Readonly<Record<string, string>>;

/** `breakages`: what the code would break; nothing may be written while there are any. `changed`: files that are not what the code says. */
export type Comparison = { breakages: readonly string[]; changed: readonly string[]; files: Files };

export function comparePublished(published: Files, definitions: Definitions = registry): Comparison {
  const files = filesOf(definitions);
  const breakages = Object.entries(published).flatMap(([place, text]) => {
    const now = files[place];
    if (now === undefined) return [`${place}: was published, and the code has no such version any more`];
    return breakagesOf(parse(text), parse(now)).map((breakage) => `${place}: ${breakage}`);
  });
  return { breakages, changed: Object.keys(files).filter((place) => files[place] !== published[place]), files };
}

export const filesOf = (definitions: Definitions = registry): Files =>
  Object.fromEntries(
    listVersions(definitions).map((version) => [
      `${version.eventType}/v${version.eventVersion}.json`,
      `${JSON.stringify(jsonSchemaOf(version, { definitions }), null, 2)}\n`,
    ]),
  );

const parse = (text: string): JsonSchema => JSON.parse(text) as JsonSchema;

/** The table of docs/events.md. */
export const tableOfTypes = (definitions: Definitions = registry): string =>
  [
    '<!-- prettier-ignore-start -->',
    '',
    '| type | version | what it says |',
    '|---|---|---|',
    ...Object.entries(definitions).map(
      ([type, { about, versions }]) =>
        `| [\`${type}\`](../schemas/events/${type}/v${versions.length}.json) | ${versions.length} | ${about} |`,
    ),
    '',
    '<!-- prettier-ignore-end -->',
    '',
  ].join('\n');
