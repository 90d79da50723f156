// A subscriber, and an ear: which requests any server in this process was sent (the provider's simulator, this subscriber), with their headers.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

const STARTED = 'http.server.request.start';

export type Hearing = Awaited<ReturnType<typeof hearRequests>>;

/** Listens from now on, until it is closed; answers every message of a webhook with 204. */
export async function hearRequests() {
  const requests: { url: string | undefined; headers: IncomingHttpHeaders }[] = [];
  const hear = (message: unknown): void => {
    const { request } = message as { request: { url?: string; headers: IncomingHttpHeaders } };
    requests.push({ url: request.url, headers: request.headers });
  };
  subscribe(STARTED, hear);
  const server = createServer((req, res) => {
    req.resume();
    res.writeHead(204).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: (): Promise<void> =>
      new Promise((resolve) => {
        unsubscribe(STARTED, hear);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
