// Two versions of the workers side by side, as a deploy has them: who goes on with what was begun, who begins what is new, and
// when the old version can be ended.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { parkOrders, closedBreaker } from '../support/operators.ts';
import { ended, getOrder, placeOrder, putProduct } from '../support/orders.ts';
import { shortBounds } from '../support/paths.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { installRefusals, RECORD_OUTCOME, refuse, refuseNothing } from '../support/stuck.ts';
import { until } from '../support/until.ts';
import { drainageOf, makeCurrent, versionsOf } from '../support/versions.ts';
import { authenticate, retries } from '../support/waiting.ts';
import { waitsForCustomer } from '../support/walking.ts';

const DEPLOYMENT = 'orders';
let stack: Stack;

beforeAll(async () => {
  const env = {
    ...shortBounds,
    ...closedBreaker,
    CUSTOMER_WAIT_LIMIT_MS: '3600000',
    WORKER_DEPLOYMENT_NAME: DEPLOYMENT,
  };
  stack = await startTestStack({ worker: false, env });
  await installRefusals(stack);
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack));

test('an order moves on to the new version, a decision about many ends with the old one, which then is drained', async () => {
  const old = await stack.startWorker({ WORKER_BUILD_ID: 'one' });
  const ready = await (await fetch(`${old.healthUrl}/readyz`)).json();
  expect(ready).toEqual({ status: 'ok', version: { deploymentName: DEPLOYMENT, buildId: 'one' } });
  await makeCurrent(stack, { deploymentName: DEPLOYMENT, buildId: 'one' });

  const waiting = await placeOrder(stack.url, { paymentMethod: 'pm_card_threeDSecure2Required' });
  await waitsForCustomer(stack, waiting.id);
  const [parked = ''] = await parkOrders(stack);
  await refuse(stack, parked, RECORD_OUTCOME);
  const resolution = await decideAboutAll();
  await until(() => retries('resolveNextOrders')(stack, resolution), 'the decision about many is under way');

  const fresh = await stack.startWorker({ WORKER_BUILD_ID: 'two' });
  await makeCurrent(stack, { deploymentName: DEPLOYMENT, buildId: 'two' });
  await until(async () => (await drainageOf(stack, DEPLOYMENT, 'one')) === 'DRAINING', 'the old version is draining');

  // Begun since: by the new version alone.
  const young = await placeOrder(stack.url);
  await ended(stack.url, young.id, 'confirmed');
  await authenticate(stack, waiting.id);
  await ended(stack.url, waiting.id, 'confirmed');
  await refuseNothing(stack);
  await stack.temporal.workflow.getHandle(resolution).result();
  await ended(stack.url, parked, 'confirmed');

  expect(await versionsOf(stack, young.id)).toEqual(['two']);
  expect(await versionsOf(stack, waiting.id)).toEqual(['one', 'two']);
  expect(await versionsOf(stack, resolution)).toEqual(['one']);
  await until(async () => (await drainageOf(stack, DEPLOYMENT, 'one')) === 'DRAINED', 'the old version is drained');
  await old.stop(12_000);

  // And back: what the new version began goes on with the old one.
  const last = await placeOrder(stack.url, { paymentMethod: 'pm_card_threeDSecure2Required' });
  await waitsForCustomer(stack, last.id);
  await stack.startWorker({ WORKER_BUILD_ID: 'one' });
  await makeCurrent(stack, { deploymentName: DEPLOYMENT, buildId: 'one' });
  await fresh.stop(12_000);
  await authenticate(stack, last.id);
  await ended(stack.url, last.id, 'confirmed');
  expect(await versionsOf(stack, last.id)).toEqual(['two', 'one']);
  expect((await getOrder(stack.url, last.id)).payment).toMatchObject({ state: 'captured', capturedMinor: 1_000 });
}, 240_000);

async function decideAboutAll(): Promise<string> {
  const answer = await fetch(`${stack.url}/resolutions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    body: JSON.stringify({ filter: {}, action: 'retry', reason: 'the provider is well again' }),
  });
  if (answer.status !== 202) throw new Error(`POST resolutions: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { id: string }).id;
}
