// The chaos page in a real browser, on the stack of `npm start` as it runs: what is broken there is broken.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { invariantNames } from '../../src/chaos/judge.ts';
import { command, controlOf, partOf, type Control } from '../support/chaos.ts';
import { openHome, type Home, type Started } from '../support/started.ts';
import { until } from '../support/until.ts';
import { findBarriers, findWide, openDesk, takePicture, type Desk, type Tab } from './support.ts';

let home: Home;
let stack: Started;
let url: string;
let desk: Desk;
let control: Control;
let db: pg.Pool;

beforeAll(async () => {
  home = await openHome();
  stack = home.start();
  url = await home.ready(stack);
  control = await controlOf(url);
  desk = await openDesk(url);
  db = new pg.Pool({ connectionString: await home.databaseUrl(stack), max: 1 });
}, 180_000);
afterAll(async () => {
  // Whatever did not come up: what did must not be left running.
  await Promise.allSettled([Promise.resolve().then(() => db.end()), Promise.resolve().then(() => desk.close())]);
  await home.close();
}, 60_000);

const open = async (path: string, options: object = {}): Promise<Tab> => {
  const tab = await desk.open(path, { ...options, also: control.url });
  await tab.getByText('What must hold').waitFor();
  return tab;
};
const invariant = (tab: Tab, name: string) => tab.locator('.invariants li').filter({ hasText: name });
const waitFor = async (tab: Tab, name: string, state: string): Promise<void> => {
  const found = invariant(tab, name).and(tab.locator(`[data-state="${state}"]`));
  await found.waitFor().catch(async (error: unknown) => {
    throw new Error(`Expected "${name}" to be ${state}; the page says:\n${await tab.locator('main').innerText()}`, {
      cause: error,
    });
  });
};
const waitForAll = async (tab: Tab, state: string): Promise<void> => {
  for (const name of invariantNames) await waitFor(tab, name, state);
};
const counted = async (tab: Tab, name: string): Promise<number> => {
  const text = await tab.locator('.tally div').filter({ hasText: name }).locator('dd').innerText();
  return Number(text.replace(/\D/g, '') || Number.NaN);
};
const press = (tab: Tab, name: string): Promise<void> => tab.getByRole('button', { name, exact: true }).click();

/** Notes every state that any invariant has from now on. */
const noteStates = (tab: Tab): Promise<unknown> =>
  tab.evaluate(`void (window.states = new Set(), setInterval(() => {
    for (const one of document.querySelectorAll('.invariants li')) window.states.add(one.dataset.state);
  }, 100))`);
const statesOf = (tab: Tab): Promise<string[]> => tab.evaluate<string[]>('[...window.states]');

test('orders go on while the worker dies, answers are lost and the api dies, and nothing is ever red', async () => {
  const tab = await open('/chaos', { width: 1_280, height: 1_240 });
  const heard = tab.waitForResponse((answer) => answer.request().method() === 'PUT' && answer.status() === 200);
  await tab.getByRole('slider', { name: /Orders a second/ }).fill('2');
  await heard;
  await waitForAll(tab, 'holds');
  await noteStates(tab);
  const { pid } = await partOf(control, 'worker');
  await press(tab, 'Kill the worker');
  await until(async () => ![pid, null].includes((await partOf(control, 'worker')).pid), 'another worker');
  await press(tab, 'Lose answers');
  await until(
    async () => ((await command(control, 'GET', '/faults')).body as { items: object[] }).items.length === 0,
    'all are lost',
  );
  const before = await counted(tab, 'confirmed');
  await until(async () => (await counted(tab, 'confirmed')) > before + 5, 'orders are confirmed all the same');
  if (process.env['PICTURES']) {
    // A minute in which it catches up says more.
    await until(async () => (await counted(tab, 'confirmed')) > before + 60, 'it catches up', 80_000);
    await tab.evaluate('scrollTo(0, 0)');
  }
  await takePicture(tab, 'chaos');
  await press(tab, 'Kill the api');
  // The page does not need it.
  await tab
    .getByText(/starting/)
    .first()
    .waitFor();
  await tab.locator('.stream.live').waitFor();
  await until(async () => (await partOf(control, 'api')).state === 'running', 'another api');
  await press(tab, 'Restore everything');
  await tab.getByRole('slider').fill('0');
  await until(async () => (await counted(tab, 'in flight')) === 0, 'no order is in flight', 90_000);
  await waitForAll(tab, 'holds');
  expect(await statesOf(tab)).not.toContain('broken');
  const { rows } = await db.query<{ status: string }>('select distinct status from orders');
  // Cards that are declined are few: a short run may have none.
  expect(['confirmed', 'confirmed,rejected']).toContain(
    rows
      .map(({ status }) => status)
      .sort()
      .join(),
  );
  tab.expectClean();
});

test('what does not fit is red until it fits again: a row that somebody has changed', async () => {
  const tab = await open('/chaos');
  await waitFor(tab, 'Stock is never oversold', 'holds');
  await db.query(`update stock set on_hand = on_hand + 1 where sku = 'load-mug'`);
  await waitFor(tab, 'Stock is never oversold', 'broken');
  await invariant(tab, 'Stock is never oversold').getByText('load-mug').waitFor();
  await db.query(`update stock set on_hand = on_hand - 1 where sku = 'load-mug'`);
  await waitFor(tab, 'Stock is never oversold', 'holds');

  const { rows } = await db.query<{ id: string }>(`select id from orders where status = 'confirmed' limit 1`);
  await db.query('update orders set total_minor = total_minor + 1 where id = $1', [rows[0]?.id]);
  await waitFor(tab, 'What was taken is what the order is worth', 'broken');
  await db.query('update orders set total_minor = total_minor - 1 where id = $1', [rows[0]?.id]);
  await waitFor(tab, 'What was taken is what the order is worth', 'holds');
  tab.expectClean();
});

test('what nobody can see is unknown, not green: the provider does not answer, the database is away', async () => {
  const tab = await open('/chaos');
  const money = ['What was taken is what the order is worth', 'Every order is charged once'];
  const { pid } = await partOf(control, 'simulator');
  process.kill(pid ?? Number.NaN, 'SIGSTOP');
  try {
    for (const name of money) await waitFor(tab, name, 'unknown');
    await waitFor(tab, 'Events are gap-free', 'holds');
  } finally {
    process.kill(pid ?? Number.NaN, 'SIGCONT');
  }
  for (const name of money) await waitFor(tab, name, 'holds');

  // It takes no connections any more, and the one there was is cut.
  const postgres = (await partOf(control, 'postgres')).pid ?? Number.NaN;
  process.kill(postgres, 'SIGSTOP');
  try {
    const cut = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'durable-orders-chaos'`;
    await db.query(cut);
    await waitForAll(tab, 'unknown');
  } finally {
    process.kill(postgres, 'SIGCONT');
  }
  await waitFor(tab, 'Events are gap-free', 'holds');
  tab.expectClean();
});

test('keeps nobody out: axe in both schemes, 360 pixels, the keyboard, and where there is nothing to break', async () => {
  for (const scheme of ['light', 'dark'] as const) {
    const tab = await open('/chaos', { scheme });
    await tab.getByText('The last ten seconds as numbers').click();
    expect({ scheme, found: await findBarriers(tab) }).toEqual({ scheme, found: [] });
    tab.expectClean();
  }
  const narrow = await open('/chaos', { width: 360 });
  expect(await findWide(narrow)).toEqual([]);
  const tab = await open('/chaos');
  await tab.getByRole('slider').focus();
  await tab.keyboard.press('Home');
  await tab.keyboard.press('ArrowRight');
  await tab.getByText('Orders a second: 1').waitFor();
  await tab.keyboard.press('ArrowLeft');
  await until(
    async () => ((await command(control, 'GET', '/load')).body as { ordersPerSecond: number }).ordersPerSecond === 0,
    'no load',
  );
  expect(await tab.getByRole('img', { name: /placed: .* lately/ }).count()).toBe(1);
  tab.expectClean();
});
