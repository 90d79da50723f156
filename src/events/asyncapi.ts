// The streams of events as an AsyncAPI 3.0 document: every type with its newest version.
import { jsonSchemaOf, type JsonSchema } from './json-schema.ts';
import { registry } from './registry.ts';

/** AsyncAPI’s own schemas are of JSON Schema’s draft 7. */
const SCHEMA_FORMAT = 'application/schema+json;version=draft-07';
const HTTP_BINDING = '0.3.0';

/** `publicUrl`: where the api is found, without a slash at the end. */
export function createAsyncApiDocument({ publicUrl }: { publicUrl: string }): object {
  const { protocol, host, pathname } = new URL(publicUrl);
  const messages = Object.fromEntries(
    Object.entries(registry).map(([type, { about, versions }]) => [
      type,
      {
        name: type,
        title: `${type} v${versions.length}`,
        summary: about,
        contentType: 'application/json',
        payload: { schemaFormat: SCHEMA_FORMAT, schema: payloadOf(type, versions.length) },
      },
    ]),
  );
  const names = Object.keys(messages);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'durable-orders events',
      version: '0.1.0',
      description:
        'Every change of an order, at least once and in order, as server-sent events: `data` is the message. `Last-Event-ID` resumes. ' +
        'Lists of the same events, and everything else: /openapi.json.',
    },
    defaultContentType: 'application/json',
    servers: {
      api: {
        host,
        ...(pathname === '/' ? {} : { pathname }),
        protocol: protocol.replace(':', ''),
        security: [{ $ref: '#/components/securitySchemes/apiKey' }],
      },
    },
    channels: {
      feed: channel('/events', 'The feed over all orders of a tenant, by position', names),
      order: {
        ...channel('/orders/{orderId}/events', 'The events of one order, by sequence; ends with its last', names),
        parameters: { orderId: { description: 'Which order' } },
      },
    },
    operations: { followFeed: operation('feed', names), followOrder: operation('order', names) },
    components: {
      messages,
      securitySchemes: {
        apiKey: { type: 'http', scheme: 'bearer', description: 'A key with the scope `orders:read`' },
      },
    },
  };
}

function payloadOf(eventType: string, eventVersion: number): JsonSchema {
  const {
    $schema: _schema,
    $id: _id,
    ...payload
  } = jsonSchemaOf({ eventType, eventVersion }, { dialect: 'draft-7' }) ?? {};
  return payload;
}

const channel = (address: string, description: string, names: readonly string[]) => ({
  address,
  description,
  messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
});

// What we send; whoever follows receives.
const operation = (name: string, types: readonly string[]) => ({
  action: 'send',
  channel: { $ref: `#/channels/${name}` },
  bindings: { http: { method: 'GET', bindingVersion: HTTP_BINDING } },
  messages: types.map((type) => ({ $ref: `#/channels/${name}/messages/${type}` })),
});
