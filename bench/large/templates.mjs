// One order of each kind, placed over HTTP and worked on by the real stack: what it leaves behind is what a load multiplies.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

const WAIT_MS = 60_000;
const TO_GERMANY = { name: 'Ada', line1: 'Main Street 1', city: 'Bremen', postalCode: '28195', country: 'DE' };
export const CUSTOMER = 'customer-of-the-load';

/** How many of a thousand orders are of a kind; one in a hundred is open, one in five hundred is parked. */
export const kinds = [
  { kind: 'sold', of1000: 560, body: {}, until: isStatus('confirmed') },
  { kind: 'delivered', of1000: 255, body: { shipping: TO_GERMANY }, until: isStatus('confirmed'), then: deliver },
  { kind: 'declined', of1000: 80, body: { paymentMethod: 'pm_card_chargeDeclined' }, until: isStatus('rejected') },
  {
    kind: 'out of stock',
    of1000: 20,
    body: { items: [{ sku: 'limited-roast', quantity: 4 }] },
    until: isStatus('rejected'),
  },
  {
    kind: 'cancelled',
    of1000: 30,
    body: { paymentMethod: 'pm_card_threeDSecure2Required' },
    until: isWaiting,
    then: cancel,
  },
  { kind: 'refunded', of1000: 33, body: {}, until: isStatus('confirmed'), then: refund },
  { kind: 'returned', of1000: 10, body: {}, until: isStatus('confirmed'), then: giveBack },
  {
    kind: 'waits for its customer',
    of1000: 4,
    body: { paymentMethod: 'pm_card_threeDSecure2Required' },
    until: isWaiting,
  },
  { kind: 'waits for the warehouse', of1000: 6, body: { shipping: TO_GERMANY }, until: isStatus('confirmed') },
  {
    kind: 'parked (disputed)',
    of1000: 2,
    body: { paymentMethod: 'pm_card_createDispute' },
    until: (order) => order.attention !== null,
  },
];

function isStatus(status) {
  return (order) => order.status === status;
}
function isWaiting(order) {
  return order.waiting?.for === 'customer';
}

/** Places them and answers with the rows that each has left, by table, and with the history of one that was sold. */
export async function recordTemplates({ stack, subscriberUrl, databaseUrl }) {
  const call = async (path, body) => {
    const url = path.startsWith('http') ? path : `${stack.apiUrl}${path}`;
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await fetch(url, {
      method,
      headers: { ...(body ? { 'Content-Type': 'application/json' } : {}), 'Idempotency-Key': randomUUID() },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  await call('/webhook-subscriptions', { url: subscriberUrl });
  const orders = [];
  for (const { kind, of1000, body, until, then } of kinds) {
    const items = [
      { sku: 'espresso-beans', quantity: 2 },
      { sku: 'cup-set', quantity: 1 },
    ];
    const placed = await call('/orders', { customerId: CUSTOMER, items, paymentMethod: 'pm_card_visa', ...body });
    const look = () => call(`/orders/${placed.id}`);
    await waitFor(kind, async () => until(await look()));
    if (then) await then({ id: placed.id, call, look, stack });
    orders.push({ kind, of1000, id: placed.id });
  }
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // The last webhook, the last notice of the provider.
    await waitFor('quiet', async () => isQuiet(client));
    await sleep(3_000);
    await waitFor('quiet', async () => isQuiet(client));
    for (const order of orders) order.rows = await rowsOf(client, order.id);
  } finally {
    await client.end();
  }
  return orders;
}

async function deliver({ id, call, look, stack }) {
  await call(`/orders/${id}/shipments/1/packed`, null);
  const parcel = encodeURIComponent(`${id}:shipment:1`);
  await waitFor('delivered', async () => {
    await fetch(`${stack.carrierUrl}/_simulator/parcels/${parcel}/advance`, { method: 'POST' });
    return (await look()).status === 'delivered';
  });
}

async function cancel({ id, call, look }) {
  await call(`/orders/${id}/cancel`, { reason: 'changed my mind' });
  await waitFor('cancelled', async () => (await look()).status === 'cancelled');
}

async function refund({ id, call, look }) {
  await call(`/orders/${id}/refunds`, { amountMinor: 250, reason: 'one was broken' });
  await waitFor('refunded', async () => (await look()).refunds[0]?.state === 'completed');
}

async function giveBack({ id, call, look }) {
  const items = [{ sku: 'cup-set', quantity: 1 }];
  await call(`/orders/${id}/returns`, { items, reason: 'too small' });
  await call(`/orders/${id}/returns/1/approve`, { reason: 'fine' });
  await call(`/orders/${id}/returns/1/receive`, { items: items.map((item) => ({ ...item, disposition: 'restock' })) });
  await waitFor('returned', async () => (await look()).returns[0]?.status === 'completed');
}

async function waitFor(what, isSo) {
  for (const end = Date.now() + WAIT_MS; !(await isSo()); await sleep(150))
    if (Date.now() > end) throw new Error(`Expected within ${WAIT_MS} ms: ${what}`);
}

async function isQuiet(client) {
  const { rows } = await client.query(`
    select not exists (select 1 from events where position is null)
       and not exists (select 1 from webhook_deliveries where state = 'pending')
       and not exists (select 1 from payment_notices where due_at is not null)
       and not exists (select 1 from shipment_notices where due_at is not null) as quiet`);
  return rows[0].quiet;
}

/** Every row of every table that names the order, as text by column. */
async function rowsOf(client, orderId) {
  const found = {};
  for (const { table, columns } of await tablesOf(client)) {
    const list = columns.map((column) => `t."${column}"::text`).join(', ');
    const { rows } = await client.query(
      `select ${list} from ${table} t where t::text like '%' || $1 || '%' order by t.ctid`,
      [orderId],
    );
    if (rows.length > 0) found[table] = rows;
  }
  return found;
}

/** The tables that hold orders or something of them, with the columns that are written (not what the database numbers). */
export async function tablesOf(client) {
  const { rows } = await client.query(`
    select c.table_name as table, json_agg(json_build_object('name', c.column_name, 'type', c.udt_name) order by c.ordinal_position)
             filter (where c.is_identity = 'NO') as columns
    from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.table_name not like 'kysely%' and c.table_name not like 'reconciliation%'
    group by 1 order by 1`);
  return rows.map(({ table, columns }) => ({
    table,
    columns: columns.map(({ name }) => name),
    types: Object.fromEntries(columns.map(({ name, type }) => [name, type])),
  }));
}
