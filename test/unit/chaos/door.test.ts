// Who may come in to the control server, and who is told of it.
import type { AddressInfo } from 'node:net';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import express, { type Express } from 'express';
import { consoleRouter } from '../../../src/api/routes/console.ts';
import { closeDoor, createDoor } from '../../../src/chaos/door.ts';
import { chaosConflictOf, chaosOf } from '../../../src/runtime/chaos-settings.ts';

const TOKEN = 'a-token-of-this-start-of-the-stack';
const ORIGIN = 'http://127.0.0.1:3000';
const closers: (() => void)[] = [];
let deeds = 0;
let url: string;

beforeAll(async () => {
  const app = createDoor({ token: TOKEN, consolePort: 3_000 });
  app.post('/deed', (req, res) => {
    deeds += 1;
    res.status(202).json({ heard: (req.body as unknown) ?? null });
  });
  closeDoor(app);
  url = await listen(app);
});
afterAll(() => closers.forEach((close) => close()));

async function listen(app: Express): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  closers.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Heard = { status: number; headers: Record<string, unknown>; text: string };
const ask = (to: string, options: { method?: string; headers?: object; body?: string }): Promise<Heard> =>
  new Promise((resolve, reject) => {
    const { method = 'POST', headers = {}, body } = options;
    const asked = request(to, { method, headers: { Authorization: `Bearer ${TOKEN}`, ...headers } }, (res) => {
      let text = '';
      res.on('data', (part: Buffer) => (text += part.toString()));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
    });
    asked.once('error', reject);
    asked.end(body);
  });

describe('the door', () => {
  test.each<[string, object, number]>([
    ['no token', { Authorization: '' }, 401],
    ['another token', { Authorization: `Bearer ${TOKEN.replace('a', 'b')}` }, 401],
    ['a page of somebody else', { Origin: 'https://example.org' }, 403],
    ['another server of this machine', { Origin: 'http://127.0.0.1:3001' }, 403],
    ['a page without an origin of its own', { Origin: 'null' }, 403],
    ['another name that leads here', { Host: 'orders.example:3001' }, 403],
    ['what a form can send', { 'Content-Type': 'text/plain', 'Content-Length': '2' }, 415],
  ])('is shut for %s', async (_who, headers, status) => {
    const before = deeds;
    const isForm = 'Content-Length' in headers;
    const heard = await ask(`${url}/deed`, { headers, ...(isForm ? { body: '{}' } : {}) });
    expect(heard.status).toBe(status);
    expect(heard.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(heard.text)).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
    expect(heard.headers['access-control-allow-origin']).toBeUndefined();
    expect(deeds).toBe(before);
  });

  test('is open for the console and for programs that know the token', async () => {
    for (const headers of [{}, { Origin: ORIGIN }, { Origin: 'http://localhost:3000' }, { Host: 'localhost:3001' }])
      expect((await ask(`${url}/deed`, { headers })).status).toBe(202);
    const body = { headers: { Origin: ORIGIN, 'Content-Type': 'application/json' }, body: '{"a":1}' };
    const heard = await ask(`${url}/deed`, body);
    expect(heard.text).toBe('{"heard":{"a":1}}');
    expect(heard.headers['access-control-allow-origin']).toBe(ORIGIN);
  });

  test('answers a browser that asks first, without a token and to the console alone', async () => {
    const headers = { Authorization: '', Origin: ORIGIN };
    const heard = await ask(`${url}/deed`, { method: 'OPTIONS', headers });
    expect([heard.status, heard.headers['access-control-allow-headers']]).toEqual([204, 'Authorization, Content-Type']);
    const other = await ask(`${url}/deed`, { method: 'OPTIONS', headers: { ...headers, Origin: 'https://a.example' } });
    expect(other.status).toBe(403);
  });

  test('says what can not be read, what is not there and what is too large', async () => {
    const json = { 'Content-Type': 'application/json' };
    expect((await ask(`${url}/deed`, { headers: json, body: '{' })).status).toBe(400);
    expect((await ask(`${url}/nothing`, {})).status).toBe(404);
    expect((await ask(`${url}/deed`, { headers: json, body: `["${'x'.repeat(9_000)}"]` })).status).toBe(413);
  });
});

describe('the api', () => {
  const chaos = { url: 'http://127.0.0.1:3001', token: TOKEN };
  const configOf = async (auth: 'off' | 'keys', told: typeof chaos | null, host = '127.0.0.1'): Promise<Heard> => {
    const app = express();
    app.use(consoleRouter({ folder: '/nowhere', auth, simulatorUrl: null, chaos: told }));
    return ask(`${await listen(app)}/console/config.json`, { method: 'GET', headers: { Host: host } });
  };

  test('tells it to this machine alone, and only where no keys are asked for', async () => {
    const here = await configOf('off', chaos);
    expect(JSON.parse(here.text)).toMatchObject({ chaos });
    expect(here.headers['content-security-policy']).toContain(`connect-src 'self' ${chaos.url};`);
    for (const heard of [await configOf('off', chaos, 'orders.local'), await configOf('keys', chaos)])
      expect(JSON.parse(heard.text)).toMatchObject({ chaos: null });
    const without = await configOf('off', null);
    expect(JSON.parse(without.text)).toMatchObject({ chaos: null });
    expect(without.headers['content-security-policy']).toContain(`connect-src 'self';`);
  });

  test('refuses it off loopback, beside a live key, and by halves', () => {
    const given = {
      ...{ CHAOS_CONTROL_URL: chaos.url, CHAOS_CONTROL_TOKEN: TOKEN },
      ...{ HOST: '127.0.0.1', STRIPE_API_BASE: 'http://127.0.0.1:12111', STRIPE_API_KEY: 'sk_test_local' },
    };
    expect(chaosConflictOf(given)).toBeNull();
    expect(chaosConflictOf({ ...given, HOST: '::1' })).toBeNull();
    expect(chaosOf(given)).toEqual(chaos);
    for (const wrong of [
      { HOST: '0.0.0.0' },
      { HOST: '::' },
      { STRIPE_API_BASE: 'https://api.stripe.com' },
      { CHAOS_CONTROL_URL: 'http://10.0.0.7:3001' },
      { STRIPE_API_KEY: 'rk_live_x' },
      { CHAOS_CONTROL_TOKEN: undefined },
      { CHAOS_CONTROL_URL: undefined },
    ])
      expect(chaosConflictOf({ ...given, ...wrong })).toContain('CHAOS_CONTROL');
    const { CHAOS_CONTROL_URL: _url, CHAOS_CONTROL_TOKEN: _token, ...none } = given;
    expect([chaosConflictOf({ ...none, HOST: '0.0.0.0' }), chaosOf(none)]).toEqual([null, null]);
  });
});
