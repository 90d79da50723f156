// Who may come in. What must stay true: only the console of this stack and programs of this machine that know the token reach anything, and
// no page of somebody else can have a browser ask in its name.
import { timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { isLoopback } from '../runtime/loopback.ts';

/** What is refused, and why. */
export class Refusal extends Error {
  readonly status: number;
  readonly title: string;
  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

const BODY_LIMIT = '8kb';
const PREFLIGHT_SECONDS = '600';

/** An app whose every route is behind the door. `consolePort`: where the console is served from. */
export function createDoor({ token, consolePort }: { token: string; consolePort: number }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(expectThisMachine, allowConsole(consolePort), expectToken(token), expectJson);
  app.use(express.json({ limit: BODY_LIMIT, strict: true }));
  return app;
}

/** Another name that leads here belongs to a page that wants to be taken for ours. */
const expectThisMachine: RequestHandler = (req, _res, next) => {
  const host = req.headers.host ?? '';
  if (!URL.canParse(`http://${host}`) || !isLoopback(new URL(`http://${host}`).hostname))
    throw new Refusal(403, 'Not here', 'Only this machine is served');
  next();
};

const allowConsole =
  (port: number): RequestHandler =>
  (req, res, next) => {
    const { origin } = req.headers;
    res.set({ Vary: 'Origin', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    if (origin === undefined) return next();
    if (![`http://127.0.0.1:${port}`, `http://localhost:${port}`].includes(origin))
      throw new Refusal(403, 'Not from there', 'Only the console of this stack is served');
    res.set('Access-Control-Allow-Origin', origin);
    if (req.method !== 'OPTIONS') return next();
    res.set({
      'Access-Control-Allow-Methods': 'GET, POST, PUT, DELETE',
      'Access-Control-Allow-Headers': 'Authorization, Content-Type',
      'Access-Control-Max-Age': PREFLIGHT_SECONDS,
    });
    res.status(204).end();
  };

const expectToken =
  (token: string): RequestHandler =>
  (req, res, next) => {
    const given = Buffer.from(req.headers.authorization ?? '');
    const wanted = Buffer.from(`Bearer ${token}`);
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return next();
    res.set('WWW-Authenticate', 'Bearer');
    throw new Refusal(401, 'The token is needed', 'The console of this stack knows it: /console/config.json');
  };

const expectJson: RequestHandler = (req, _res, next) => {
  const hasBody = req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
  if (hasBody && !req.is('application/json'))
    throw new Refusal(415, 'Not a type that is read', 'Send application/json');
  next();
};

/** The end of every app: what nobody answered, and what went wrong, as problem+json. */
export function closeDoor(app: Express): void {
  app.use(() => {
    throw new Refusal(404, 'Nothing here', 'There is no such path, or not by this method');
  });
  app.use(answerErrors);
}

// Express tells these by their number of parameters.
const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, title, message } = asRefusal(error);
  res.status(status).type('application/problem+json');
  res.send(JSON.stringify({ type: 'about:blank', title, status, detail: message }));
};

function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const { status, message } = error as { status?: number; message?: string };
  // Of the parser of bodies.
  if (status !== undefined && status < 500) return new Refusal(status, 'It can not be read', message ?? 'Not JSON');
  return new Refusal(500, 'The control server failed', String(message ?? error));
}
