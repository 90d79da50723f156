// How long orders need after an outage of the provider, and what the outage costs it. Against a running `npm start`:
//   PAYMENTS_PER_SECOND=25 npm start
//   node scripts/measure-outage.mjs --orders 300 --outage 150 [--api http://127.0.0.1:3000] [--simulator http://127.0.0.1:12111]
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    orders: { type: 'string', default: '300' },
    outage: { type: 'string', default: '150' },
    api: { type: 'string', default: 'http://127.0.0.1:3000' },
    simulator: { type: 'string', default: 'http://127.0.0.1:12111' },
  },
});
const headers = { 'Content-Type': 'application/json' };
const ask = async (url) => (await fetch(url)).json();
const faults = `${values.simulator}/_simulator/faults`;

const body = JSON.stringify({ operation: 'any', mode: 'error_500', times: 'always' });
await fetch(faults, { method: 'POST', headers, body });
const began = Date.now();
const orders = [];
for (let order = 0; order < Number(values.orders); order += 1) {
  const answer = await fetch(`${values.api}/orders`, {
    method: 'POST',
    headers: { ...headers, 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({
      customerId: 'measuring',
      items: [{ sku: 'filter-papers', quantity: 1 }],
      paymentMethod: 'pm_card_visa',
    }),
  });
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
  orders.push((await answer.json()).id);
}
await sleep(Math.max(Number(values.outage) * 1_000 - (Date.now() - began), 0));

const { items } = await ask(`${values.simulator}/_simulator/journal`);
const ill = items.filter(({ orderId }) => orders.includes(orderId)).length;
await fetch(faults, { method: 'DELETE' });
const healed = Date.now();
const open = new Set(orders);
const ends = {};
while (open.size > 0) {
  for (const id of open) {
    const { status, attention } = await ask(`${values.api}/orders/${id}`);
    const end = attention ? 'parked' : status;
    if (end === 'placed' || end === 'reserved') continue;
    ends[end] = (ends[end] ?? 0) + 1;
    open.delete(id);
  }
  await sleep(200);
}
const seconds = (Date.now() - healed) / 1_000;
const found = {
  orders: orders.length,
  outageSeconds: (healed - began) / 1_000,
  callsPerOrder: ill / orders.length,
  lastSettledAfterSeconds: seconds,
  ends,
};
process.stdout.write(`${JSON.stringify(found)}\n`);
