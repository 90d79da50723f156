// A real HTTP server that answers as a test says, request by request, and remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string };
export type Reply = (res: ServerResponse, asked: Asked) => void;

/** Answers the n-th request by the n-th reply, and every further one by the last. */
export async function scriptedServer(...replies: Reply[]) {
  const asked: Asked[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const one = {
        method: req.method ?? '',
        path: req.url ?? '',
        headers: req.headers,
        body: Buffer.concat(chunks).toString(),
      };
      asked.push(one);
      replies[Math.min(asked.length, replies.length) - 1]?.(res, one);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: (): Promise<void> => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (res) =>
    void res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));

export const problem = (status: number, slug: string, more: object = {}, headers: Record<string, string> = {}): Reply =>
  json(
    status,
    { type: `/problems/${slug}`, title: `title of ${slug}`, status, detail: `detail of ${slug}`, ...more },
    { 'Content-Type': 'application/problem+json', ...headers },
  );

/** The connection ends before a byte of the answer. */
export const drop: Reply = (res) => void res.destroy();
/** It ends in the middle of the answer. */
export const breakOff: Reply = (res) => {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': '100' });
  res.write('{"id":', () => res.destroy());
};
