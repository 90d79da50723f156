// Each decision about an order that the console offers, made in a browser and looked up at the api afterwards.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { placeToShip, shipmentsIn } from '../support/shipping.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { openDesk, type Desk, type Tab } from './support.ts';

let stack: Stack;
let desk: Desk;
let deafSubscriber: Server;
let requests = 0;
let disputed: OrderBody[];
beforeAll(async () => {
  stack = await startTestStack({
    webhooks: true,
    env: { REVIEW_ABOVE_MINOR: 'EUR:5000', WEBHOOK_RETRY_SECONDS: '1', WEBHOOK_PROBE_MS: '500' },
  });
  await putProduct(stack.url, 'book', { onHand: 500 });
  desk = await openDesk(stack.url);
  deafSubscriber = createServer((request, answer) => {
    requests += 1;
    request.resume().on('end', () => answer.writeHead(500).end());
  });
  await new Promise<void>((resolve) => deafSubscriber.listen(0, '127.0.0.1', resolve));
  const dispute = { paymentMethod: 'pm_card_createDispute', customerId: 'customer-many' };
  disputed = await Promise.all([1, 2].map(() => placeOrder(stack.url, dispute)));
}, 180_000);
afterAll(async () => {
  await desk.close();
  await stack.close();
  deafSubscriber.close();
});

const unitsOf = async (id: string): Promise<number | undefined> =>
  ((await read(id))['items'] as { quantity: number }[])[0]?.quantity;
const read = (id: string): Promise<OrderBody> => getOrder(stack.url, id);
const openOrder = (id: string): Promise<Tab> => desk.open(`/orders/${id}`);

/** Opens the dialog, fills it in, and decides. */
async function decide(tab: Tab, deed: string, typed: Record<string, string>, button: string): Promise<void> {
  await tab.getByRole('button', { name: deed, exact: true }).click();
  const dialog = tab.getByRole('dialog');
  for (const [label, text] of Object.entries(typed)) await dialog.getByLabel(label).fill(text);
  await dialog.getByRole('button', { name: button, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

test('a review: approved with a reason, the order goes on to be sold', async () => {
  const { id } = await placeOrder(stack.url, { items: [{ sku: 'book', quantity: 6 }] });
  await until(async () => (await read(id)).waiting?.for === 'review', 'it waits for its review');
  const tab = await openOrder(id);
  await decide(tab, 'Approve the order', { Reason: 'a school, known to us' }, 'Approve it');
  await tab.getByText(/“a school, known to us”/).waitFor();
  await until(async () => (await read(id)).status === 'confirmed', 'it is sold');
  tab.expectClean();
});

test('an amendment: the lines as they are to be, the difference charged', async () => {
  const id = await placeToShip(stack);
  const tab = await openOrder(id);
  const lines = { 'Units of Product book': '3', 'Payment method': 'pm_card_visa', Reason: 'one more' };
  await decide(tab, 'Change the lines', lines, 'Change it');
  await until(async () => (await unitsOf(id)) === 3, 'it has three');
  await until(async () => (await read(id)).payment.capturedMinor === 3_000, 'and all three are paid');
  tab.expectClean();
});

test('an amendment of an order that has changed meanwhile is refused, and says so', async () => {
  const id = await placeToShip(stack);
  const tab = await openOrder(id);
  await tab.route('**/amendments', (route) =>
    route.continue({ headers: { ...route.request().headers(), 'if-match': '"1"' } }),
  );
  await tab.getByRole('button', { name: 'Change the lines' }).click();
  await tab.getByRole('dialog').getByLabel('Units of Product book').fill('1');
  await tab.getByRole('dialog').getByLabel('Reason').fill('one less');
  await tab.getByRole('button', { name: 'Change it' }).click();
  await tab
    .getByRole('alert')
    .getByText(/changed/)
    .first()
    .waitFor();
  expect(await unitsOf(id)).toBe(2);
  tab.expectClean();
});

test('a warehouse: the shipment is packed, its label made', async () => {
  const id = await placeToShip(stack);
  const tab = await openOrder(id);
  await decide(tab, 'Shipment 1 is packed', {}, 'It is packed');
  const isLabelled = async (): Promise<boolean> => shipmentsIn(await read(id))[0]?.['trackingNumber'] !== null;
  await until(isLabelled, 'the carrier has made its label');
  await tab
    .getByText(String(shipmentsIn(await read(id))[0]?.['trackingNumber']))
    .first()
    .waitFor();
  tab.expectClean();
});

test('another card: after a decline the customer gives one, and the order is sold', async () => {
  const { id } = await placeOrder(stack.url, {
    paymentMethod: 'pm_card_chargeDeclinedInsufficientFunds',
    extra: { paymentRetryMinutes: 30 },
  });
  await until(async () => (await read(id)).waiting?.for === 'customer', 'it waits for another card');
  const tab = await openOrder(id);
  await decide(tab, 'Give another payment method', { 'Payment method': 'pm_card_visa' }, 'Charge this one');
  await until(async () => (await read(id)).status === 'confirmed', 'it is sold');
  tab.expectClean();
});

test('3-D Secure: the way to the bank stands on the page, and what the customer does there shows', async () => {
  const { id } = await placeOrder(stack.url, { paymentMethod: 'pm_card_threeDSecure2Required' });
  const tab = await openOrder(id);
  const link = tab.getByRole('link', { name: /authenticate the payment/ });
  await link.waitFor();
  // The bank is another site, in a tab of its own.
  const [bank] = await Promise.all([tab.context().waitForEvent('page'), link.click()]);
  await bank.getByRole('button', { name: 'Authenticate', exact: true }).click();
  await until(async () => (await read(id)).status === 'confirmed', 'it is sold');
  await link.waitFor({ state: 'detached' });
  tab.expectClean();
});

test('a return: asked for, approved, received, and given back for', async () => {
  const { id } = await placeOrder(stack.url, {});
  await settledOrder(stack.url, id);
  const tab = await openOrder(id);
  await decide(tab, 'Take something back', { 'Units of book': '1', Reason: 'too small' }, 'Ask for it');
  await decide(tab, 'Approve return 1', { Reason: 'as promised' }, 'Approve it');
  await decide(tab, 'Receive the goods of return 1', { Reason: 'it is whole' }, 'It is here');
  await until(async () => (await read(id)).payment.refundedMinor === 1_000, 'it is given back for');
  tab.expectClean();
});

test('a message that could not be told: parked, resent in vain, and skipped with a reason', async () => {
  const { port } = deafSubscriber.address() as AddressInfo;
  await fetch(`${stack.url}/webhook-subscriptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'deaf' },
    body: JSON.stringify({ url: `http://127.0.0.1:${port}/`, eventTypes: ['order.placed'] }),
  });
  await placeOrder(stack.url, {});
  const tab = await desk.open('/operations');
  await tab.getByRole('button', { name: /deliveries to/ }).click();
  const firstOf = (state: string): Promise<void> =>
    until(async () => {
      await tab.getByLabel('State', { exact: true }).selectOption('');
      await tab.getByLabel('State', { exact: true }).selectOption(state);
      return (await tab.getByRole('row', { name: new RegExp(`order\\.placed.*${state}`) }).count()) > 0;
    }, `one is ${state}`);
  await firstOf('parked');
  const asked = requests;
  await decide(tab, 'Resend order.placed', { Reason: 'they say it is mended' }, 'Resend it');
  await until(() => Promise.resolve(requests > asked), 'it is sent once more');
  await firstOf('parked');
  await decide(tab, 'Skip order.placed', { Reason: 'they know already' }, 'Skip it');
  await firstOf('skipped');
  tab.expectClean();
});

test('many at once: counted, decided, and watched until each has its answer', async () => {
  for (const { id } of disputed) await until(async () => (await read(id)).attention !== null, `${id} is parked`);
  const tab = await desk.open('/orders?customerId=customer-many');
  await tab.getByRole('button', { name: /Decide about many/ }).click();
  const dialog = tab.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('looked at together');
  await dialog.getByRole('button', { name: 'Count first' }).click();
  await dialog.getByText(/^2 parked steps/).waitFor();
  await dialog.getByRole('button', { name: 'Decide about these' }).click();
  await tab.waitForURL(/\/operations\/resolution/);
  await tab
    .getByText(/2 of 2/)
    .first()
    .waitFor();
  tab.expectClean();
});

test('a provider that is away: the try that failed, and when the next one comes', async () => {
  await stack.fault({ operation: 'any', mode: 'error_500', times: 2 });
  const { id } = await placeOrder(stack.url, { customerId: 'customer-late' });
  const tab = await openOrder(id);
  await tab.getByText('Next try').waitFor();
  await tab.getByText('Last failure').waitFor();
  await until(async () => (await read(id)).status === 'confirmed', 'it is sold');
  await tab.getByText('Next try').waitFor({ state: 'detached' });
  tab.expectClean();
});
