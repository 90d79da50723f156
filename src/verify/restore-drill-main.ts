// `npm run drill:restore`: a shop at work, a backup, more work, and then the backup in the place of the database. Is it noticed,
// can it be recovered, and do the witnesses of `verify` agree afterwards? Exits with 1 when not.
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadVerifyEnvironment } from '../runtime/config.ts';
import { checkWitnesses } from './checker.ts';
import { NEEDS_CUSTOMER, type ClientEntry } from './client-log.ts';
import type { Violation } from './invariants.ts';
import { startOperator } from './operator.ts';
import { countOpen, waitForWorkflows, waitUntilSettled } from './settle.ts';
import { startVerifyStack, type VerifyStack } from './stack.ts';
import { provideProducts, startTraffic } from './traffic.ts';
import { askWitnesses } from './witnesses.ts';

const run = promisify(execFile);
const SEED = 7;
const BEFORE = 15;
const IN_THE_GAP = 40;
// A dev server of Temporal, on a machine that has other things to do, keeps up with this.
const PER_SECOND = 1.5;
const LIMIT_MS = 120_000;
// Beyond the whole drill: its customers come when it says so.
const CUSTOMER_WAIT_MS = 30 * 60_000;

const begun = Date.now();
const say = (text: string): void =>
  void process.stdout.write(`${((Date.now() - begun) / 1_000).toFixed(0).padStart(5)} s  ${text}\n`);

process.exit(await main());

async function main(): Promise<number> {
  const stack = await startVerifyStack(loadVerifyEnvironment(), {
    clockHours: 0,
    // Nobody is there to review anything.
    settings: { CUSTOMER_WAIT_LIMIT_MS: String(CUSTOMER_WAIT_MS), REVIEW_UNITS_ABOVE: '10000' },
  });
  const stopEarly = (): void => void stack.close({ keepFiles: false }).finally(() => process.exit(1));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stopEarly);
  let isGood = false;
  say(stack.directory);
  try {
    const violations = await drill(stack);
    isGood = violations.length === 0;
    for (const [rule, found] of violations)
      process.stdout.write(`VIOLATED: ${rule}\n  ${found.map((one) => JSON.stringify(one)).join('\n  ')}\n`);
    say(isGood ? 'No violations.' : `${violations.length} rules violated; logs and data: ${stack.directory}`);
    return isGood ? 0 : 1;
  } finally {
    await stack.close({ keepFiles: !isGood });
  }
}

async function drill(stack: VerifyStack): Promise<[string, Violation[]][]> {
  const { apiUrl, slots } = stack;
  await provideProducts(apiUrl);
  const traffic = startTraffic({
    apiUrl,
    seed: SEED,
    perSecond: PER_SECOND,
    countOpen: () => countOpen(stack),
    leaveOut: [NEEDS_CUSTOMER],
    withoutShop: true,
  });
  const atLeast = (orders: number): Promise<void> =>
    until(() => Promise.resolve(traffic.accepted() >= orders), `${orders} orders`);

  await atLeast(BEFORE);
  const waiting = await placeForCustomer(apiUrl);
  const backup = join(stack.directory, 'backup');
  await slots.postgres.stop();
  await copy(stack.dataDir, backup);
  await slots.postgres.start();
  say(`a backup after ${traffic.accepted()} orders`);

  const alsoWaiting = await placeForCustomer(apiUrl);
  await authenticate(stack, waiting.orderId ?? '');
  await atLeast(BEFORE + IN_THE_GAP);
  // In the middle of whatever they are at; the client goes on asking.
  await Promise.all([slots.api, slots.workerA, slots.workerB].map((slot) => slot.kill()));
  await slots.postgres.stop();
  const before = traffic.accepted();
  await rm(stack.dataDir, { recursive: true });
  await copy(backup, stack.dataDir);
  await Promise.all([slots.postgres, slots.api, slots.workerA, slots.workerB].map((slot) => slot.start()));
  say(`the backup is back, ${before} orders were accepted`);

  await until(async () => (await textOf(`${apiUrl}/readyz`)).includes('database-behind'), 'it is noticed');
  await expectRefused(apiUrl);
  say('noticed: nothing is created or moved');
  const { rows: unanswered } = await stack.db.query<{ key: string }>(`
    select key from idempotency_keys where answer_body is null and answer_due_at is not null`);
  say((await recover(stack)).trim().split('\n').slice(-2).join(' '));

  const operator = startOperator({ apiUrl, seed: SEED });
  await until(async () => (await fetch(`${apiUrl}/readyz`)).ok, 'the api accepts again');
  await atLeast(before + BEFORE);
  await until(
    async () => (await textOf(`${apiUrl}/orders/${alsoWaiting.orderId ?? ''}`)).includes('"for":"customer"'),
    'the customer is waited for again',
  );
  await authenticate(stack, alsoWaiting.orderId ?? '');
  await traffic.stop();
  await waitUntilSettled(stack);
  await operator.stop();
  await waitForWorkflows(stack);
  say(`settled, ${traffic.accepted()} orders; the witnesses are heard`);
  return judge(stack, {
    client: [...traffic.log, waiting, alsoWaiting],
    unanswered: unanswered.map(({ key }) => key),
  });
}

/**
 * The rules of `verify`, and one that can not hold: an answer that waited is not known any more when its order is rebuilt, or when
 * the backup was taken while it waited (`unanswered`, by their keys).
 */
async function judge(
  stack: VerifyStack,
  { client, unanswered }: { client: readonly ClientEntry[]; unanswered: readonly string[] },
): Promise<[string, Violation[]][]> {
  const { rows } = await stack.db.query<{ key: string }>(`
    select k.key from idempotency_keys k join recovered_orders r using (order_id)
    where r.how = 'rebuilt' and k.answer_due_at is not null`);
  const { rows: recovered } = await stack.db.query<{ how: string; count: number }>(
    'select how, count(*)::int as count from recovered_orders group by how',
  );
  say(recovered.map(({ how, count }) => `${count} ${how}`).join(', '));
  const substituted = new Set<unknown>([...unanswered, ...rows.map(({ key }) => key)]);
  const found = checkWitnesses(await askWitnesses(stack, { client, lastComparison: null, terminated: [], told: null }));
  const inbox = 'everything the provider told is in the inbox, once, and dealt with';
  const byteForByte = 'every repeat is answered byte for byte like the first';
  const rules: Record<string, Violation[]> = {
    ...found,
    [byteForByte]: (found[byteForByte] ?? []).filter(({ key }) => !substituted.has(key)),
    // What was told in the gap is not known any more: the recovery asks the provider itself.
    [inbox]: (found[inbox] ?? []).filter(({ kept }) => kept === true),
    'orders were rebuilt and restarted': recovered.length < 2 ? [{ recovered }] : [],
    'none was lost': recovered.filter(({ how }) => how === 'lost'),
  };
  return Object.entries(rules).filter(([, violations]) => violations.length > 0);
}

/** An order whose card wants to be authenticated. */
async function placeForCustomer(apiUrl: string): Promise<ClientEntry> {
  const key = randomUUID();
  const paymentMethod = 'pm_card_threeDSecure2Required';
  const body = JSON.stringify({ customerId: 'customer-3ds', items: [{ sku: 'a', quantity: 1 }], paymentMethod });
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': key };
  const answer = await fetch(`${apiUrl}/orders`, { method: 'POST', headers, body });
  const text = await answer.text();
  const { id } = JSON.parse(text) as { id: string };
  const heard = { status: answer.status, body: text, location: answer.headers.get('Location'), replayed: false };
  const waits = async (): Promise<boolean> => (await textOf(`${apiUrl}/orders/${id}`)).includes('"for":"customer"');
  await until(waits, `order ${id} waits for its customer`);
  const plan = { basket: 'usual', paymentMethod, customer: 'finishes', units: 1, ships: false, fate: 'plain' } as const;
  return { plan, key, orderId: id, heard: [heard] };
}

async function authenticate({ simulatorUrl }: VerifyStack, orderId: string): Promise<void> {
  const journal = await textOf(`${simulatorUrl}/_simulator/journal?orderId=${orderId}`);
  const { items } = JSON.parse(journal) as { items: { paymentIntentId: string | null }[] };
  const id = items.find(({ paymentIntentId }) => paymentIntentId !== null)?.paymentIntentId ?? 'none';
  const headers = { 'Content-Type': 'application/json' };
  const body = JSON.stringify({ outcome: 'succeed' });
  const url = `${simulatorUrl}/_simulator/payment_intents/${id}/authenticate`;
  const answer = await fetch(url, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(`The customer could not authenticate ${id}: ${answer.status}`);
}

async function expectRefused(apiUrl: string): Promise<void> {
  const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() };
  const body = JSON.stringify({ customerId: 'c', items: [{ sku: 'a', quantity: 1 }], paymentMethod: 'pm_card_visa' });
  const { status } = await fetch(`${apiUrl}/orders`, { method: 'POST', headers, body });
  if (status !== 503)
    throw new Error(`Expected an order to be refused with 503 while the database is behind; found ${status}`);
}

async function recover({ settings }: VerifyStack): Promise<string> {
  const file = fileURLToPath(new URL('../recovery/main.js', import.meta.url));
  const options = { env: { ...settings }, timeout: LIMIT_MS, maxBuffer: 100_000_000 };
  return (await run(process.execPath, ['--enable-source-maps', file], options)).stdout;
}

/** With owners and rights: the server insists on them. */
async function copy(from: string, to: string): Promise<void> {
  await run('cp', ['-a', from, to]);
}

async function textOf(url: string): Promise<string> {
  return (await fetch(url)).text();
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + LIMIT_MS; Date.now() < end; await sleep(100))
    if (await isSo().catch(() => false)) return;
  throw new Error(`Waited ${LIMIT_MS / 1_000} s for: ${what}`);
}
