// How long an order takes to be accepted, by the real api process, on an empty database and on a full one, in turns.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess } from '../../dist/local/managed-process.js';
import { choosePort } from '../../dist/local/ports.js';

const CLIENTS = 16;
const ROUNDS = 5;
const ROUND_MS = 8_000;
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

/** Medians of each round, in ms, and of all of them; nothing answers where Temporal should be, so only accepting is measured. */
export async function compareAccepting({ empty, full, folders }) {
  const apis = { empty: await startApi('empty', empty, folders), full: await startApi('full', full, folders) };
  const rounds = [];
  try {
    for (const { url } of Object.values(apis)) await round(url, ROUND_MS / 2);
    for (let turn = 0; turn < ROUNDS; turn += 1) {
      const order = turn % 2 ? ['full', 'empty'] : ['empty', 'full'];
      const found = {};
      for (const name of order) found[name] = await round(apis[name].url, ROUND_MS);
      rounds.push(found);
    }
  } finally {
    await Promise.all(Object.values(apis).map(({ stop }) => stop()));
  }
  const of = (name) => middle(rounds.map((found) => found[name].p50));
  return { clients: CLIENTS, rounds, p50: { empty: of('empty'), full: of('full') }, ratio: of('full') / of('empty') };
}

async function startApi(name, databaseUrl, folders) {
  const [port, metrics, nobody] = [await choosePort(0), await choosePort(0), await choosePort(0)].map(String);
  const url = `http://127.0.0.1:${port}`;
  const env = {
    ...process.env,
    ...{
      NODE_ENV: 'production',
      DATABASE_URL: databaseUrl,
      HOST: '127.0.0.1',
      PORT: port,
      METRICS_PORT: metrics,
      PUBLIC_URL: url,
    },
    ...{
      TEMPORAL_ADDRESS: `127.0.0.1:${nobody}`,
      TEMPORAL_NAMESPACE: 'default',
      STRIPE_API_BASE: `http://127.0.0.1:${nobody}`,
    },
    ...{ STRIPE_API_KEY: 'sk_test_local', STRIPE_WEBHOOK_SECRET: 'whsec_local', LOG_LEVEL: 'fatal' },
  };
  const program = { name: `api-${name}`, command: process.execPath, args: [`${dist}/api/main.js`], env };
  const running = await startProcess(program, folders);
  for (let tries = 0; ; tries += 1) {
    const isUp = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { url, stop: () => running.stop(15_000) };
    if (tries > 600) throw new Error(`The api did not come up; see ${running.logFile}`);
    await sleep(100);
  }
}

async function round(url, forMs) {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const took = [];
  const end = Date.now() + forMs;
  const client = async () => {
    while (Date.now() < end) {
      const begun = performance.now();
      const status = await post(`${url}/orders`, agent);
      if (status !== 202) throw new Error(`Expected 202; found ${status}`);
      took.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  took.sort((a, b) => a - b);
  const at = (share) => Math.round(took[Math.floor(took.length * share)] * 100) / 100;
  return { orders: took.length, p50: at(0.5), p99: at(0.99) };
}

function post(url, agent) {
  const body = JSON.stringify({
    customerId: `customer-${Math.floor(Math.random() * 200_000)}`,
    items: [
      { sku: 'espresso-beans', quantity: 2 },
      { sku: 'cup-set', quantity: 1 },
    ],
    paymentMethod: 'pm_card_visa',
  });
  const headers = {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Idempotency-Key': randomUUID(),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const middle = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
