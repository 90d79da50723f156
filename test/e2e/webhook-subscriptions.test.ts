// Subscriptions over HTTP: what is refused before anything is written, what is shown once, and how a test message is told.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { MAX_SUBSCRIPTIONS } from '../../src/domain/webhook.ts';
import { JSON_TYPE, problemOf, send, startApi, type SupportApi } from './support-api.ts';

const NOBODYS = 'whsub_01kax3v7ehe4sbg0krv6m4fxxv';
const hook = { url: 'https://shop.example/hooks' };
type Body = Record<string, unknown> & { id: string; secret: string; items: Body[] };

let api: SupportApi;
let server: Server;
let url: string;
let status = 204;
const received: { body: string; headers: Record<string, string> }[] = [];

beforeAll(async () => {
  api = await startApi();
  server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      received.push({ body: Buffer.concat(chunks).toString(), headers: req.headers as Record<string, string> });
      res.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
beforeEach(async () => {
  for (const { id } of (await ask('GET', '')).items) await ask('DELETE', `/${id}`);
  received.splice(0);
});
afterAll(async () => {
  await api.close();
  await new Promise((resolve) => server.close(resolve));
});

const call = (method: string, path: string, body?: object) =>
  send(api.port, {
    ...{ method, path: `/webhook-subscriptions${path}`, headers: body ? [JSON_TYPE] : [] },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
async function ask(method: string, path: string, body?: object): Promise<Body> {
  const { text } = await call(method, path, body);
  return (text === '' ? {} : JSON.parse(text)) as Body;
}

test('a subscription shows its secret once, to whoever made it', async () => {
  const made = await call('POST', '', { ...hook, eventTypes: ['order.confirmed'], description: 'the warehouse' });
  expect(made.status).toBe(201);
  const { secret, ...shown } = JSON.parse(made.text) as Body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(made.headers['location']).toBe(`/webhook-subscriptions/${shown.id}`);
  expect(made.headers['cache-control']).toBe('no-store');
  expect(shown).toMatchObject({
    ...{ ...hook, eventTypes: ['order.confirmed'], description: 'the warehouse', paused: false },
    ...{ pending: 0, parked: 0, failingSince: null },
  });
  expect(await ask('GET', `/${shown.id}`)).toEqual(shown);
  expect(await ask('GET', '')).toEqual({ items: [shown] });
  expect(api.log.join()).not.toContain(secret);

  const replaced = await ask('PUT', `/${shown.id}`, { ...hook, paused: true });
  expect(replaced).toMatchObject({ id: shown.id, paused: true, eventTypes: null, description: null });
  expect((await call('DELETE', `/${shown.id}`)).status).toBe(204);
  expect((await call('DELETE', `/${shown.id}`)).status).toBe(404);
});

describe('is refused, and nothing is written', () => {
  test.each([
    [{}, '/url'],
    [{ url: 'ftp://shop.example/' }, '/url'],
    [{ url: 'http://shop.example/' }, '/url'],
    [{ url: 'https://user:secret@shop.example/' }, '/url'],
    [{ ...hook, eventTypes: [] }, '/eventTypes'],
    [{ ...hook, eventTypes: ['order.exploded'] }, '/eventTypes/0'],
    [{ ...hook, after: -1 }, '/after'],
    [{ ...hook, secret: 'mine' }, '/secret'],
  ])('%j', async (body, pointer) => {
    const problem = problemOf(await call('POST', '', body));
    expect(problem).toMatchObject({ status: 422, type: '/problems/invalid-body', errors: [{ pointer }] });
    expect(await ask('GET', '')).toEqual({ items: [] });
  });

  test('when there are as many as a shop can have', async () => {
    const made = await Promise.all(Array.from({ length: MAX_SUBSCRIPTIONS + 3 }, () => call('POST', '', hook)));
    const refused = made.filter((answer) => answer.status !== 201);
    expect(refused.map((answer) => problemOf(answer)['type'])).toEqual(
      Array.from({ length: 3 }, () => '/problems/too-many-subscriptions'),
    );
  });
});

test('nobody’s subscription, and a delivery that there is not, are not found', async () => {
  const { id } = await ask('POST', '', hook);
  const reason = { reason: 'looked at it' };
  for (const [method, path, body] of [
    ['GET', `/${NOBODYS}`, undefined],
    ['PUT', `/${NOBODYS}`, hook],
    ['POST', `/${NOBODYS}/ping`, undefined],
    ['POST', `/${NOBODYS}/rotate-secret`, {}],
    ['POST', `/${NOBODYS}/replays`, { after: 0, through: 9 }],
    ['GET', `/${NOBODYS}/deliveries`, undefined],
    ['GET', '/not-an-id', undefined],
  ] as const)
    expect(problemOf(await call(method, path, body))).toMatchObject({
      status: 404,
      type: '/problems/subscription-not-found',
    });
  for (const path of [`/${id}/deliveries/1/skip`, `/${id}/deliveries/x/resend`])
    expect(problemOf(await call('POST', path, reason))).toMatchObject({
      status: 404,
      type: '/problems/delivery-not-found',
    });
  expect(problemOf(await call('POST', `/${id}/replays`, { after: 9, through: 9 }))).toMatchObject({
    status: 422,
    errors: [{ pointer: '/through' }],
  });
  expect(problemOf(await call('GET', `/${id}/deliveries?cursor=x`))).toMatchObject({
    type: '/problems/invalid-cursor',
  });
});

test('a test message is signed like any other, and what came of it is said', async () => {
  const { id, secret } = await ask('POST', '', { url });
  expect(await ask('POST', `/${id}/ping`)).toMatchObject({ delivered: true, status: 204, failure: null });
  const [first] = received;
  expect(new Webhook(secret).verify(first?.body ?? '', first?.headers ?? {})).toMatchObject({
    eventType: 'webhook.ping',
  });

  const rotated = await ask('POST', `/${id}/rotate-secret`, { overlapSeconds: 60 });
  await ask('POST', `/${id}/ping`);
  for (const valid of [secret, rotated.secret])
    expect(() => new Webhook(valid).verify(received[1]?.body ?? '', received[1]?.headers ?? {})).not.toThrow();

  status = 500;
  expect(await ask('POST', `/${id}/ping`)).toMatchObject({ delivered: false, status: 500, failure: 'answered 500' });
  status = 204;
});
