import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { closeChecked } from '../support/invariants.ts';
import { getOrder, postOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type OrderBody, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const accepted: string[] = [];

beforeAll(async () => {
  stack = await startTestStack();
  await putProduct(stack.url, 'book', { onHand: 1_000 });
});
afterAll(async () => {
  await closeChecked(stack, { accepted });
});

type Heard = { status: number; body: string; replayed: string | null; location: string | null };
async function heard(answer: Response): Promise<Heard> {
  const { status, headers } = answer;
  const body = await answer.text();
  if (status < 300) accepted.push((JSON.parse(body) as OrderBody).id);
  return { status, body, replayed: headers.get('Idempotency-Replayed'), location: headers.get('Location') };
}

describe('a repeat under the same key', () => {
  test('of 100 at once makes one order and one charge, and only one answer is not a replay', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 100 }, async () => heard(await postOrder(stack.url, { key }))),
    );

    expect(new Set(answers.map(({ status, body, location }) => `${status} ${location} ${body}`)).size).toBe(1);
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1);
    const { id } = JSON.parse(answers[0]?.body ?? '{}') as OrderBody;
    expect((await settledOrder(stack.url, id)).status).toBe('confirmed');
    expect((await stack.journal(id)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
    const { rows } = await stack.db.query('select id from orders where customer_id = $1', ['customer-1']);
    expect(rows).toHaveLength(1);
  });

  test('gets the first answer byte for byte, whatever became of the order and whatever it prefers', async () => {
    const key = randomUUID();
    const first = await heard(await postOrder(stack.url, { key }));
    const { id } = JSON.parse(first.body) as OrderBody;
    await settledOrder(stack.url, id);

    const repeat = await heard(await postOrder(stack.url, { key, headers: { Prefer: 'wait=5' } }));
    expect(repeat).toEqual({ ...first, replayed: 'true' });
    expect(first.status).toBe(202);
  });

  test('gets it also after Temporal has forgotten the workflow', async () => {
    const key = randomUUID();
    const first = await heard(await postOrder(stack.url, { key }));
    const { id } = JSON.parse(first.body) as OrderBody;
    await settledOrder(stack.url, id);
    const execution = { workflowId: id };
    await stack.temporal.workflowService.deleteWorkflowExecution({
      namespace: stack.namespace,
      workflowExecution: execution,
    });
    await until(
      async () =>
        stack.temporal.workflow
          .getHandle(id)
          .describe()
          .then(
            () => false,
            () => true,
          ),
      'the workflow is gone',
    );

    expect(await heard(await postOrder(stack.url, { key }))).toEqual({ ...first, replayed: 'true' });
    expect((await stack.journal(id)).filter(({ effect }) => effect === 'captured')).toHaveLength(1);
  });

  test('of a waiting request waits for the same answer', async () => {
    const key = randomUUID();
    await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 1_500 });
    const waiting = postOrder(stack.url, { key, headers: { Prefer: 'wait=20' } }).then(heard);
    // Whoever is accepted first says how long is waited.
    const isAccepted = async (): Promise<boolean> =>
      (await stack.db.query('select 1 from idempotency_keys where key = $1', [key])).rows.length > 0;
    await until(isAccepted, 'the first is accepted');
    const [first, second] = await Promise.all([waiting, postOrder(stack.url, { key }).then(heard)]);

    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body).toBe(second.body);
    expect([first.replayed, second.replayed].sort()).toEqual([null, 'true'].sort());
  });

  test('gets 202 with the order as it was when the wait was too short', async () => {
    const key = randomUUID();
    await stack.fault({ operation: 'confirm', mode: 'delay', delayMs: 2_500 });
    const first = await heard(await postOrder(stack.url, { key, headers: { Prefer: 'wait=1' } }));
    expect(first.status).toBe(202);
    await settledOrder(stack.url, (JSON.parse(first.body) as OrderBody).id);
    expect(await heard(await postOrder(stack.url, { key, headers: { Prefer: 'wait=9' } }))).toEqual({
      ...first,
      replayed: 'true',
    });
  });

  test('with other content is refused, and property order is not content', async () => {
    const key = randomUUID();
    await heard(await postOrder(stack.url, { key }));
    const other = await postOrder(stack.url, { key, items: [{ sku: 'book', quantity: 2 }] });
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ type: '/problems/idempotency-key-reused' });

    const reordered = await fetch(`${stack.url}/orders`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: '{"paymentMethod":"pm_card_visa","items":[{"quantity":1,"sku":"book"}],"customerId":"customer-1"}',
    });
    expect(reordered.status).toBe(202);
    expect(reordered.headers.get('Idempotency-Replayed')).toBe('true');
  });

  test('after a refused request is a first request: only what was accepted binds a key', async () => {
    const key = randomUUID();
    expect((await postOrder(stack.url, { key, items: [{ sku: 'unknown', quantity: 1 }] })).status).toBe(422);
    const answer = await heard(await postOrder(stack.url, { key }));
    expect(answer).toMatchObject({ status: 202, replayed: null });
  });
});

describe('an api that is killed', () => {
  test('between commit and answer has accepted the order: the repeat gets its answer, and it is worked on', async () => {
    const key = randomUUID();
    // Its Temporal does not exist, so it can not start the workflow itself: the commit is all that it does.
    const port = await freePort();
    const dying = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, port);
    const waiting = postOrder(dying.url, { key, headers: { Prefer: 'wait=30' } }).then(
      () => 'answered',
      () => 'cut off',
    );
    await until(
      async () => (await stack.db.query('select 1 from idempotency_keys where key = $1', [key])).rows.length > 0,
      'the commit',
    );
    process.kill(dying.pid, 'SIGKILL');
    expect(await waiting).toBe('cut off');

    const answer = await heard(await postOrder(stack.url, { key, headers: { Prefer: 'wait=30' } }));
    expect(answer).toMatchObject({ status: 200, replayed: 'true' });
    const { id } = JSON.parse(answer.body) as OrderBody;
    expect((await getOrder(stack.url, id)).status).toBe('confirmed');
  });
});

async function freePort(): Promise<number> {
  const { choosePort } = await import('../../src/local/ports.ts');
  return choosePort(0);
}
