// The published form of an event: a JSON Schema of its whole envelope, by type and version.
import { z } from 'zod';
import type { EventType } from '../contracts/events.ts';
import type { EventDefinition } from './definition.ts';
import { registry } from './registry.ts';

export type JsonSchema = { [keyword: string]: unknown };
export type Dialect = 'draft-2020-12' | 'draft-7';

/** Where the schema of a type and version is found, below the address of the api. */
export const schemaPath = ({ eventType, eventVersion }: { eventType: string; eventVersion: number }): string =>
  `/event-schemas/${eventType}/${eventVersion}`;

const envelopeOf = (eventType: string, eventVersion: number, data: z.ZodType) =>
  z.object({
    eventId: z.string().describe('The same whenever and however the event is told: by it, repeats are known'),
    eventType: z.literal(eventType),
    eventVersion: z.literal(eventVersion),
    timestamp: z.iso
      .datetime()
      .describe('When it happened (an ISO 8601 instant, UTC, with Z), by the database’s clock'),
    source: z.string().describe('Who says so'),
    orderId: z.string().describe('Which order'),
    sequence: z.int().min(1).describe('Counts from 1 within the order, without a gap'),
    position: z
      .int()
      .min(1)
      .nullable()
      .describe(
        'Counts over all orders, dense but for a gap behind each recovery; null until numbered, a moment later',
      ),
    data,
    metadata: z.object({
      correlationId: z.string().describe('Whatever belongs together, by whoever placed the order'),
      causationId: z.string().nullable().describe('The event or the command (`command:…`) that led to this one'),
    }),
  });

/** Null when there is no such type, or no such version. */
export function jsonSchemaOf(
  { eventType, eventVersion }: { eventType: string; eventVersion: number },
  { dialect = 'draft-2020-12', definitions = registry }: { dialect?: Dialect; definitions?: Definitions } = {},
): JsonSchema | null {
  const definition = Object.hasOwn(definitions, eventType) ? definitions[eventType] : undefined;
  const version = definition?.versions[eventVersion - 1];
  if (!definition || !version) return null;
  const { $schema, ...schema } = z.toJSONSchema(envelopeOf(eventType, eventVersion, version.data), {
    target: dialect,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => tidy(jsonSchema),
  });
  return {
    $schema,
    $id: schemaPath({ eventType, eventVersion }),
    title: `${eventType} v${eventVersion}`,
    description: definition.about,
    ...schema,
  };
}

export type Definitions = Readonly<Record<string, EventDefinition>>;

/** All of them, in the order of their types. */
export const listVersions = (definitions: Definitions = registry): { eventType: EventType; eventVersion: number }[] =>
  // What is no type of ours is so in tests alone.
  (Object.entries(definitions) as [EventType, EventDefinition][]).flatMap(([eventType, { versions }]) =>
    versions.map((_version, index) => ({ eventType, eventVersion: index + 1 })),
  );

/** A field may be added to a version: what a consumer checks with must not refuse it. And the pattern of an instant is its format. */
function tidy(schema: JsonSchema): void {
  delete schema['additionalProperties'];
  if (schema['format'] === 'date-time') delete schema['pattern'];
  // Bounds that JavaScript has, and nobody else.
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
}
