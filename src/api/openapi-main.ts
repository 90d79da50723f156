// Writes the OpenAPI document to stdout, without a server: what `npm run client` makes the types of the client from. What must stay true: it
// is what the api serves at /openapi.json (test/e2e/openapi.test.ts compares the two).
import { createOpenApiDocument } from './openapi.ts';
import { createRoutes } from './routes/index.ts';

// Nothing is asked of a route here but what it says of itself; these are looked at while routes are made.
const lookedAt = {
  streams: { perCaller: 1, inAll: 1 },
  publicUrl: 'http://127.0.0.1:3000',
  temporalUiUrl: 'http://127.0.0.1:8233',
};

const routes = createRoutes(lookedAt as Parameters<typeof createRoutes>[0]);
process.stdout.write(`${JSON.stringify(createOpenApiDocument(routes), null, 2)}\n`);
