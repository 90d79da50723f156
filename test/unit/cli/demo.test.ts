// `orders demo` around its scenes: where it refuses to play, how it ends, what it prints, and that it mends what it broke.
import { afterEach, expect, test } from '@jest/globals';
import { playDemo } from '../../../src/cli/demo/demo.ts';
import { check } from '../../../src/cli/demo/facts.ts';
import { scene, type Scene } from '../../../src/cli/demo/scene.ts';
import { findPlayground } from '../../../src/cli/demo/where.ts';
import { runCli } from '../../../src/cli/program.ts';
import { openSession, type Form } from '../../../src/cli/session.ts';
import { UnreachableError } from '../../../clients/typescript/src/index.ts';
import { fakeIo, orders } from '../../support/cli.ts';
import { json, scriptedServer, type Asked, type Reply } from '../../support/scripted-server.ts';

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});

/** One server for api and simulator; it answers by method and path. */
async function serve(replies: (url: string) => Record<string, Reply>) {
  let routes: Record<string, Reply> = {};
  const server = await scriptedServer((res, asked) =>
    (routes[`${asked.method} ${asked.path}`] ?? json(404, {}))(res, asked),
  );
  open.push(server);
  routes = replies(server.url);
  return server;
}
const stackAt = (url: string): Record<string, Reply> => ({
  'GET /console/config.json': json(200, { simulatorUrl: url, chaos: null }),
  'GET /_simulator/health': json(200, {}),
  'GET /_simulator/faults': json(200, { items: [] }),
});
const writes = (asked: readonly Asked[]): string[] =>
  asked.filter(({ method }) => method !== 'GET').map(({ method, path }) => `${method} ${path}`);

const passes = scene({
  name: 'well',
  headline: 'All is well',
  promise: 'It is.',
  play: () => Promise.resolve(1),
  checks: (one) => [check('one', '1', String(one))],
});
const fails: Scene = {
  ...passes,
  name: 'ill',
  perform: () => Promise.resolve([check('order', 'confirmed', 'rejected')]),
};
const breaks: Scene = { ...passes, name: 'broken', perform: () => Promise.reject(new Error('the stage fell down')) };
const kills: Scene = { ...passes, name: 'kills', needs: 'processes' };

async function play(scenes: readonly Scene[], output: Form = 'table') {
  const { url } = await serve(stackAt);
  const { io, ran } = fakeIo({ ORDERS_API_URL: url });
  const session = await openSession(io, { output, color: false });
  const code = await playDemo(session, scenes, { run: 'r', isFast: true, playground: await findPlayground(session) });
  return { code, ...ran };
}

test('ends 0 when every check passes, 1 when one fails, and says what was expected', async () => {
  expect(await play([passes])).toMatchObject({ code: 0, out: expect.stringContaining('✓ one          1\n') });
  const { code, out } = await play([fails, passes]);
  expect(code).toBe(1);
  expect(out).toMatch(/✗ order {8}rejected\n {18}expected: confirmed\n/);
  expect(out).toMatch(/^ +ill +failed +0 of 1 /m);
  expect(out).toContain('1 of 2 checks failed.');
});

test('a scene that breaks off has failed, and the others are played all the same', async () => {
  const { code, out } = await play([breaks, passes]);
  expect(code).toBe(1);
  expect(out).toContain('✗ scene        the stage fell down');
  expect(out).toMatch(/^ +well +passed +1 of 1 /m);
});

test('what nobody can play is said to be left out', async () => {
  const { code, out } = await play([kills, passes]);
  expect([code, out]).toEqual([0, expect.stringMatching(/^ +kills +left out/m)]);
  expect(out).toContain('1 checks in 1 scene, 1 left out');
});

test('for machines there is nothing but results on stdout', async () => {
  const { out, said } = await play([passes, fails], 'json');
  expect(said).toContain('All is well');
  const wrong = { of: 'order', expected: 'confirmed', found: 'rejected', ok: false };
  expect(JSON.parse(out)).toMatchObject({
    passed: false,
    scenes: [
      { scene: 'well', state: 'passed' },
      { scene: 'ill', state: 'failed', orders: [], checks: [wrong] },
    ],
  });
  const lines = (await play([passes, fails], 'jsonl')).out.trim().split('\n');
  expect(lines.map((text) => (JSON.parse(text) as { scene: string }).scene)).toEqual(['well', 'ill']);
});

test('lines fit into 80 columns', async () => {
  const long = scene({
    ...{ name: 'long', headline: 'Long', promise: 'word '.repeat(60).trim() },
    play: (stage) => Promise.resolve(stage.tell('step '.repeat(40).trim())),
    checks: () => [check('words', 'many '.repeat(40).trim(), 'other '.repeat(40).trim())],
  });
  const { out } = await play([long]);
  expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

const order = { id: 'order_1', status: 'reserved', attention: null, waiting: { for: 'customer', until: null } };

test('takes back its fault, no other, and cancels what waits, when it is interrupted', async () => {
  const stop = new AbortController();
  let faults = [
    { id: 'f1', match: { orderId: 'order_1' } },
    { id: 'f2', match: { orderId: 'order_2' } },
    { id: 'f3', match: {} },
  ];
  const { url, asked } = await serve((at) => ({
    ...stackAt(at),
    'POST /orders': json(202, order),
    'GET /orders/order_1': json(200, order),
    'POST /orders/order_1/cancel': json(202, order),
    'GET /_simulator/faults': (res, one) => json(200, { items: faults })(res, one),
    // It is made, and the answer never comes.
    'POST /_simulator/faults': () => stop.abort(),
    'DELETE /_simulator/faults/f1': (res) => {
      faults = faults.slice(1);
      res.writeHead(204).end();
    },
  }));
  const struck: Scene = {
    ...passes,
    perform: async (stage) => {
      await stage.place({ sku: 'book', customer: 'ada' });
      await stage.arm('order_1', { operation: 'confirm', mode: 'drop_after_effect', times: 1 });
      return [];
    },
  };
  const { io } = fakeIo({ ORDERS_API_URL: url }, { signal: stop.signal });
  const session = await openSession(io, { output: 'table', color: false });
  const playground = await findPlayground(session);
  await expect(playDemo(session, [struck, passes], { run: 'r', isFast: true, playground })).rejects.toThrow();
  expect(writes(asked)).toEqual([
    'POST /orders',
    'POST /_simulator/faults',
    'DELETE /_simulator/faults/f1',
    'POST /orders/order_1/cancel',
  ]);
});

test('an api that is gone ends it', async () => {
  const gone: Scene = {
    ...passes,
    perform: () => Promise.reject(new UnreachableError('gone', { attempts: 1, cause: null })),
  };
  await expect(play([gone, passes])).rejects.toThrow('gone');
});

test.each([
  ['a real provider', { simulatorUrl: null, chaos: null }, /charges at a real payment provider/],
  ['another machine', { simulatorUrl: 'http://simulator:12111', chaos: null }, /runs on another machine/],
  [
    'a simulator that is away',
    { simulatorUrl: 'http://127.0.0.1:9', chaos: null },
    /does not answer at http:\/\/127.0.0.1:9/,
  ],
  ['something else', { hello: 'world' }, /does not say that it is a stack of npm start/],
])('refuses to play on %s, and places nothing', async (_, config, why) => {
  const { url, asked } = await serve(() => ({ 'GET /console/config.json': json(200, config) }));
  const { code, out, said } = await orders(url, ['demo', '--fast']);
  expect([code, out]).toEqual([2, '']);
  expect(said).toMatch(why);
  expect(said).toContain('nothing was placed');
  expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /console/config.json']);
});

test('says how to start a stack when nothing answers, and what scenes there are', async () => {
  const none = await orders('http://127.0.0.1:9', ['demo']);
  expect(none).toMatchObject({ code: 5, out: '', said: expect.stringContaining('npm start') });
  expect(await orders(null, ['demo', '--scene', 'nope'])).toMatchObject({
    code: 2,
    said: expect.stringContaining('answer-lost'),
  });
  const { url, asked } = await serve(stackAt);
  const killed = await orders(url, ['demo', '--scene', 'worker-killed']);
  expect(killed).toMatchObject({ code: 2, said: expect.stringContaining('nothing was placed') });
  expect(writes(asked)).toEqual([]);
});

test('is interrupted in a pause to read', async () => {
  const stop = new AbortController();
  const { url, asked } = await serve(stackAt);
  const { io, ran } = fakeIo({ ORDERS_API_URL: url }, { signal: stop.signal });
  const running = runCli(['demo', '--scene', 'happy'], {
    ...io,
    out: (text) => (io.out(text), text.includes('placed, and sold') && setTimeout(() => stop.abort(), 20)),
  });
  expect(await running).toBe(130);
  expect(ran.said).toContain('Interrupted');
  expect(writes(asked)).toEqual([]);
});
