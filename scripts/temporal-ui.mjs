// `npm run pictures:temporal`: makes an order of each kind in the stack that runs in this folder, looks at them in Temporal's Web UI with a
// real browser, and takes the pictures of docs/temporal-ui.md. Fails when a link or a query of that page leads nowhere.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { makeKinds } from './temporal-ui/kinds.mjs';
import { pictures } from './temporal-ui/pictures.mjs';
import { queriesOf } from './temporal-ui/queries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'docs/images/temporal-ui');
const page = join(root, 'docs/temporal-ui.md');
const START =
  'REVIEW_UNITS_ABOVE=5 PROVIDER_OUTAGE_LIMIT_MS=15000 RECONCILE_GRACE_MS=1000 CARRIER_SIMULATOR_PACE_MS=600000 npm start';
const PATIENCE_MS = 15_000;
// What the page shows moves into place once it is there.
// A link opens a page of its own, or leads there in this one.
const LINK_MS = 3_000;
const SETTLE_MS = 700;
// The Web UI's menu and its head, in its pixels.
const MENU = 256;
const HEAD = 60;
const say = (text) => void process.stdout.write(`${text}\n`);

const stack = findStack();
const workflows = `${stack.uiUrl}/namespaces/default/workflows`;
const ids = await makeKinds(stack, say);
const browser = await chromium.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
try {
  const tab = await openTab({ width: 1280, scale: 1 });
  // So that all columns are in it.
  const wide = await openTab({ width: 1700, scale: 0.75 });
  await chooseColumns(wide);
  await takePictures({ tab, wide });
  await followLinks(tab, ids.parked);
  await askQueries(tab);
} finally {
  await browser.close();
}

async function openTab({ width, scale }) {
  const viewport = { width, height: 1000 };
  const opened = await browser.newPage({ viewport, deviceScaleFactor: scale, timezoneId: 'UTC' });
  opened.setDefaultTimeout(PATIENCE_MS);
  return opened;
}

function findStack() {
  const lock = join(root, '.local/npm-start.json');
  const found = existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')).stack : null;
  if (found) return found;
  say(
    `No stack runs in this folder. In another terminal, with nothing in .local for a list of these orders alone:\n  ${START}`,
  );
  process.exit(1);
}

/** Playwright's own browsers are not used: a distribution's Chromium does. */
function findBrowser() {
  const names = process.env.CHROMIUM ? [process.env.CHROMIUM] : ['chromium', 'chromium-browser', 'google-chrome'];
  for (const name of names) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v "${name}"`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
  say(`No browser: expected one of ${names.join(', ')} on the PATH (CHROMIUM names another)`);
  process.exit(1);
}

/** As a person does it: the columns that say what an order is, instead of those that do not. */
async function chooseColumns(tab) {
  await tab.goto(workflows);
  await tab.getByTestId('workflows-summary-table-configuration-button').click();
  for (const name of ['Run ID', 'End', 'Type', 'Start'])
    await tab.getByTestId(`orderable-list-item-${name}-remove-button`).click();
  for (const name of ['OrderStatus', 'OrderAttention', 'OrderTotalMinor', 'CustomerId', 'Type', 'Start'])
    await tab.getByTestId(`orderable-list-item-${name}-add-button`).click();
  await tab.getByTestId('drawer-close-button').click();
}

async function takePictures({ tab, wide }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { name, path, query, show, awaits, height } of pictures(ids)) {
    const on = path ? tab : wide;
    const { width } = on.viewportSize();
    await on.setViewportSize({ width, height });
    await (path ? openWorkflow(on, path, show) : openList(on, query));
    if (awaits) await on.getByText(awaits).last().waitFor();
    await on.waitForTimeout(SETTLE_MS);
    const file = join(folder, `${name}.png`);
    // Without what is the same on every page.
    await on.screenshot({ path: file, clip: { x: MENU, y: HEAD, width: width - MENU, height: height - HEAD } });
    shrink(file);
    say(`${name}: ${on.url()}`);
  }
}

async function openWorkflow(tab, id, show) {
  await tab.goto(`${workflows}/${encodeURIComponent(id)}`);
  await tab.getByText('History Size').waitFor();
  // It adds the run to the address by itself.
  await tab.waitForURL(/\/timeline$/);
  if (show) await tab.goto(tab.url().replace(/timeline$/, show));
  if (show === 'user-metadata') await framed(tab, 'heading', 'What happened');
}

/** The Web UI shows Markdown in frames. */
async function framed(tab, role, name) {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await tab.waitForTimeout(100))
    for (const frame of tab.frames()) {
      // One that goes away while it is asked has nothing.
      const found = frame.getByRole(role, { name });
      if ((await found.count().catch(() => 0)) > 0) return found.first();
    }
  throw new Error(`No ${role} “${name}” on ${tab.url()}`);
}

async function openList(tab, query) {
  await tab.goto(query ? `${workflows}?query=${encodeURIComponent(query)}` : workflows);
  await tab.getByTestId('workflow-count').waitFor();
}

/** A palette is enough for a page of text; without pngquant pictures stay as they are. */
function shrink(file) {
  if (spawnSync('pngquant', ['--version']).status === 0)
    execFileSync('pngquant', ['--force', '--ext', '.png', '--skip-if-larger', '--strip', '64', file]);
}

async function followLinks(tab, orderId) {
  for (const [name, expected] of [
    ['The order', orderId],
    ['its explanation', 'Parked at charge-payment'],
    ['its events', '"eventType":"order.placed"'],
    ['all its workflows', '1 Workflow'],
  ]) {
    await openWorkflow(tab, orderId, 'user-metadata');
    const link = await framed(tab, 'link', name);
    const opening = tab
      .context()
      .waitForEvent('page', { timeout: LINK_MS })
      .catch(() => null);
    await link.click();
    const opened = await opening;
    const reached = opened ?? tab;
    await reached.waitForTimeout(2_000);
    const text = await reached.locator('body').innerText();
    if (!text.replaceAll(/\s+/g, ' ').includes(expected))
      throw new Error(`“${name}” led to ${reached.url()}, without ${expected}: ${text.slice(0, 300)}`);
    say(`link “${name}” leads to ${reached.url()}`);
    await opened?.close();
  }
}

/** What the Web UI shows for each query of the page is what Temporal has. */
async function askQueries(tab) {
  for (const { title, query } of queriesOf(readFileSync(page, 'utf8'))) {
    const asked = `${stack.uiUrl}/api/v1/namespaces/default/workflow-count?query=${encodeURIComponent(query)}`;
    const { count = 0 } = await (await fetch(asked)).json();
    await openList(tab, query);
    await tab
      .getByTestId('workflow-count')
      .filter({ hasText: new RegExp(`^${count}$`) })
      .waitFor();
    say(`query “${title}”: ${count}`);
  }
}
