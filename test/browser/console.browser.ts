// The ways of a customer and of an operator through the console, on the product as it runs.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { findBarriers, findWide, openDesk, takePicture, type Desk, type Scheme, type Tab } from './support.ts';

let stack: Stack;
let desk: Desk;
let parked: OrderBody;
let sold: OrderBody;
const address = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };

beforeAll(async () => {
  stack = await startTestStack({ webhooks: true });
  await putProduct(stack.url, 'book', { onHand: 500 });
  await putProduct(stack.url, 'pen', { priceMinor: 250, onHand: 0 });
  desk = await openDesk(stack.url);
  sold = await placeOrder(stack.url, { extra: { shipping: address } });
  parked = await placeOrder(stack.url, { paymentMethod: 'pm_card_createDispute', customerId: 'customer-2' });
  await settledOrder(stack.url, sold.id);
  await until(async () => (await read(parked.id)).attention !== null, 'the disputed order is parked');
}, 180_000);
afterAll(async () => {
  await desk.close();
  await stack.close();
});

const ask = async (path: string): Promise<unknown> => (await fetch(`${stack.url}${path}`)).json();
const read = async (id: string): Promise<OrderBody> => (await ask(`/orders/${id}`)) as OrderBody;
const ordersOf = async (customerId: string): Promise<OrderBody[]> =>
  ((await ask(`/orders?customerId=${customerId}`)) as { items: OrderBody[] }).items;

async function choose(tab: Tab, customerId: string, card: string): Promise<void> {
  await tab.getByLabel(/Product book/).fill('2');
  await tab.getByLabel('Customer id').fill(customerId);
  await tab.getByRole('radio', { name: card, exact: false }).first().check();
}

describe('a customer', () => {
  test('places an order with a double click, sees it confirmed, places it again: one order', async () => {
    const tab = await desk.open('/shop');
    await choose(tab, 'buyer-1', 'pays');
    await takePicture(tab, 'shop');
    await tab.getByRole('button', { name: 'Place the order' }).dblclick();
    await tab.getByText('Confirmed: it is sold').first().waitFor();
    await tab.getByRole('button', { name: 'Place again with the same key' }).click();
    await tab.getByText(/Placed 2 times, answered with one order/).waitFor();
    await takePicture(tab, 'placed');
    await tab.reload();
    await tab.getByText('Confirmed: it is sold').first().waitFor();
    expect(await ordersOf('buyer-1')).toHaveLength(1);
    tab.expectClean();
  });

  test('loses the answer of the provider, and is charged once', async () => {
    const tab = await desk.open('/shop');
    await choose(tab, 'buyer-2', 'answer gets lost');
    await tab.getByRole('button', { name: 'Place the order' }).click();
    await tab.getByText('Confirmed: it is sold').first().waitFor({ timeout: 60_000 });
    const [order] = await ordersOf('buyer-2');
    const captured = (await stack.journal(order?.id)).filter(
      ({ effect, replayed }) => effect === 'captured' && !replayed,
    );
    expect(captured).toHaveLength(1);
    tab.expectClean();
  });

  test('hears what to do when the service refuses', async () => {
    const tab = await desk.open('/shop');
    await choose(tab, 'not a customer', 'pays');
    await tab.getByRole('button', { name: 'Place the order' }).click();
    const problem = tab.getByRole('alert');
    await problem.getByText('/customerId').waitFor();
    expect(await problem.innerText()).toContain('an opaque id without spaces');
    tab.expectClean();
  });
});

describe('an operator', () => {
  test('finds what is parked, and decides about it with a reason', async () => {
    const tab = await desk.open('/orders');
    await tab.getByRole('link', { name: /^parked/ }).click();
    await tab.waitForURL(/attention=true/);
    await tab.getByRole('link', { name: `…${parked.id.slice(-8)}` }).waitFor();
    await takePicture(tab, 'orders');
    await tab.getByRole('link', { name: `…${parked.id.slice(-8)}` }).click();
    await tab.getByText('At stake:').waitFor();
    await takePicture(tab, 'order');
    await tab.getByRole('button', { name: 'Skip follow payment' }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('the bank has decided');
    await takePicture(tab, 'decide');
    await dialog.getByRole('button', { name: 'Decide: skip' }).dblclick();
    await tab.getByText(/“the bank has decided”/).waitFor();
    await until(async () => (await read(parked.id)).attention === null, 'it is not parked any more');
    tab.expectClean();
  });

  test('sends a refund whose answer got lost once more after a reload: one refund', async () => {
    const order = await placeOrder(stack.url, { customerId: 'customer-3' });
    await settledOrder(stack.url, order.id);
    const tab = await desk.open(`/orders/${order.id}`);
    await tab.route('**/refunds', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await tab.getByRole('button', { name: 'Refund', exact: true }).click();
    await tab.getByLabel('Amount in EUR').fill('2.50');
    await tab.getByLabel('Reason').fill('one page was missing');
    await tab.getByRole('button', { name: 'Refund it' }).click();
    await tab.getByText('nobody knows whether it has arrived').waitFor();
    await tab.unroute('**/refunds');
    await tab.reload();
    await tab.getByText('begun, not answered yet').waitFor();
    await tab.getByRole('button', { name: 'Refund', exact: true }).click();
    await tab.getByRole('button', { name: 'Send the same again' }).click();
    await tab.getByText('Refund: done').waitFor();
    expect(((await ask(`/orders/${order.id}/refunds`)) as { items: object[] }).items).toMatchObject([
      { amountMinor: 250, reason: 'one page was missing' },
    ]);
    tab.expectClean();
  });

  test('does all of it by the keyboard, and closes a dialog where it was opened', async () => {
    const tab = await desk.open(`/orders/${sold.id}`);
    const cancel = tab.getByRole('button', { name: 'Cancel the order' });
    await cancel.waitFor();
    await tab.keyboard.press('Tab');
    expect(await tab.evaluate<string>('document.activeElement.textContent')).toContain('Skip to the page');
    await cancel.focus();
    await tab.keyboard.press('Enter');
    await tab.getByRole('dialog').waitFor();
    await tab.keyboard.press('Escape');
    await tab.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await tab.evaluate<string>('document.activeElement.textContent')).toBe('Cancel the order');
    tab.expectClean();
  });

  test('counts what a decision about many would concern before it is made', async () => {
    const tab = await desk.open('/orders');
    await tab.getByRole('button', { name: /Decide about many/ }).click();
    const dialog = tab.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('the provider is well again');
    await dialog.getByLabel('Parked at').selectOption('close-order');
    await dialog.getByRole('button', { name: 'Count first' }).click();
    await dialog.getByText('No parked step is like that').waitFor();
    tab.expectClean();
  });

  test('adjusts the stock of a product, and sees its reason', async () => {
    const tab = await desk.open('/stock/pen');
    await tab.getByRole('button', { name: /Adjust the stock/ }).click();
    await tab.getByLabel('Units').fill('25');
    await tab.getByLabel('Reason').fill('delivery 4711');
    await tab.getByRole('button', { name: 'Adjust it' }).click();
    await tab.getByRole('cell', { name: 'delivery 4711' }).waitFor();
    await takePicture(tab, 'stock');
    expect(await ask('/products/pen')).toMatchObject({ onHand: 25 });
    tab.expectClean();
  });

  test('compares the books, and sees the report when it is there', async () => {
    const tab = await desk.open('/operations');
    await tab.getByRole('button', { name: /Compare the books/ }).click();
    await tab.getByRole('button', { name: 'Compare them' }).click();
    await tab.waitForURL(/reconciliation_/);
    await tab.getByText('All books agree.').waitFor({ timeout: 60_000 });
    tab.expectClean();
  });
});

describe('where keys are needed', () => {
  const keyFor = (scopes: string): string =>
    execFileSync(
      process.execPath,
      ['dist/adapters/postgres/keys-main.js', 'create', '--tenant', 'local', '--name', 'browser', '--scopes', scopes],
      {
        env: { ...process.env, DATABASE_URL: stack.database.url },
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ).trim();

  test('a wrong key is refused in words, a reader sees orders live and why it may do nothing about them', async () => {
    const { url } = await stack.startApi({ AUTH: 'keys' }, await choosePort(0));
    // Whoever may reach it from elsewhere must not strike the provider.
    const headers = { 'Content-Type': 'application/json' };
    expect((await fetch(`${url}/console/lose-answer`, { method: 'POST', headers, body: '{}' })).status).toBe(405);
    const tab = await desk.open(`/orders/${sold.id}`, { at: url });
    await tab.getByLabel('Key').fill('dok_wrong');
    await tab.getByRole('button', { name: 'Use it' }).click();
    await tab.getByText('Give another key').waitFor();
    expect(await findBarriers(tab)).toEqual([]);
    await tab.getByLabel('Key').fill(keyFor('orders:read'));
    await tab.getByRole('button', { name: 'Use it' }).click();
    await tab.locator('.stream.live').waitFor();
    await tab.getByText(/What can not be done, and why/).click();
    await tab.getByText('This needs a key with the scope orders:cancel').waitFor();
    expect(await tab.getByRole('button', { name: 'Cancel the order' }).count()).toBe(0);
    await tab.getByRole('link', { name: 'Shop' }).click();
    await tab.getByText(/This needs a key with the scope orders:write/).waitFor();
    expect(await tab.evaluate<string>('location.href + document.cookie + JSON.stringify(localStorage)')).not.toContain(
      'dok_',
    );
    tab.expectClean();
  });
});

describe('every page', () => {
  const pages = (): [path: string, shows: string | RegExp][] => [
    ['/shop', /Product book/],
    ['/orders', 'Orders, the newest first'],
    [`/orders/${sold.id}`, 'What happened'],
    ['/operations', 'Parts and their state'],
    ['/stock', 'Products by SKU'],
    ['/stock/book', 'By warehouse'],
    // Not the stack of one machine.
    ['/chaos', 'Nothing can be broken here'],
  ];

  test.each<Scheme>(['light', 'dark'])('keeps nobody out, by axe, in %s', async (scheme) => {
    for (const [path, shows] of pages()) {
      const tab = await desk.open(path, { scheme });
      await tab.getByText(shows).first().waitFor();
      await tab
        .getByText(/^Reading/)
        .first()
        .waitFor({ state: 'detached' });
      expect({ path, found: await findBarriers(tab) }).toEqual({ path, found: [] });
      if (path === '/operations' && scheme === 'dark') await takePicture(tab, 'operations-dark');
      tab.expectClean();
    }
  });

  test('fits on 360 pixels', async () => {
    for (const [path, shows] of pages()) {
      const tab = await desk.open(path, { width: 360 });
      await tab.getByText(shows).first().waitFor();
      expect({ path, sticksOut: await findWide(tab) }).toEqual({ path, sticksOut: [] });
      if (path.startsWith('/orders/')) await takePicture(tab, 'narrow');
    }
  });

  test('has a policy that lets nothing of others in', async () => {
    const answer = await fetch(`${stack.url}/console/orders`);
    expect(answer.headers.get('Content-Security-Policy')).toMatch(
      /default-src 'none'.*script-src 'self'.*style-src 'self'/,
    );
    expect(await answer.text()).not.toMatch(/<script(?![^>]*src=)|<style|style="|https?:\/\//);
    expect((await fetch(`${stack.url}/console/nothing/like/this`)).status).toBe(404);
    const home = await fetch(stack.url, { headers: { Accept: 'text/html' }, redirect: 'manual' });
    expect(home.headers.get('Location')).toBe('/console/');
  });
});
