// Messages over real connections: what a subscriber can do, and what none of it can.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { createWebhookSender } from '../../src/adapters/webhook/http.ts';

const [one, other] = ['whsec_c2VjcmV0LW9mLWEtc3Vic2NyaXB0aW9u', 'whsec_dGhlLW5leHQtc2VjcmV0'];
const message = {
  messageId: 'evt_1',
  at: new Date(),
  contentType: 'application/json',
  body: '{"eventId":"evt_1","name":"é"}',
};
const sender = createWebhookSender({ timeoutMs: 700, loopback: true });
const guarded = createWebhookSender({ timeoutMs: 700, loopback: false });
let server: Server;
let url: string;
let answer: RequestListener;
const seen: string[] = [];

beforeAll(async () => {
  server = createServer((req, res) => {
    seen.push(`${req.method} ${req.url}`);
    answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`;
});
afterEach(() => void seen.splice(0));
afterAll(() => {
  sender.close();
  guarded.close();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const send = (target = url) => sender.send({ target: { url: target, secrets: [one] }, ...message });

test('is signed for whoever has either secret, over the bytes that come', async () => {
  let verified: unknown[] = [];
  answer = (req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const headers = req.headers as Record<string, string>;
      verified = [one, other].map((secret) => new Webhook(secret).verify(body, headers));
      expect(() => new Webhook('whsec_bm90LW91cnM=').verify(body, headers)).toThrow();
      expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': 'evt_1' });
      res.writeHead(204).end();
    });
  };
  const sent = await sender.send({ target: { url, secrets: [one, other] }, ...message });
  expect(sent).toEqual({ isDelivered: true, status: 204 });
  expect(verified).toEqual([JSON.parse(message.body), JSON.parse(message.body)]);
});

describe('is not taken for delivered when its subscriber', () => {
  test.each([
    [500, {}, 'answered 500', null],
    [404, {}, 'answered 404', null],
    [410, {}, 'answered 410', null],
    [429, { 'Retry-After': '7' }, 'answered 429', 7_000],
    [302, { Location: '/elsewhere' }, 'redirects are not followed', null],
  ])('answers %d', async (status, headers, failure, retryAfterMs) => {
    answer = (_req, res) => res.writeHead(status, headers).end('x');
    expect(await send()).toEqual({ isDelivered: false, status, failure, retryAfterMs });
    expect(seen).toEqual(['POST /hooks']);
  });

  test('names an instant until which it wants to be left alone', async () => {
    answer = (_req, res) => res.writeHead(503, { 'Retry-After': new Date(Date.now() + 60_000).toUTCString() }).end();
    const { retryAfterMs } = (await send()) as { retryAfterMs: number };
    expect(retryAfterMs).toBeGreaterThan(55_000);
    expect(retryAfterMs).toBeLessThanOrEqual(60_000);
  });

  test.each<[string, RequestListener, RegExp]>([
    ['says nothing', () => undefined, /no answer in time/],
    ['breaks off', (req) => req.socket.destroy(), /ECONNRESET|hang up/],
    [
      'never comes to an end',
      (_req, res) => {
        res.writeHead(200);
        const drip = setInterval(() => res.write('x'), 50);
        res.on('close', () => clearInterval(drip));
      },
      /no answer in time/,
    ],
    [
      'wants to speak otherwise',
      (req) => req.socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      /upgrade is not followed/,
    ],
  ])('%s', async (_name, listener, failure) => {
    answer = listener;
    expect(await send()).toMatchObject({ isDelivered: false, status: null, failure: expect.stringMatching(failure) });
  });

  test('is not there, or has no name', async () => {
    expect(await send('http://127.0.0.1:1/')).toMatchObject({
      isDelivered: false,
      failure: expect.stringContaining('ECONNREFUSED'),
    });
    expect(await send('https://nothing.invalid/')).toMatchObject({ isDelivered: false, status: null });
    expect(await send('not a URL')).toMatchObject({ isDelivered: false, status: null });
  });
});

test('an answer without an end is read no further than its limit, and counts', async () => {
  let written = 0;
  answer = (_req, res) => {
    res.writeHead(200);
    const chunk = Buffer.alloc(64 * 1_024);
    const more = (): void => {
      while (!res.destroyed && written < 2 ** 28) {
        written += chunk.length;
        if (!res.write(chunk)) return void res.once('drain', more);
      }
    };
    more();
  };
  expect(await send()).toEqual({ isDelivered: true, status: 200 });
  expect(written).toBeLessThan(2 ** 27);
});

describe('nothing is sent to what only this machine reaches', () => {
  test.each([
    ['an address', () => url, 'open internet'],
    ['a number for it', () => url.replace('127.0.0.1', '2130706433'), 'open internet'],
    ['an IPv4 address within an IPv6 one', () => url.replace('127.0.0.1', '[::ffff:7f00:1]'), 'open internet'],
    ['a name for it', () => url.replace('127.0.0.1', 'localhost'), 'open internet'],
    ['the metadata of a cloud', () => 'http://169.254.169.254/latest/meta-data/', 'open internet'],
  ])('%s', async (_name, target, failure) => {
    answer = (_req, res) => res.writeHead(204).end();
    const sent = await guarded.send({ target: { url: target(), secrets: [one] }, ...message });
    expect(sent).toMatchObject({ isDelivered: false, status: null, failure: expect.stringContaining(failure) });
    expect(seen).toEqual([]);
  });
});
