// The card of an order in each kind of state, from a running system: also while Temporal is away, and in the Web UI.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { choosePort } from '../../src/local/ports.ts';
import { closeChecked } from '../support/invariants.ts';
import { closedBreaker, heal, parkOrders, postResolution, postResolutionOnce } from '../support/operators.ts';
import { getOrder, placeOrder, putProduct, settledOrder } from '../support/orders.ts';
import { startTestStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Card = {
  summary: string;
  happened: { at: string; sentence: string }[];
  waitingFor: { what: string; until: string | null } | null;
  mustAct: { who: string };
  possibleActions: string[];
  attempts: { message: string }[];
  nextRetry: { step: string; attempt: number; at: string | null } | null;
  money: { mayBeCapturedMinor: number; balanceMinor: number };
  stock: { heldUnits: number; sentence: string };
  atStake: { amountMinor: number; units: number };
  notAsked: string[];
};

let stack: Stack;
const accepted: string[] = [];
const cardOf = async (id: string, url = stack.url): Promise<Card> => {
  const answer = await fetch(`${url}/orders/${id}/explanation`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Card;
};
const markdownOf = async (id: string): Promise<string> => {
  const answer = await fetch(`${stack.url}/orders/${id}/explanation?format=markdown`);
  expect(answer.headers.get('Content-Type')).toContain('text/markdown');
  return answer.text();
};

beforeAll(async () => {
  stack = await startTestStack({ env: { PROVIDER_OUTAGE_LIMIT_MS: '6000', UNDO_ATTEMPTS: '2', ...closedBreaker } });
  await putProduct(stack.url, 'book');
});
afterAll(() => closeChecked(stack, { accepted }));

describe('the explanation of an order', () => {
  test('that is sold or rejected tells how it went, and that nothing is left to be done', async () => {
    for (const [paymentMethod, told] of [
      ['pm_card_visa', 'Confirmed: the order is sold.'],
      ['pm_card_chargeDeclined', 'The held stock is free again.'],
    ] as const) {
      const { id } = await placeOrder(stack.url, { paymentMethod });
      accepted.push(id);
      await settledOrder(stack.url, id);
      const card = await cardOf(id);
      expect(card).toMatchObject({
        waitingFor: null,
        mustAct: { who: 'nobody' },
        atStake: { amountMinor: 0, units: 0 },
        notAsked: [],
      });
      expect(card.happened.map(({ sentence }) => sentence)).toContain(told);
    }
  });

  test('whose provider is ill tells the tries, the last words, and when the next is due; then who must decide', async () => {
    await stack.fault({ operation: 'create', mode: 'error_500', times: 'always' });
    const { id } = await placeOrder(stack.url);
    accepted.push(id);
    await until(async () => (await cardOf(id)).attempts.length >= 2, 'two failed tries');
    const trying = await cardOf(id);
    expect(trying).toMatchObject({
      mustAct: { who: 'provider' },
      nextRetry: { step: 'charge-payment' },
      stock: { heldUnits: 1 },
    });
    expect(trying.nextRetry?.attempt).toBeGreaterThan(1);
    expect(trying.waitingFor?.what).toContain('charging the payment, which last failed');

    await until(async () => (await getOrder(stack.url, id)).attention !== null, 'the order parks');
    await heal(stack);
    const parked = await cardOf(id);
    expect(parked).toMatchObject({
      mustAct: { who: 'operator' },
      possibleActions: ['retry', 'skip', 'compensate'],
      atStake: { amountMinor: 1_000, units: 1 },
      nextRetry: null,
    });
    expect(parked.stock.sentence).toContain('keeps its hold until an operator decides');

    // In Temporal's Web UI the same function makes the card, from what the workflow knows.
    const shown = await stack.temporal.workflowService.queryWorkflow({
      namespace: stack.namespace,
      execution: { workflowId: id },
      query: { queryType: '__temporal_workflow_metadata' },
    });
    const { data } = shown.queryResult?.payloads?.[0] ?? {};
    const { currentDetails } = JSON.parse(Buffer.from(data ?? '').toString()) as { currentDetails: string };
    expect(currentDetails).toContain('**Waits for** an operator’s decision about charging the payment');
    expect(await markdownOf(id)).toContain('**Waits for** an operator’s decision about charging the payment');

    await postResolution(stack.url, id, { action: 'retry', reason: 'well again' });
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'the order is confirmed');
    expect((await cardOf(id)).happened.map(({ sentence }) => sentence)).toContain(
      'local decided about charge-payment: retry (well again).',
    );
  }, 90_000);

  test('whose undo is parked offers no compensation', async () => {
    const wanted = { paymentMethod: 'pm_card_chargeDeclined' };
    const fault = { operation: 'cancel', mode: 'error_500' };
    const [id = ''] = await parkOrders(stack, { step: 'refund-payment', wanted, fault });
    accepted.push(id);
    expect((await cardOf(id)).possibleActions).toEqual(['retry', 'skip']);
    await postResolution(stack.url, id, { action: 'retry', reason: 'well again' });
    await until(async () => (await getOrder(stack.url, id)).status === 'rejected', 'the order is rejected');
  });

  test('is answered within 2 s while Temporal is away, and says what it could not ask', async () => {
    const away = await stack.startApi({ TEMPORAL_ADDRESS: '127.0.0.1:1' }, await choosePort(0));
    await stack.worker?.stop(12_000);
    const { id } = await placeOrder(away.url);
    accepted.push(id);
    const before = Date.now();
    const card = await cardOf(id, away.url);
    expect(Date.now() - before).toBeLessThan(2_000);
    expect(card).toMatchObject({
      waitingFor: { what: 'its workflow to be taken up by a worker' },
      mustAct: { who: 'service' },
    });
    expect(card.notAsked).toEqual([expect.stringContaining('Temporal does not answer')]);
    await away.stop(12_000);

    await stack.startWorker();
    await settledOrder(stack.url, id);
  });

  test('whose workflow was terminated says that nobody works on it, and a decision has it started again', async () => {
    const [id = ''] = await parkOrders(stack);
    accepted.push(id);
    await stack.temporal.workflow.getHandle(id).terminate('by hand');
    expect(await cardOf(id)).toMatchObject({
      waitingFor: { what: 'its workflow, which is not running' },
      mustAct: { who: 'operator' },
    });
    expect((await postResolutionOnce(stack.url, id, { action: 'retry', reason: 'try' })).status).toBe(503);
    await until(async () => (await getOrder(stack.url, id)).status === 'confirmed', 'it is started again');
    expect((await getOrder(stack.url, id)).attention).toBeNull();
  });

  test('is refused for an unknown order and an unknown format', async () => {
    expect((await fetch(`${stack.url}/orders/order_01kax3v7ehe4sbg0krv6m4fxxv/explanation`)).status).toBe(404);
    expect((await fetch(`${stack.url}/orders/order_01kax3v7ehe4sbg0krv6m4fxxv/explanation?format=pdf`)).status).toBe(
      400,
    );
  });
});
