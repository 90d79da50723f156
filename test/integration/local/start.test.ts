// `npm start` as a user meets it: on a folder of its own, killed, started again, stopped.
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { placeOrder, settledOrder } from '../../support/orders.ts';
import { until } from '../../support/until.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
// Also a private folder, as root's often are: the database's user can not walk into it.
let folder: string;
const started: ChildProcess[] = [];
// Where the data went instead.
const elsewhere: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-orders-start-'));
  for (const name of ['dist', 'migrations', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
});
afterAll(async () => {
  for (const child of started) child.kill('SIGTERM');
  await until(
    () => started.every((child) => child.exitCode !== null || child.signalCode !== null),
    'every start has ended',
  );
  for (const directory of [folder, ...elsewhere]) await rm(directory, { recursive: true, force: true });
});

type Started = { child: ChildProcess; said: () => string; ended: Promise<number | null> };

function start(): Started {
  const { NODE_OPTIONS: _forJest, ...env } = process.env;
  const child = spawn(process.execPath, [join(folder, 'dist/local/main.js')], {
    env: { ...env, PORT: '0', SIMULATOR_PORT: '0' },
  });
  started.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { child, said: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

async function ready({ said, child }: Started): Promise<string> {
  await until(() => said().includes('Stop with Ctrl-C') || child.exitCode !== null, 'the greeting');
  const [, url] = /^ +API +(http:\S+)/m.exec(said()) ?? [];
  if (url === undefined) throw new Error(`Expected the greeting; found:\n${said()}`);
  const [, data] = /data in (\S+),/.exec(said()) ?? [];
  if (data !== undefined) elsewhere.push(data);
  return url;
}

test('starts everything, survives a kill, goes on with its orders, and leaves nothing when it is stopped', async () => {
  const first = start();
  const url = await ready(first);
  expect(first.said()).toMatch(/^ +simulator +http:/m);
  const pages = [...first.said().matchAll(/http:\S+\/console\/\S+/g)].map(([page]) => page);
  expect(pages).toHaveLength(4);
  for (const page of pages) expect(await (await fetch(page)).text()).toContain('/console/assets/');
  expect(await (await fetch(`${url}/console/config.json`)).json()).toMatchObject({ auth: 'off', canLoseAnswers: true });
  const wanted = { items: [{ sku: 'espresso-beans', quantity: 1 }] };
  const { id } = await placeOrder(url, wanted);
  expect((await settledOrder(url, id)).status).toBe('confirmed');

  const second = start();
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain('runs already here');

  const pids = await childPids();
  first.child.kill('SIGKILL');
  await first.ended;

  const third = start();
  const again = await ready(third);
  expect(third.said()).toContain('ended what the last start left running');
  expect(pids.filter(isRunning)).toEqual([]);
  expect((await settledOrder(again, id)).status).toBe('confirmed');
  // The stock was not written anew.
  const product = (await (await fetch(`${again}/products/espresso-beans`)).json()) as { onHand: number };
  expect(product.onHand).toBe(4_999);

  const begun = Date.now();
  const children = await childPids();
  third.child.kill('SIGTERM');
  expect(await third.ended).toBe(0);
  expect(Date.now() - begun).toBeLessThan(15_000);
  expect(children.filter(isRunning)).toEqual([]);
}, 120_000);

/** The processes that the stack has noted down. */
async function childPids(): Promise<number[]> {
  const names = ['postgres', 'temporal', 'simulator', 'api', 'worker'];
  const notes = names.map((name) => readFile(join(folder, '.local', 'run', `${name}.json`), 'utf8'));
  return (await Promise.all(notes)).map((note) => (JSON.parse(note) as { pid: number }).pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
