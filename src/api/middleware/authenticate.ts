// Who calls. What must stay true: nothing of a request is read or done before its caller is known, a caller's tenant comes
// from the credential and from nowhere else, and a database that does not answer is never taken for a no.
import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { isIP } from 'node:net';
import { Scope, allows } from '../../domain/scope.ts';
import type { ApiKey, ApiKeys } from '../../ports/api-key.ts';
import { outsideTraces } from '../../runtime/tracing/trace.ts';
import { Problem } from './problems.ts';

/** Who calls: whose data, who answers for it (the id of the key; kept with every operator's action), and what is allowed. */
export type Caller = { tenant: string; actor: string; scopes: readonly Scope[] };

/** The caller of a request; throws a Problem when there is none, and what the database throws when it is away. */
export type Authenticate = (req: Pick<Request, 'method' | 'headersDistinct'>) => Promise<Caller>;

/** How long a key that was found is taken as valid: a revoked one is refused by every process within this time. */
const CACHE_MS = 2_000;
// A key per line of a large shop's systems is far below; only keys that exist get in here.
const MAX_CACHED = 10_000;
/** How often the key of a stream is looked at again: streams have no end of their own. */
const STREAM_CHECK_MS = 2_000;

const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

const localCaller: Caller = { tenant: 'local', actor: 'local', scopes: [Scope.admin] };

/**
 * One machine, loopback only: everybody who can reach the port is its owner, but for what a page of somebody else has the owner's browser do.
 * Throws a Problem for that.
 */
export const authenticateLocally: Authenticate = (req) =>
  Promise.resolve().then(() => {
    refuseOtherSites(req);
    return localCaller;
  });

const READS = new Set(['GET', 'HEAD']);

/**
 * Refuses a host name of elsewhere (a name that its owner lets lead here makes a page of his one of ours: DNS rebinding), and changes that a page
 * of another site asks for. Throws a Problem.
 */
export function refuseOtherSites({ method, headersDistinct }: Pick<Request, 'method' | 'headersDistinct'>): void {
  const [host] = headersDistinct['host'] ?? [];
  if (host !== undefined && isForeignName(host))
    throw new Problem(
      'other-site',
      'Without keys this is called by localhost or an address, not by a name of elsewhere',
    );
  const [site] = headersDistinct['sec-fetch-site'] ?? [];
  if (site === 'cross-site' && !READS.has(method))
    throw new Problem('other-site', 'Without keys nothing is changed for a page of another site');
}

/** Names under which nobody of elsewhere can have an address: without a dot, and what is kept for machines and networks of one's own. */
const OWN_NAME = /^[^.]+$|\.(localhost|local|internal|test)$/;

function isForeignName(host: string): boolean {
  const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
  return !OWN_NAME.test(name) && isIP(name.replace(/^\[|\]$/g, '')) === 0;
}

/** Authenticates by `Authorization: Bearer dok_…`. */
export function authenticateByKey({ keys }: { keys: Pick<ApiKeys, 'find'> }): Authenticate {
  const find = cached(keys.find);
  return async (req) => {
    const apiKey = await find(presentedKey(req));
    if (!apiKey)
      throw new Problem('invalid-api-key', 'This key is not one of ours, or it is revoked', { headers: CHALLENGE });
    return { tenant: apiKey.tenant, actor: apiKey.id, scopes: apiKey.scopes };
  };
}

function presentedKey(req: Pick<Request, 'headersDistinct'>): string {
  const headers = req.headersDistinct['authorization'] ?? [];
  if (headers.length === 0) {
    const detail = 'Send your key as Authorization: Bearer dok_…';
    throw new Problem('missing-api-key', detail, { headers: CHALLENGE });
  }
  const [, key] = headers.length === 1 ? (/^Bearer +(\S+)$/i.exec(headers[0] ?? '') ?? []) : [];
  if (key === undefined) {
    throw new Problem('invalid-api-key', 'Expected one header, Authorization: Bearer dok_…', { headers: CHALLENGE });
  }
  return key;
}

type Find = ApiKeys['find'];

/** Remembers keys that were found, by hash (the secret itself stays nowhere). Requests that come together ask once. */
function cached(find: Find): Find {
  const found = new Map<string, { until: number; apiKey: Promise<ApiKey | null> }>();
  return async (presented) => {
    const name = createHash('sha256').update(presented).digest('base64');
    const known = found.get(name);
    // Counted from before the question was asked: what is older than CACHE_MS is never the answer.
    const now = performance.now();
    if (known && now < known.until) return known.apiKey;
    if (found.size >= MAX_CACHED) found.clear();
    const entry = { until: now + CACHE_MS, apiKey: find(presented) };
    found.set(name, entry);
    const forget = (): void => void (found.get(name) === entry && found.delete(name));
    try {
      const apiKey = await entry.apiKey;
      if (!apiKey) forget();
      return apiKey;
    } catch (error) {
      forget();
      throw error;
    }
  };
}

const known = new WeakMap<Request, { caller: Caller; authenticate: Authenticate }>();

function knownOf(req: Request): { caller: Caller; authenticate: Authenticate } {
  const found = known.get(req);
  if (!found) throw new Error('Expected an authenticated request; found one that nobody asked for its caller');
  return found;
}

/** The caller of a request that has come through `requireCaller`. Throws when it has not: a route without its door. */
export const callerOf = (req: Request): Caller => knownOf(req).caller;

/** Lets only authenticated requests through. What lasts longer than a request watches its caller, see `watchCaller`. */
export const requireCaller =
  (authenticate: Authenticate): RequestHandler =>
  async (req, _res, next) => {
    known.set(req, { caller: await authenticate(req), authenticate });
    next();
  };

/**
 * Looks at the caller again every two seconds, and calls `onRefused` once the key is revoked; until the answer is called. For whoever
 * answers without an end: it begins and ends with the answer itself, whatever was asked for and however, and whatever became of the client.
 */
export function watchCaller(
  req: Request,
  { onRefused, everyMs = STREAM_CHECK_MS }: { onRefused: () => void; everyMs?: number | undefined },
): () => void {
  const { authenticate } = knownOf(req);
  let isAsking = false;
  // A stream may last for days: its trace must not grow by each look.
  const timer = outsideTraces(() => setInterval(() => void look(), everyMs));

  async function look(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    try {
      await authenticate(req);
    } catch (error) {
      // A database that is away is no reason to cut anybody off.
      if (error instanceof Problem) onRefused();
    } finally {
      isAsking = false;
    }
  }

  return () => clearInterval(timer);
}

/** Lets only callers through that may do what needs this scope. */
export const requireScope =
  (scope: Scope): RequestHandler =>
  (req, _res, next) => {
    if (!allows(callerOf(req).scopes, scope)) {
      throw new Problem('insufficient-scope', `This needs a key with the scope ${scope}`);
    }
    next();
  };
