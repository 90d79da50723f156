// Stands between the adapter and the sandbox, so that answers can be lost, late or cut short on purpose. What must stay true: without a
// fault nothing changes on the way, and what is asked for after the effect reaches the sandbox before its answer is spoilt.
import { createServer, request as requestHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * `drop`: the connection is closed; `answer`: this is answered instead; `half`: the answer is cut in the middle; `hang`: nothing comes;
 * `trickle`: the answer begins, and never ends. With `afterEffect` the sandbox has done what it was asked for; then reads are left alone.
 */
export type Fault =
  | { kind: 'drop'; afterEffect: boolean }
  | { kind: 'answer'; status: number; headers?: Record<string, string>; body: string | { echo: true } }
  | { kind: 'half' }
  | { kind: 'hang' }
  | { kind: 'trickle' };

export type FaultProxy = {
  /** Where the adapter is to speak to: the path is that of the upstream. */
  url: string;
  /** Has the fault strike every request that comes meanwhile. */
  during: <T>(fault: Fault, work: () => Promise<T>) => Promise<T>;
  /** How many requests came so far. */
  requests: () => number;
  close: () => Promise<void>;
};

type Answer = { status: number; headers: Record<string, string | string[]>; body: Buffer };
type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: Buffer };

const MAX_BODY_BYTES = 5_000_000;
const UPSTREAM_TIMEOUT_MS = 60_000;
const TRICKLE_MS = 40;
// They belong to one connection, and the answer is handed on as a whole.
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'upgrade', 'te', 'trailer'];

/** Opens a proxy on loopback. `onCredential` is told of what the adapter proves itself with. */
export async function openProxy(
  upstream: URL,
  { onCredential }: { onCredential: (secret: string) => void },
): Promise<FaultProxy> {
  let fault: Fault | null = null;
  let requests = 0;
  const server = createServer((req, res) => {
    requests += 1;
    const struck = fault;
    credentialsIn(req.headers).forEach(onCredential);
    bodyOf(req)
      .then((body) => {
        const { method = 'GET', url = '/', headers } = req;
        return pass(upstream, struck, { method, path: url, headers, body }, res);
      })
      .catch(() => void res.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${upstream.pathname.replace(/\/+$/, '')}`,
    during: async (next, work) => {
      fault = next;
      try {
        return await work();
      } finally {
        fault = null;
      }
    },
    requests: () => requests,
    close: async () => {
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pass(upstream: URL, fault: Fault | null, asked: Asked, res: ServerResponse): Promise<void> {
  // A question has no effect that could be lost; an adapter may ask one before it does what it was asked for.
  const isRead = asked.method === 'GET' || asked.method === 'HEAD';
  if (fault?.kind === 'drop' && fault.afterEffect && isRead) return send(res, await forward(upstream, asked));
  switch (fault?.kind) {
    case undefined:
      return send(res, await forward(upstream, asked));
    case 'drop':
      if (fault.afterEffect) await forward(upstream, asked);
      return void res.destroy();
    case 'answer': {
      const { status, headers = {}, body } = fault;
      return send(res, { status, headers, body: typeof body === 'string' ? Buffer.from(body) : asked.body });
    }
    case 'half':
      return cut(res, await forward(upstream, asked));
    case 'hang':
      return;
    case 'trickle':
      return trickle(res);
  }
}

function send(res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, { ...headers, 'Content-Length': String(body.length) });
  res.end(body);
}

/** Closed only once what came before has left, or the answer would be lost as a whole. */
function cut(res: ServerResponse, { status, headers, body }: Answer): void {
  res.writeHead(status, { ...headers, 'Content-Length': String(body.length) });
  res.write(body.subarray(0, Math.floor(body.length / 2)), () => void res.destroy());
}

/** A byte now and then keeps alive every limit that counts from the last one. */
function trickle(res: ServerResponse): void {
  res.writeHead(200, { 'Content-Type': 'application/json' });
  res.write('{');
  const timer = setInterval(() => res.write(' '), TRICKLE_MS);
  res.once('close', () => clearInterval(timer));
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new Error(`Expected a body of ${MAX_BODY_BYTES} bytes at most`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function forward(upstream: URL, { method, path, headers, body }: Asked): Promise<Answer> {
  const ask = upstream.protocol === 'https:' ? requestHttps : requestHttp;
  const kept = Object.entries(headers).filter(([name]) => !ofConnection.includes(name));
  const length = body.length > 0 ? { 'content-length': String(body.length) } : {};
  return new Promise((resolve, reject) => {
    const request = ask(
      new URL(path, upstream.origin),
      {
        method,
        headers: { ...Object.fromEntries(kept), ...length, host: upstream.host },
        timeout: UPSTREAM_TIMEOUT_MS,
      },
      (answer) => {
        const told = Object.entries(answer.headers).flatMap(([name, value]) =>
          ofConnection.includes(name) || value === undefined ? [] : [[name, value] as const],
        );
        bodyOf(answer).then(
          (whole) => resolve({ status: answer.statusCode ?? 502, headers: Object.fromEntries(told), body: whole }),
          reject,
        );
      },
    );
    request.once('timeout', () => void request.destroy(new Error('the sandbox does not answer')));
    request.once('error', reject);
    request.end(body);
  });
}

/** Of `Basic` also its parts: errors quote either. */
function credentialsIn({ authorization, 'x-api-key': apiKey }: IncomingMessage['headers']): string[] {
  const [scheme = '', token = ''] = (authorization ?? '').split(' ');
  const parts = /^basic$/i.test(scheme) ? Buffer.from(token, 'base64').toString('utf8').split(':') : [];
  return [token, ...parts, ...(typeof apiKey === 'string' ? [apiKey] : [])].filter(({ length }) => length >= 8);
}
