// What happens before Express hears of a request: limits on slow clients, and problem+json also for what the parser refuses.
import { createServer, STATUS_CODES, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { problemBody, problems, type ProblemSlug } from './middleware/problems.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
// Node enforces the two above only this often (30 s by default).
const CHECK_INTERVAL_MS = 1_000;
// After this, connections that are still open (streams, clients that wait) are cut: the launcher and repeats cover them.
const CLOSE_GRACE_MS = 3_000;

export type HttpServer = { port: number; url: string; close: () => Promise<void> };

/** Listens on host and port (0: any). Rejects when the port is taken. */
export async function listen(
  app: RequestListener,
  { host, port }: { host: string; port: number },
): Promise<HttpServer> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      requireHostHeader: false,
    },
    app,
  );
  const underway = new WeakMap<Duplex, IncomingMessage>();
  server.on('request', (req, res) => {
    underway.set(req.socket, req);
    res.once('close', () => {
      if (underway.get(req.socket) === req) underway.delete(req.socket);
    });
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Rubbish behind a whole request: a refusal would be taken for the answer to that request, which may have been accepted.
    if (underway.get(socket)?.complete) socket.destroy();
    else refuse(error, socket);
  });
  server.on('checkExpectation', (_req, res) => {
    const body = problemBody('expectation-failed', 'Only 100-continue can be expected here');
    res
      .writeHead(body.status, { 'Content-Type': 'application/problem+json', Connection: 'close' })
      .end(JSON.stringify(body));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const urlHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { port: address.port, url: `http://${urlHost}:${address.port}`, close: () => close(server) };
}

function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Nothing can be answered on a connection that is gone, or that has an answer half written.
  if (!socket.writable || error.code === 'ECONNRESET' || (socket instanceof Socket && socket.bytesWritten > 0))
    return void socket.destroy();
  const [slug, detail] = describe(error.code ?? '');
  const [status] = problems[slug];
  const body = JSON.stringify(problemBody(slug, detail));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

function describe(code: string): [ProblemSlug, string] {
  if (code === 'HPE_HEADER_OVERFLOW') return ['header-too-large', 'The headers may have at most 16 KiB'];
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return ['request-timeout', 'Headers within 10 s, the whole request within 15 s'];
  return ['malformed-request', 'This is not HTTP as RFC 9112 describes it'];
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(cut);
}
