// One definition per route: the same zod schemas check the request and describe it in /openapi.json, so the two can not
// drift apart.
import type { Request, RequestHandler, Response, Router } from 'express';
import { z } from 'zod';
import type { Scope } from '../domain/scope.ts';
import { aboutOrder } from './about-order.ts';
import { callerOf, requireCaller, requireScope, type Authenticate, type Caller } from './middleware/authenticate.ts';
import { jsonBody, optionalJsonBody, rawBody, refuseText, toPointer } from './middleware/json-body.ts';
import { Problem, type FieldError, type ProblemSlug } from './middleware/problems.ts';
import { limitRate } from './middleware/rate-limit.ts';

/** One answer of a route, as the document shows it. */
export type Answer = {
  description: string;
  /** Of its application/json form. */
  schema?: z.ZodType;
  /** Of its other forms, by content type. */
  otherForms?: Record<string, z.ZodType>;
  headers?: Record<string, { description: string; schema: { type: string } }>;
};

type Shape = z.ZodType | undefined;
type Output<T extends Shape> = T extends z.ZodType ? z.output<T> : undefined;

/** What a caller must be allowed to do; `open`: nobody asks who calls. */
export type Access = Scope | 'open';

export type RouteDefinition<
  P extends Shape,
  Q extends Shape,
  H extends Shape,
  B extends Shape,
  A extends Access = Access,
> = {
  method: 'get' | 'post' | 'put' | 'delete';
  /** In OpenAPI's form: `/orders/{id}`. */
  path: string;
  /** What clients call it: verb and noun, for ever the same. */
  operationId: string;
  scope: A;
  summary: string;
  tag: string;
  params?: P;
  query?: Q;
  headers?: H;
  /** Optional where its schema is. */
  body?: B;
  /** The body is signed by its sender: the handler gets its bytes as `req.body`, nothing parses them before. */
  signedBody?: boolean;
  answers: Record<number, Answer>;
  /** Called before the body is read; throws a Problem when no work may be begun now. */
  admit?: () => void;
  /** Asked before anything else, and of OPTIONS as well. */
  before?: RequestHandler;
  /** Of a POST that changes nothing: it is answered, too, while nothing may be moved. */
  onlyReads?: boolean;
  /** The problems this route can answer with, beside those every route shares. */
  problems: readonly ProblemSlug[];
  handle: (
    input: { params: Output<P>; query: Output<Q>; headers: Output<H>; body: Output<B> },
    exchange: { req: Request; res: Response; caller: A extends Scope ? Caller : null },
  ) => Promise<void> | void;
};

export type Route = RouteDefinition<Shape, Shape, Shape, Shape>;

/** Keeps the types of a definition's schemas for its handler, and forgets them for the table of routes. */
export const defineRoute = <
  P extends Shape = undefined,
  Q extends Shape = undefined,
  H extends Shape = undefined,
  B extends Shape = undefined,
  A extends Access = Access,
>(
  definition: RouteDefinition<P, Q, H, B, A>,
): Route => definition as unknown as Route;

/**
 * How callers are known, how many requests a second one may send (0: no limit), and why nothing may be created or moved just
 * now: then everything but reading is refused.
 */
export type Door = { authenticate: Authenticate; ratePerSecond: number; refusal: () => Problem | null };

/**
 * Mounts the routes, each behind its door: who calls is settled before a byte of the body is read. Answers every other
 * verb on their paths with 405 and what is allowed.
 */
export function mountRoutes(router: Router, routes: readonly Route[], door: Door): void {
  for (const { path, before } of routes) if (before) router.all(expressPath(path), before);
  const known = [requireCaller(door.authenticate), ...limitRate({ perSecond: door.ratePerSecond })];
  for (const route of routes) {
    const checks = route.scope === 'open' ? [] : [...known, requireScope(route.scope)];
    const parsers = route.signedBody ? [rawBody] : parsersOf(route.body);
    const doors = [...checks, ...mayMove(route, door), ...admission(route)];
    router[route.method](expressPath(route.path), ...doors, ...parsers, handlerOf(route));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const methods = routes.filter((route) => route.path === path).map(({ method }) => method.toUpperCase());
    router.all(expressPath(path), refuseMethod(methods.includes('GET') ? [...methods, 'HEAD'] : methods));
  }
}

function mayMove({ method, onlyReads }: Route, { refusal }: Door): RequestHandler[] {
  if (method === 'get' || onlyReads) return [];
  return [
    (_req, _res, next) => {
      const problem = refusal();
      if (problem) throw problem;
      next();
    },
  ];
}

function parsersOf(body: Shape): RequestHandler[] {
  if (!body) return [];
  return isOptional(body) ? optionalJsonBody : jsonBody;
}

/** Whether a request may come without it. */
export const isOptional = (schema: z.ZodType): boolean => schema instanceof z.ZodOptional;

const admission = ({ admit }: Route): RequestHandler[] => (admit ? [(_req, _res, next) => (admit(), next())] : []);

const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1');

function handlerOf(route: Route): RequestHandler {
  return async (req, res) => {
    const input = {
      params: check(route.params, req.params, 'not-found'),
      query: check(route.query ?? z.strictObject({}), req.query, 'invalid-query'),
      headers: check(route.headers, knownHeaders(route.headers, req), 'invalid-header'),
      body: check(route.body, req.body as unknown, 'invalid-body'),
    };
    if (route.path.startsWith('/orders/{id}')) aboutOrder(res, { orderId: String(req.params['id']) });
    await route.handle(input, { req, res, caller: route.scope === 'open' ? null : callerOf(req) });
  };
}

function check(schema: Shape, value: unknown, slug: ProblemSlug): unknown {
  if (!schema) return undefined;
  if (slug !== 'invalid-body') refuseStrings(value, slug);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap(toFieldErrors);
  const slugOfSchema = errorSlugs.find((candidate) => result.error.issues.some(({ message }) => message === candidate));
  throw new Problem(
    slugOfSchema ?? slug,
    detailOf[slugOfSchema ?? slug] ?? 'See errors',
    slugOfSchema ? {} : { errors },
  );
}

// A schema may name the problem that its refusal is, where that is not just "invalid".
const errorSlugs: readonly ProblemSlug[] = [
  'missing-idempotency-key',
  'invalid-idempotency-key',
  'order-not-found',
  'shipment-not-found',
  'resolution-not-found',
  'reconciliation-not-found',
  'erasure-not-found',
  'refund-not-found',
  'return-not-found',
  'amendment-not-found',
  'subscription-not-found',
  'delivery-not-found',
  'missing-if-match',
  'invalid-if-match',
];

const detailOf: Partial<Record<ProblemSlug, string>> = {
  'missing-idempotency-key': 'Send a header Idempotency-Key that names this one intent, for example a UUID',
  'invalid-idempotency-key':
    '1 to 255 visible ASCII characters, no space, no comma, one header, nothing like a card number',
  'order-not-found': 'No order has this id',
  'shipment-not-found': 'No shipment of this order has this number',
  'resolution-not-found': 'No resolution has this id',
  'reconciliation-not-found': 'No reconciliation has this id',
  'erasure-not-found': 'No erasure has this id',
  'subscription-not-found': 'No subscription has this id',
  'delivery-not-found': 'The subscription has no such delivery',
  'amendment-not-found': 'The order has no amendment of this number',
  'missing-if-match': 'Send the ETag of the order as you have read it: If-Match: "7"',
  'invalid-if-match': 'One ETag as GET /orders/{id} gives it: a number in double quotes',
  'refund-not-found': 'The order has no refund of this number',
  'return-not-found': 'The order has no return of this number',
  'not-found': 'No resource has this name',
};

function refuseStrings(value: unknown, slug: ProblemSlug): void {
  for (const entry of Object.entries(value as Record<string, unknown>)) {
    const refusal = entry
      .flat()
      .map((text) => (typeof text === 'string' ? refuseText(text) : null))
      .find(Boolean);
    if (refusal)
      throw new Problem(entry[0] === 'idempotency-key' ? 'invalid-idempotency-key' : slug, `A value ${refusal}`);
  }
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const pointer = toPointer(issue.path);
  if (issue.code !== 'unrecognized_keys') return [{ pointer, message: issue.message }];
  return issue.keys.map((key) => ({ pointer: `${pointer}${toPointer([key])}`, message: 'this field is not known' }));
}

/** Only the headers that the route reads, each as the list of its values: a repeated one must be seen, not joined. */
function knownHeaders(schema: Shape, req: Request): Record<string, string | string[] | undefined> {
  if (!(schema instanceof z.ZodObject)) return {};
  return Object.fromEntries(
    Object.keys(schema.shape).map((name) => {
      const values = req.headersDistinct[name];
      return [name, values?.length === 1 ? values[0] : values];
    }),
  );
}

/** Answers 405 with what is allowed, and OPTIONS with that alone. */
export function refuseMethod(allowed: readonly string[]): RequestHandler {
  const allow = allowed.join(', ');
  return (req, res) => {
    if (req.method === 'OPTIONS') return void res.status(204).set('Allow', allow).end();
    throw new Problem('method-not-allowed', `Possible here: ${allow}`, { headers: { Allow: allow } });
  };
}
