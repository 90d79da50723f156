// `npm start` as a user meets it: on a folder of its own, broken on purpose, killed, started again, stopped.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command, controlOf, hear, partOf } from '../../support/chaos.ts';
import { playEveryScene } from '../../support/demo.ts';
import { placeOrder, settledOrder } from '../../support/orders.ts';
import { openHome, type Home } from '../../support/started.ts';
import { until } from '../../support/until.ts';

let home: Home;

beforeAll(async () => {
  home = await openHome();
});
afterAll(() => home.close());

test('starts everything, survives a kill, goes on with its orders, and leaves nothing when it is stopped', async () => {
  const first = home.start();
  const url = await home.ready(first);
  expect(first.said()).toMatch(/^ +simulator +http:/m);
  const pages = [...first.said().matchAll(/http:\S+\/console\/\S+/g)].map(([page]) => page);
  expect(pages).toHaveLength(5);
  for (const page of pages) expect(await (await fetch(page)).text()).toContain('/console/assets/');
  expect(await (await fetch(`${url}/console/config.json`)).json()).toMatchObject({ auth: 'off', canLoseAnswers: true });
  const wanted = { items: [{ sku: 'espresso-beans', quantity: 1 }] };
  const { id } = await placeOrder(url, wanted);
  expect((await settledOrder(url, id)).status).toBe('confirmed');

  await breakOnPurpose(url);
  await playEveryScene(home.folder);

  const second = home.start();
  expect(await second.ended).toBe(1);
  expect(second.said()).toContain('runs already here');

  const pids = await childPids();
  first.child.kill('SIGKILL');
  await first.ended;

  const third = home.start();
  const again = await home.ready(third);
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
}, 180_000);

async function breakOnPurpose(url: string): Promise<void> {
  const control = await controlOf(url);
  // Who else may come in: test/unit/chaos/door.
  const wrong = { Authorization: 'Bearer wrong' };
  expect((await command(control, 'POST', '/processes/api/kill', { headers: wrong })).status).toBe(401);
  const page = await fetch(`${url}/console/chaos`);
  expect(page.headers.get('Content-Security-Policy')).toContain(`connect-src 'self' ${control.url};`);
  expect((await command(control, 'POST', '/faults', { body: { operation: 'none' } })).status).toBe(400);
  expect(await command(control, 'PUT', '/load', { body: { ordersPerSecond: 51 } })).toMatchObject({ status: 422 });
  expect(await command(control, 'PUT', '/load', { body: { ordersPerSecond: 6 } })).toMatchObject({
    status: 200,
    body: { ordersPerSecond: 6 },
  });
  const killed = await partOf(control, 'worker');
  expect(await command(control, 'POST', '/processes/worker/kill')).toMatchObject({
    status: 202,
    body: { name: 'worker', pid: killed.pid },
  });
  expect((await command(control, 'POST', '/processes/temporal/stop')).status).toBe(202);
  await until(async () => (await partOf(control, 'temporal')).pid === null, 'Temporal is away');
  const accepted = (await hear(control, ({ load }) => load.accepted >= 6)).load.accepted;
  expect((await partOf(control, 'temporal')).state).toBe('stopped');
  expect((await command(control, 'POST', '/restore')).status).toBe(202);
  await command(control, 'PUT', '/load', { body: { ordersPerSecond: 0 } });
  const last = await hear(
    control,
    ({ counters, load, invariants }) =>
      counters?.inFlight === 0 &&
      // What is counted is a moment older than what was accepted.
      counters.placed === load.accepted + 1 &&
      load.accepted >= accepted &&
      load.unanswered === 0 &&
      invariants.every(({ state }) => state === 'holds'),
  );
  expect((last.counters?.confirmed ?? 0) + (last.counters?.rejected ?? 0)).toBe(last.load.accepted + 1);
  expect((await partOf(control, 'worker')).pid).not.toBe(killed.pid);
}

/** The processes that the stack has noted down. */
async function childPids(): Promise<number[]> {
  const names = ['postgres', 'temporal', 'simulator', 'api', 'worker'];
  const notes = names.map((name) => readFile(join(home.folder, '.local', 'run', `${name}.json`), 'utf8'));
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
