import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a page shows now. */
export type Shown = { status: number; type: string; body: string };
export type Page = () => Shown | Promise<Shown>;

export const json = (status: number, body: object): Shown => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

/** A process's own small server, beside what it is there for: pages (by path) that only operators and probes read. */
export async function serveAside(options: {
  host: string;
  port: number;
  pages: Readonly<Record<string, Page>>;
}): Promise<{ port: number; close: () => Promise<void> }> {
  const pages = new Map(Object.entries(options.pages));
  const server = createServer((req, res) => void answer(pages, req, res));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(pages: ReadonlyMap<string, Page>, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const page = req.method === 'GET' ? pages.get(req.url ?? '') : undefined;
  const { status, type, body } = page ? await show(page) : json(404, { status: 'not found' });
  res.writeHead(status, { 'Content-Type': type }).end(body);
}

/** A page that fails must answer all the same: a probe that hangs says less than one that says no. */
async function show(page: Page): Promise<Shown> {
  try {
    return await page();
  } catch (error) {
    return json(500, { status: error instanceof Error ? error.message : String(error) });
  }
}
