import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { problems, type ProblemSlug } from './middleware/problems.ts';
import { isOptional, type Answer, type Route } from './route.ts';
import { z } from './schemas/fields.ts';

const slugs = Object.keys(problems) as ProblemSlug[];

const problemSchema = z
  .object({
    type: z
      .enum(slugs.map((slug) => `/problems/${slug}` as const))
      .openapi({ description: 'Which problem: others may be added', example: '/problems/invalid-body' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
  })
  .openapi('Problem');

const SCHEME = 'apiKey';

/** What any route may answer, whatever it does. */
const shared: readonly ProblemSlug[] = [
  'malformed-request',
  'method-not-allowed',
  'request-timeout',
  'expectation-failed',
  'header-too-large',
  'internal-error',
  'service-unavailable',
];
const ofCallers: readonly ProblemSlug[] = [
  'missing-api-key',
  'invalid-api-key',
  'insufficient-scope',
  'other-site',
  'too-many-requests',
];
/** Of routes that create or move something. */
const ofChanges: readonly ProblemSlug[] = ['database-behind'];
const ofBodies: readonly ProblemSlug[] = ['malformed-json', 'unsupported-media-type', 'body-too-large', 'invalid-body'];

/** The OpenAPI 3.1 document of the routes, made from the schemas that check their requests. */
export function createOpenApiDocument(routes: readonly Route[]): object {
  const registry = new OpenAPIRegistry();
  registry.register('Problem', problemSchema);
  registry.registerComponent('securitySchemes', SCHEME, {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key, `dok_<prefix>_<secret>`. It decides the tenant: what belongs to another is as if it were not there. ' +
      'On one machine (AUTH=off) none is needed.',
  });
  for (const route of routes) {
    registry.registerPath({
      method: route.method,
      path: route.path,
      operationId: route.operationId,
      summary: route.summary,
      tags: [route.tag],
      // What stands in the brackets is the scope that the key needs.
      security: route.scope === 'open' ? [] : [{ [SCHEME]: [route.scope] }],
      request: {
        ...(route.params instanceof z.ZodObject ? { params: route.params } : {}),
        ...(route.query instanceof z.ZodObject ? { query: route.query } : {}),
        ...(route.headers instanceof z.ZodObject ? { headers: documentedHeaders(route.headers) } : {}),
        ...(route.body
          ? { body: { required: !isOptional(route.body), content: { 'application/json': { schema: route.body } } } }
          : {}),
      },
      responses: { ...answersOf(route), ...problemsOf(route) },
    });
  }
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'durable-orders',
      version: '0.1.0',
      description:
        'Places orders that are worked on exactly once. Money in integer minor units; errors as RFC 9457 problems. ' +
        'What events say: /event-schemas (JSON Schema) and /asyncapi.json (AsyncAPI 3.0).',
    },
  });
}

// OpenAPI says that a parameter named Accept is to be ignored: content negotiation is described by the answers.
function documentedHeaders(headers: z.ZodObject): z.ZodObject {
  return 'accept' in headers.shape ? headers.omit({ accept: true }) : headers;
}

function answersOf(route: Route): Record<string, object> {
  return Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [
      status,
      {
        description: answer.description,
        ...(answer.headers ? { headers: answer.headers } : {}),
        ...contentOf(answer),
      },
    ]),
  );
}

function contentOf({ schema, otherForms = {} }: Answer): { content?: object } {
  const forms = Object.entries({ ...(schema ? { 'application/json': schema } : {}), ...otherForms });
  if (forms.length === 0) return {};
  return { content: Object.fromEntries(forms.map(([type, form]) => [type, { schema: form }])) };
}

function problemsOf(route: Route): Record<string, object> {
  const slugs = [
    ...route.problems,
    ...shared,
    ...(route.scope === 'open' ? [] : ofCallers),
    ...(route.method === 'get' ? [] : ofChanges),
    ...(route.body ? ofBodies : []),
  ];
  const statuses = [...new Set(slugs.map((slug) => problems[slug][0]))];
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: slugs
          .filter((slug) => problems[slug][0] === status)
          .map((slug) => `${problems[slug][1]} (\`${slug}\`)`)
          .join('; '),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ]),
  );
}
