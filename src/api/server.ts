// What happens before Express hears of a request: limits on slow clients, and problem+json also for what the parser refuses.
import { createServer, STATUS_CODES, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { problemBody, problems, type ProblemSlug } from './middleware/problems.ts';

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 15_000;
// Node enforces the two above only this often (30 s by default).
const CHECK_INTERVAL_MS = 1_000;
// What some path here takes.
const METHODS = 'GET, HEAD, POST, PUT';
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
  refuseWhatIsNotHttp(server);
  // Node takes everything that contains 100-continue for it.
  server.on('checkContinue', (req, res) => {
    if (!/^100-continue$/i.test(req.headers.expect ?? '')) return refuseExpectation(res);
    res.writeContinue();
    server.emit('request', req, res);
  });
  server.on('checkExpectation', (_req, res) => refuseExpectation(res));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  const urlHost = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { port: address.port, url: `http://${urlHost}:${address.port}`, close: () => close(server) };
}

/** Answers what the parser does not hand on: requests it can not read, and CONNECT. */
function refuseWhatIsNotHttp(server: Server): void {
  const underway = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (req, res) => {
    underway.set(req.socket, res);
    res.once('close', () => {
      if (underway.get(req.socket) === res) underway.delete(req.socket);
    });
  });
  // Behind a whole request a refusal would be taken for the answer to that request, which may have been accepted; behind
  // the head of an answer, for its body. Earlier answers on the connection are over and do not matter.
  const isOwed = (socket: Duplex): boolean => {
    const answer = underway.get(socket);
    return answer !== undefined && (answer.req.complete || answer.headersSent);
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (!socket.writable || error.code === 'ECONNRESET' || isOwed(socket)) socket.destroy();
    else refuse(socket, ...describe(error.code ?? ''));
  });
  server.on('connect', (_req, socket) => {
    // Node lets go of the connection here, also of its errors.
    socket.on('error', () => socket.destroy());
    if (isOwed(socket)) socket.destroy();
    else refuse(socket, 'method-not-allowed', 'This is not a proxy', `Allow: ${METHODS}\r\n`);
  });
}

function refuseExpectation(res: ServerResponse): void {
  const body = problemBody('expectation-failed', 'Only 100-continue can be expected here');
  res
    .writeHead(body.status, { 'Content-Type': 'application/problem+json', Connection: 'close' })
    .end(JSON.stringify(body));
}

function refuse(socket: Duplex, slug: ProblemSlug, detail: string, headers = ''): void {
  const [status] = problems[slug];
  const body = JSON.stringify(problemBody(slug, detail));
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/problem+json\r\n${headers}` +
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
