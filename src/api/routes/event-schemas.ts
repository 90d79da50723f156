// What events say, for programs. Open: a consumer is written before it has a key.
import { createAsyncApiDocument } from '../../events/asyncapi.ts';
import { jsonSchemaOf, listVersions, schemaPath } from '../../events/json-schema.ts';
import { newestVersion, registry } from '../../events/registry.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { anyDocument, eventSchemaList, eventSchemaParams } from '../schemas/event-schema.ts';

/** `publicUrl`: where the api is found from outside, without a slash at the end. */
export function eventSchemaRoutes({ publicUrl }: { publicUrl: string }): Route[] {
  const document = createAsyncApiDocument({ publicUrl });
  return [
    list,
    single,
    defineRoute({
      method: 'get',
      path: '/asyncapi.json',
      operationId: 'getAsyncApi',
      scope: 'open',
      tag: 'events',
      summary: 'The streams of events, as an AsyncAPI 3.0 document',
      answers: { 200: { description: 'The document', schema: anyDocument } },
      problems: [],
      handle: (_input, { res }) => void res.json(document),
    }),
  ];
}

const list = defineRoute({
  method: 'get',
  path: '/event-schemas',
  operationId: 'listEventSchemas',
  scope: 'open',
  tag: 'events',
  summary: 'Every type of event with its versions',
  answers: { 200: { description: 'Where the schema of each is', schema: eventSchemaList } },
  problems: [],
  handle: (_input, { res }) => {
    const items = listVersions().map((version) => ({
      ...version,
      isNewest: version.eventVersion === newestVersion(version.eventType),
      description: registry[version.eventType].about,
      href: schemaPath(version),
    }));
    res.json({ items });
  },
});

const single = defineRoute({
  method: 'get',
  path: '/event-schemas/{type}/{version}',
  operationId: 'getEventSchema',
  scope: 'open',
  tag: 'events',
  summary: 'The JSON Schema (2020-12) of an event’s whole envelope',
  params: eventSchemaParams,
  answers: {
    200: {
      description: 'It never changes in a way that breaks',
      otherForms: { 'application/schema+json': anyDocument },
    },
  },
  problems: ['not-found'],
  handle: ({ params: { type, version } }, { res }) => {
    const schema = jsonSchemaOf({ eventType: type, eventVersion: version });
    if (!schema) throw new Problem('not-found', 'No event has this type and version');
    res.type('application/schema+json').json(schema);
  },
});
