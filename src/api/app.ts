import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { pinoHttp } from 'pino-http';
import type { Logger } from '../runtime/logger.ts';
import { errorForLog } from '../runtime/log-scrub.ts';
import { orderIn } from './about-order.ts';
import { answerErrors, nothingHere } from './middleware/errors.ts';
import { Problem } from './middleware/problems.ts';
import { createOpenApiDocument } from './openapi.ts';
import { parseQuery } from './query.ts';
import { mountRoutes, type Door, type Route } from './route.ts';
import { consoleRouter, type Console } from './routes/console.ts';
import { docsRouter } from './routes/docs.ts';

/** The Express app over the given routes: documentation, checks and errors are the same for all of them. */
export function createApp({
  routes,
  logger,
  measure,
  console,
  ...door
}: Door & { routes: readonly Route[]; logger: Logger; measure?: RequestHandler; console?: Console }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', parseQuery);
  if (measure) app.use(measure);
  app.use(logRequests(logger));
  // Nothing of ours is loaded from elsewhere; no upgrade to https on a machine of one's own.
  app.use(
    helmet({
      contentSecurityPolicy: { directives: { upgradeInsecureRequests: null } },
      strictTransportSecurity: false,
    }),
  );
  app.use(expectHost);
  app.use(docsRouter(createOpenApiDocument(routes)));
  if (console) app.use(consoleRouter(console));
  mountRoutes(app, routes, door);
  app.use(nothingHere);
  app.use(answerErrors({ logger }));
  return app;
}

// Neither URL nor headers are logged: a client may put a card number or an e-mail address anywhere.
const logRequests = (logger: Logger): RequestHandler =>
  pinoHttp({
    logger,
    quietReqLogger: true,
    wrapSerializers: false,
    serializers: { req: () => undefined, res: () => undefined, err: errorForLog },
    customLogLevel: (_req, res, error) => (error || res.statusCode >= 500 ? 'error' : 'debug'),
    customProps: (req, res) => ({
      method: req.method,
      route: (req as { route?: { path?: string } }).route?.path ?? null,
      status: res.statusCode,
      ...orderIn(res),
    }),
  });

// Node's own refusal would not be a problem+json, hence the server leaves the check to us (see server.ts).
const expectHost: RequestHandler = (req, _res, next) => {
  const hosts = req.headersDistinct['host'] ?? [];
  if (req.httpVersion === '1.1' && hosts.length !== 1) {
    throw new Problem('malformed-request', 'An HTTP/1.1 request has exactly one Host header');
  }
  next();
};
