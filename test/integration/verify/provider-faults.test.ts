// Whether a fault has struck is asked of that very fault: others are dealt beside it, and a simulator that was killed has forgotten it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createPaymentSimulator, type PaymentSimulator } from '../../../src/simulator/payment/server.ts';
import { addFault, clearFaults, waitUntilUsedUp } from '../../../src/verify/provider-faults.ts';

const SHORT_MS = 600;

let dataDir: string;
let simulator: PaymentSimulator;
let lastOrder = 0;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'simulator-'));
  simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0 });
});
afterEach(() => clearFaults(simulator.url));
afterAll(async () => {
  await simulator.close();
  await rm(dataDir, { recursive: true });
});

async function added(description: object): Promise<string> {
  const id = await addFault(simulator.url, description);
  if (id === null) throw new Error('Expected the simulator to take the fault; it could not be asked');
  return id;
}

async function createPayment(): Promise<number> {
  const parameters = { amount: '500', currency: 'eur', 'metadata[orderId]': `ord_${(lastOrder += 1)}` };
  const answer = await fetch(`${simulator.url}/v1/payment_intents`, {
    method: 'POST',
    headers: { Authorization: 'Bearer sk_test_simulated' },
    body: new URLSearchParams(parameters),
  });
  return answer.status;
}

const waiting = async (): Promise<unknown[]> =>
  ((await (await fetch(`${simulator.url}/_simulator/faults`)).json()) as { items: unknown[] }).items;

test('a fault that is used up has struck, also while another one waits', async () => {
  await added({ operation: 'refund', mode: 'error_500' });
  const id = await added({ operation: 'create', mode: 'error_500' });
  const struck = waitUntilUsedUp(simulator.url, id);
  expect(await createPayment()).toBe(500);
  expect(await struck).toBe(true);
  expect(await createPayment()).toBe(200);
});

test('a fault that found nothing has not struck, whatever another one struck, and is taken back', async () => {
  await added({ operation: 'create', mode: 'error_500', times: 'always' });
  const id = await added({ operation: 'refund', mode: 'error_500' });
  expect(await createPayment()).toBe(500);
  expect(await waitUntilUsedUp(simulator.url, id, SHORT_MS)).toBe(false);
  expect(await waiting()).toMatchObject([{ operation: 'create', struck: 1 }]);
});

test('a fault that struck less often than it was to has struck, and is taken back', async () => {
  const id = await added({ operation: 'create', mode: 'error_500', times: 3 });
  expect(await createPayment()).toBe(500);
  expect(await waitUntilUsedUp(simulator.url, id, SHORT_MS)).toBe(true);
  expect(await waiting()).toEqual([]);
});

test('a fault that the simulator has forgotten has not struck', async () => {
  const id = await added({ operation: 'create', mode: 'error_500' });
  await clearFaults(simulator.url);
  expect(await waitUntilUsedUp(simulator.url, id)).toBe(false);
});

test('a simulator that is away takes no fault; one it does not know is refused aloud', async () => {
  expect(await addFault('http://127.0.0.1:1', { operation: 'create', mode: 'error_500' })).toBeNull();
  await expect(addFault(simulator.url, { operation: 'create', mode: 'sulk' })).rejects.toThrow('mode: expected one of');
});
