// What many listeners cost the api: memory, and how soon they hear. Against a running stack, for example that of `npm start` with
// STREAMS_LIMIT and STREAMS_PER_KEY raised: node bench/streams.mjs --listeners 2000 --orders 200 --stuck 0.5
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    metrics: { type: 'string', default: 'http://127.0.0.1:9464/metrics' },
    listeners: { type: 'string', default: '2000' },
    orders: { type: 'string', default: '200' },
    /** The share of the listeners that read nothing after their stream is open. */
    stuck: { type: 'string', default: '0' },
    sku: { type: 'string', default: 'espresso-beans' },
  },
});
const [listeners, orders, stuck] = [values.listeners, values.orders, values.stuck].map(Number);
const { hostname, port, host } = new URL(values.url);

async function residentBytes() {
  const text = await (await fetch(values.metrics)).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1]);
}

// The end of the feed: who begins there is told only what comes.
let end = 0;
for (;;) {
  const { items } = await (await fetch(`${values.url}/events?limit=100&after=${end}`)).json();
  if (items.length === 0) break;
  end = items.at(-1).position;
}

const heard = [];
function listen(isStuck) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.on('error', reject);
    socket.write(`GET /events?after=${end} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`);
    let count = 0;
    socket.on('data', (data) => {
      const text = data.toString('latin1');
      if (text.includes('retry:')) {
        resolve({ socket, count: () => count });
        if (isStuck) socket.pause();
      } else if (text.startsWith('HTTP/1.1') && !text.startsWith('HTTP/1.1 200')) reject(new Error(text));
      const now = Date.now();
      for (const [, at] of text.matchAll(/"timestamp":"([^"]+)"/g)) {
        count += 1;
        if (heard.length < 2_000_000) heard.push(now - Date.parse(at));
      }
    });
  });
}

const report = (what, bytes, more = '') =>
  process.stdout.write(`${what.padEnd(44)} ${(bytes / 2 ** 20).toFixed(0)} MiB ${more}\n`);
report('before', await residentBytes());
const streams = [];
for (let n = 0; n < listeners; n += 50)
  streams.push(
    ...(await Promise.all(
      Array.from({ length: Math.min(50, listeners - n) }, (_, i) => listen(n + i < listeners * stuck)),
    )),
  );
report(`${listeners} listeners, ${Math.round(listeners * stuck)} of which read nothing`, await residentBytes());
let most = 0;
const watching = setInterval(async () => (most = Math.max(most, await residentBytes().catch(() => 0))), 500);
const begun = Date.now();
for (let n = 0; n < orders; n += 10)
  await Promise.all(
    Array.from({ length: Math.min(10, orders - n) }, () =>
      fetch(`${values.url}/orders`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() },
        body: JSON.stringify({
          customerId: 'c',
          paymentMethod: 'pm_card_visa',
          items: [{ sku: values.sku, quantity: 1 }],
        }),
      }).then(async (answer) => answer.status < 300 || Promise.reject(new Error(await answer.text()))),
    ),
  );
await sleep(10_000);
clearInterval(watching);
heard.sort((one, other) => one - other);
const at = (share) => heard[Math.floor((heard.length - 1) * share)];
report(`most while ${orders} orders were told`, most, `in ${((Date.now() - begun) / 1_000).toFixed(0)} s`);
process.stdout.write(
  `told ${heard.length} times; from the event to its listener p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`,
);
const counts = streams.slice(Math.round(listeners * stuck)).map(({ count }) => count());
process.stdout.write(`each who reads heard ${Math.min(...counts)} to ${Math.max(...counts)} events\n`);
for (const { socket } of streams) socket.destroy();
await sleep(5_000);
report('after they have gone', await residentBytes());
