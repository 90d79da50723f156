// Stripe's paths under /v1: who may call, what is called, and how an answer (or what is left of it) goes back.
import { createHash } from 'node:crypto';
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import { errorBody, invalid, missing, StripeFailure, type ErrorFields } from './errors.ts';
import type { Handle, Reply } from './handling.ts';
import { newId } from './ids.ts';
import { createdRangeOf, pageOf, PAGING } from './lists.ts';
import type { Log } from './log.ts';
import type { Operation } from './operations.ts';
import { canonical, expectOnly, textOf, type Parameters } from './parameters.ts';
import type { State } from './state.ts';

const MAX_KEY_LENGTH = 255;

const operations: [method: 'get' | 'post', path: string, operation: Operation][] = [
  ['post', '/payment_intents', 'create'],
  ['get', '/payment_intents', 'list'],
  ['get', '/payment_intents/search', 'search'],
  ['get', '/payment_intents/:id', 'retrieve'],
  ['post', '/payment_intents/:id/confirm', 'confirm'],
  ['post', '/payment_intents/:id/capture', 'capture'],
  ['post', '/payment_intents/:id/cancel', 'cancel'],
  ['post', '/refunds', 'refund'],
  ['get', '/refunds', 'list_refunds'],
  ['get', '/refunds/:id', 'retrieve_refund'],
  ['get', '/disputes', 'list_disputes'],
  ['get', '/disputes/:id', 'retrieve_dispute'],
  ['post', '/disputes/:id', 'update_dispute'],
  ['post', '/disputes/:id/close', 'close_dispute'],
  ['post', '/customers', 'create_customer'],
  ['get', '/customers/:id', 'retrieve_customer'],
];

export function stripeRouter({ state, log, handle }: { state: State; log: Log; handle: Handle }): Router {
  const router = Router();
  router.use(identify, checkApiKey, checkContentType, express.urlencoded({ extended: true }));
  for (const [method, path, operation] of operations) {
    router[method](path, async (req, res) => {
      const parameters = parametersOf(req);
      const key = method === 'post' ? keyOf(req) : null;
      const path = req.baseUrl + req.path;
      const fingerprint = createHash('sha256')
        .update(`${req.method} ${path}\n${canonical(parameters)}`)
        .digest('hex');
      const id = typeof req.params['id'] === 'string' ? req.params['id'] : null;
      const requestId = requestIdOf(res);
      const reply = await handle({ call: { operation, id, parameters }, requestId, key, fingerprint });
      send(res, { ...reply, headers: { ...(key === null ? {} : { 'Idempotency-Key': key }), ...reply.headers } });
    });
  }
  eventRoutes(router, { state, log });
  router.use((req) => {
    const message = `Unrecognized request URL (${req.method}: ${req.baseUrl}${req.path}).`;
    throw new StripeFailure(404, { type: 'invalid_request_error', message });
  });
  router.use(answerErrors);
  return router;
}

function eventRoutes(router: Router, { state, log }: { state: State; log: Log }): void {
  router.get('/events', async (req, res) => {
    const parameters = parametersOf(req);
    expectOnly(parameters, [...PAGING, 'created', 'type']);
    const type = textOf(parameters, 'type');
    const inRange = createdRangeOf(parameters);
    const found = [...state.events.values()].filter(
      (event) => inRange(event.created) && (type === undefined || event.type === type),
    );
    const body = pageOf(found, parameters, '/v1/events');
    await log.settled();
    send(res, { status: 200, body, headers: {} });
  });
  router.get('/events/:id', async (req, res) => {
    const body = state.events.get(req.params.id);
    if (!body) throw missing('event', req.params.id, 'id');
    await log.settled();
    send(res, { status: 200, body, headers: {} });
  });
}

const parametersOf = (req: Request): Parameters =>
  req.method === 'GET' ? req.query : ((req.body ?? {}) as Parameters);

function keyOf(req: Request): string | null {
  const key = req.get('Idempotency-Key') ?? null;
  if (key === null || (key.length > 0 && key.length <= MAX_KEY_LENGTH)) return key;
  throw invalid(`Idempotency keys have from 1 to ${MAX_KEY_LENGTH} characters.`, null);
}

/** Writes the reply, or breaks the connection where the fault says so. */
function send(res: Response, { status, body, headers, cut }: Reply): void {
  if (cut === 'whole') return void res.socket?.destroy();
  const text = JSON.stringify(body, null, 2);
  res.status(status).set({ ...headers, 'Content-Type': 'application/json' });
  if (cut !== 'half') return void res.send(text);
  res.set('Content-Length', String(Buffer.byteLength(text)));
  res.write(text.slice(0, text.length / 2), () => void res.socket?.destroy());
}

const identify: RequestHandler = (_req, res, next) => {
  res.set('Request-Id', newId('req'));
  next();
};

const requestIdOf = (res: Response): string => String(res.getHeader('Request-Id'));

const checkApiKey: RequestHandler = (req, _res, next) => {
  const [, key = ''] = /^Bearer (\S+)$/.exec(req.get('Authorization') ?? '') ?? [];
  if (key.startsWith('sk_test_')) return next();
  const message = key.includes('_live_')
    ? 'A live key must never be sent to a simulator.'
    : 'Invalid API Key provided; use one that begins with sk_test_.';
  throw new StripeFailure(401, { type: 'invalid_request_error', message });
};

const checkContentType: RequestHandler = (req, _res, next) => {
  if (req.method !== 'POST' || req.get('Content-Length') === '0') return next();
  if (req.is('application/x-www-form-urlencoded') !== false) return next();
  const message =
    'Invalid request (check that your POST content type is application/x-www-form-urlencoded). This API takes no JSON.';
  throw invalid(message, null);
};

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const [status, fields] = describe(error);
  send(res, { status, body: errorBody(fields), headers: {} });
};

function describe(error: unknown): [status: number, fields: ErrorFields] {
  if (error instanceof StripeFailure) return [error.status, error.fields];
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  // What Express itself refuses: a body that is too large, a path that is badly encoded.
  if (status >= 400 && status < 500) return [status, { type: 'invalid_request_error', message }];
  return [500, { type: 'api_error', message: `The simulator itself failed: ${message}` }];
}
