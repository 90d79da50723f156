// What doctor finds out from where it is run. What is wrong with an api's parts is made wrong in test/e2e/cli.test.ts.
import { mkdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/cli/doctor/advice.ts';
import { emptyFolder, orders } from '../../support/cli.ts';
import { json, scriptedServer, type Reply } from '../../support/scripted-server.ts';

const open: { close: () => unknown }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const healthy: Reply = (res, asked) => {
  const ok = { state: 'ok', since: '2026-01-31T12:00:00.000Z' };
  const bodies: Record<string, object> = {
    '/healthz': { status: 'ok' },
    '/health': { status: 'ok', parts: { database: ok, workers: { ...ok, detail: '1 worker polls, build abc' } } },
  };
  json(200, bodies[asked.path] ?? { items: [], nextCursor: null })(res, asked);
};

async function serve(...replies: Reply[]) {
  const server = await scriptedServer(...replies);
  open.push(server);
  return server;
}

test('says that nothing is wrong, and ends 0', async () => {
  const { url } = await serve(healthy);
  const ran = await orders(url, ['doctor']);
  expect(ran).toMatchObject({ code: 0, said: 'Nothing is wrong.\n' });
  expect(ran.out).toMatch(/✓ workers +1 worker polls, build abc\n/);
  const lines = (await orders(url, ['doctor', '-o', 'jsonl'])).out.trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as { check: string }).check)).toEqual([
    'address',
    'clock',
    'key',
    'database',
    'workers',
  ]);
});

test('nothing listens there', async () => {
  const { url, close } = await scriptedServer(healthy);
  await close();
  expect(await orders(url, ['doctor'])).toMatchObject({
    code: 1,
    out: expect.stringMatching(/✗ address +Nothing answers .*ECONNREFUSED.*ORDERS_API_URL\n.*npm start/),
  });
});

test('the port is taken by another web server', async () => {
  const { url } = await serve((res) => void res.writeHead(200).end('<html>It works!</html>'));
  const ran = await orders(url, ['doctor']);
  expect(ran).toMatchObject({
    code: 1,
    out: expect.stringMatching(/Another program answers .*the port is taken\n.*lsof -i :\d+/),
  });
});

test('the port is taken by something that does not speak HTTP', async () => {
  const server = createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(server);
  const ran = await orders(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, ['doctor']);
  expect(ran).toMatchObject({
    code: 1,
    out: expect.stringMatching(/Something listens .*does not answer like this api/),
  });
});

test('the clock is off, in both directions', async () => {
  const { url } = await serve(healthy);
  const at = (shiftMs: number) => orders(url, ['doctor'], {}, { now: () => Date.now() + shiftMs });
  expect((await at(60_000)).out).toMatch(/✗ clock +The clock of this machine is (59|60|61) s ahead of the api's\n/);
  expect((await at(-60_000)).out).toMatch(/(59|60|61) s behind the api's\n/);
  expect((await at(5_000)).code).toBe(0);
});

// A full disk can not be had without a file system of one's own: what the system says of it is put in its place, and nothing else.
test('the disk is full, of the stack on this machine alone', async () => {
  const { url } = await serve(healthy);
  const home = emptyFolder();
  mkdirSync(join(home, '.local'));
  const look = (freeBytes: number, where = home) =>
    orders(url, ['doctor'], {}, { home: where, freeBytes: () => Promise.resolve(freeBytes) });
  expect(await look(10 * 1_024 * 1_024)).toMatchObject({
    code: 1,
    out: expect.stringMatching(/✗ disk +The disk is full, or nearly: 10 MB free at .*\.local\n +→ Make room/),
  });
  expect((await look(2 ** 40)).out).toMatch(/✓ disk/);
  expect((await look(0, join(home, 'elsewhere'))).code).toBe(0);
  rmSync(home, { recursive: true });
});

test('what fails only because another is away is not told as a fault of its own', () => {
  const since = '2026-01-31T12:00:00.000Z';
  const failing = { state: 'failing' as const, since, detail: 'away' };
  const ok = { state: 'ok' as const, since };
  const states = (parts: Parameters<typeof findingsOf>[0]) =>
    Object.fromEntries(findingsOf(parts).map(({ check, state }) => [check, state]));
  expect(states({ database: ok, temporal: failing, workers: failing, 'search-attributes': failing })).toEqual({
    database: 'ok',
    temporal: 'wrong',
    workers: 'not asked',
    'search-attributes': 'not asked',
  });
  expect(states({ database: ok, temporal: ok, workers: failing })).toMatchObject({ workers: 'wrong' });
  expect(findingsOf({ 'a-new-part': failing })).toMatchObject([
    { state: 'wrong', help: 'Look at the log of the api.' },
  ]);
});
