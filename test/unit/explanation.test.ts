import { describe, expect, test } from '@jest/globals';
import { explainOrder } from '../../src/domain/explanation.ts';
import { toMarkdown } from '../../src/domain/explanation-text.ts';
import { sentenceOf } from '../../src/domain/happening.ts';
import { isDecided, OrderStatus, orderSteps } from '../../src/domain/order.ts';
import { paymentStates } from '../../src/domain/payment.ts';
import { eventTypes } from '../../src/contracts/events.ts';
import { at, captured, facts, followed, parked, rejected } from '../support/explanations.ts';

describe('an explanation', () => {
  test('of every order that has not ended says what it waits for and who must act, whatever its facts', () => {
    for (const status of Object.values(OrderStatus))
      for (const state of paymentStates)
        for (const ending of [null, rejected])
          for (const marks of [[], ...orderSteps.map((step) => [parked(step)])])
            for (const waiting of [null, { for: 'customer', until: at } as const])
              for (const workflowRuns of [true, false, null])
                for (const awaitsLaunch of [true, false]) {
                  const payment = { state, capturedMinor: 0, refundedMinor: 0, disputedMinor: 0, strayMinor: 0 };
                  const given = facts({ status, ending, parked: marks, waiting, workflowRuns, awaitsLaunch, payment });
                  const { waitingFor, mustAct } = explainOrder(given);
                  const isOver = isDecided(status) && marks.length === 0;
                  expect(waitingFor === null).toBe(isOver);
                  expect(mustAct.who === 'nobody').toBe(isOver);
                }
  });

  test('of an order in review says which group must act, until when, what happens then, and that nothing can be charged', () => {
    const review = { reasons: ['3 units are more than 2'], until: at, escalatesAt: at, isEscalated: false } as const;
    const waiting = { for: 'review', until: at } as const;
    const explained = explainOrder(facts({ waiting, review: { ...review, onExpiry: 'reject' } }));
    expect(explained).toMatchObject({
      summary: 'Reserved, waits for a reviewer, before it is charged: 3 units are more than 2',
      waitingFor: { until: at },
      mustAct: {
        who: 'reviewer',
        how: `Approve or reject it (POST /orders/order_1/review, scope orders:review; from ${at} on the second group must); if nobody does by ${at}, it is rejected`,
      },
      money: { mayBeCapturedMinor: 0, sentence: 'Nothing is taken of 1000 EUR (minor units).' },
      stock: { heldUnits: 2 },
      atStake: { amountMinor: 0, units: 2 },
    });
    const escalated = { ...review, escalatesAt: null, isEscalated: true, onExpiry: 'approve' } as const;
    expect(explainOrder(facts({ waiting, review: escalated }))).toMatchObject({
      waitingFor: { what: 'the second group of reviewers, before it is charged: 3 units are more than 2', until: at },
      mustAct: {
        how: expect.stringMatching(/scope orders:review:escalated\); if nobody .* it goes on to be charged$/),
      },
    });
  });

  test('of a parked order names the operator, what can be decided, what is at stake, and that the hold is kept', () => {
    const explained = explainOrder(facts({ parked: [parked('charge-payment')] }));
    expect(explained).toMatchObject({
      waitingFor: { what: 'an operator’s decision about charging the payment: nobody knows', until: null },
      mustAct: { who: 'operator' },
      possibleActions: ['retry', 'skip', 'compensate'],
      atStake: { amountMinor: 1_000, units: 2 },
      nextRetry: null,
    });
    expect(explained.stock.sentence).toContain('keeps its hold');
    expect(explained.money.sentence).toContain('1000 EUR (minor units) may be taken');
    expect(explainOrder(facts({ parked: [parked('release-inventory')] })).possibleActions).toEqual(['retry']);
  });

  test('lists all that is parked, the longest first, each with what is at stake, also beside an order that has ended', () => {
    const stray = parked('follow-payment', {
      workflowId: 'order_1:payment:pi_2',
      payment: followed({ isOwn: false, amountMinor: 700, capturedMinor: 700, refundedMinor: 200 }),
    });
    const unknown = parked('follow-payment', { workflowId: 'order_1:payment:pi_3' });
    const explained = explainOrder(facts({ parked: [stray, parked('charge-payment'), unknown] }));
    expect(explained.parked.map(({ workflowId, atStake }) => [workflowId, atStake])).toMatchObject([
      ['order_1:payment:pi_2', { amountMinor: 500, units: 0 }],
      ['order_1', { amountMinor: 1_000, units: 2 }],
      ['order_1:payment:pi_3', { amountMinor: null, units: 0 }],
    ]);
    expect(explained.possibleActions).toEqual(['retry', 'skip']);
    expect(toMarkdown(explained)).toContain(
      '(order_1): nobody knows. At stake: 1000 EUR (minor units) that may have been taken and 2 units held. Can be decided: retry, skip, compensate.',
    );

    const own = followed({ refundedMinor: 400 });
    const refunded = parked('follow-payment', { workflowId: 'order_1:payment:pi_1', payment: own });
    const stock = { heldUnits: 0, soldUnits: 2, holdUntil: null };
    expect(explainOrder(facts({ status: 'confirmed', payment: captured, stock, parked: [refunded] }))).toMatchObject({
      summary: `Confirmed; parked at follow-payment since ${at}`,
      mustAct: { who: 'operator' },
      parked: [{ atStake: { amountMinor: 400, units: 0 } }],
    });
  });

  test('of an order that has ended waits for the bank while a dispute that somebody has taken as it stands is open', () => {
    const dispute = { disputeId: 'du_1', reason: 'fraudulent', amountMinor: 1_000, evidenceDueAt: at } as const;
    const given = { status: 'confirmed', payment: { ...captured, disputedMinor: 1_000, strayMinor: 0 } } as const;
    expect(explainOrder(facts({ ...given, disputes: [{ ...dispute, state: 'open' }] }))).toMatchObject({
      summary: 'Confirmed; waits for the bank’s decision about dispute du_1 of 1000 EUR (minor units)',
      waitingFor: { until: at },
      mustAct: { who: 'provider' },
      atStake: { amountMinor: 1_000 },
    });
    const lost = explainOrder(facts({ ...given, disputes: [{ ...dispute, state: 'lost' }] }));
    expect(lost).toMatchObject({ summary: 'Confirmed', waitingFor: null, mustAct: { who: 'nobody' } });
  });

  test('ends each sentence once, also when what others have said ends in a stop', () => {
    const said = 'The provider’s words. Evidence is due.';
    const attempt = { step: 'charge-payment', attempt: 1, at, message: said, nextTryAt: at } as const;
    const refused = { status: 'rejected', rejection: { code: 'payment.declined', message: said } } as const;
    const marks = orderSteps.map((step) => parked(step, { reason: said }));
    const cards = [
      ...[[], ...marks.map((mark) => [mark])].flatMap((some) =>
        Object.values(OrderStatus).map((status) => ({ status, parked: some, attempts: [attempt] })),
      ),
      { ending: refused },
      { status: 'rejected', ending: refused } as const,
      { waiting: { for: 'customer', until: at } } as const,
      { waiting: { for: 'review', until: null } } as const,
    ];
    for (const some of cards) {
      const text = toMarkdown(explainOrder(facts({ ...some, attempts: [attempt] })));
      expect(text).not.toMatch(/\.\.|\.,|: \./);
      for (const line of text.split('\n')) expect(line).toMatch(/^$|^#|\*\*$|[^.]\.$/);
    }
    for (const type of eventTypes) {
      const data = { reason: said, message: said, doubt: said, rejection: { message: said } };
      expect(sentenceOf({ type, data })).not.toContain('..');
    }
  });

  test.each([
    ['not launched', { status: 'placed', awaitsLaunch: true }, 'taken up by a worker', 'service'],
    ['placed', { status: 'placed' }, 'holding the stock', 'service'],
    ['reserved', {}, 'charging the payment', 'provider'],
    ['paid', { payment: captured }, 'confirming the sale', 'service'],
    ['ending', { ending: rejected }, 'voiding or refunding', 'provider'],
    ['ending, paid', { ending: rejected, payment: captured }, 'voiding or refunding', 'provider'],
    [
      'ending, given back',
      { ending: rejected, payment: { ...captured, refundedMinor: 1_000 } },
      'freeing the stock',
      'service',
    ],
    ['waiting', { waiting: { for: 'customer', until: at } }, 'the customer', 'customer'],
    ['without its workflow', { workflowRuns: false }, 'not running', 'operator'],
  ] as const)('of one that is %s: waits for %3$s', (_name, some, what, who) => {
    const { waitingFor, mustAct } = explainOrder(facts(some));
    expect(waitingFor?.what).toContain(what);
    expect(mustAct.who).toBe(who);
  });

  test('tells the next try by Temporal, by the last failed one without it, and by neither once another step is on', () => {
    const attempt = { step: 'charge-payment', attempt: 3, at, message: 'no answer', nextTryAt: at } as const;
    const pending = { step: 'charge-payment', attempt: 5, lastFailure: 'a 500', nextTryAt: null } as const;
    expect(explainOrder(facts({ attempts: [attempt], pending })).nextRetry).toEqual({
      step: 'charge-payment',
      attempt: 5,
      at: null,
    });
    const recorded = explainOrder(facts({ attempts: [attempt], workflowRuns: null }));
    expect(recorded.nextRetry).toEqual({ step: 'charge-payment', attempt: 4, at });
    expect(recorded.waitingFor).toEqual({ what: 'charging the payment, which last failed: no answer', until: at });
    expect(explainOrder(facts({ attempts: [attempt], payment: captured })).nextRetry).toBeNull();
  });

  test('knows of a closed order that nothing is open', () => {
    const stock = { heldUnits: 0, soldUnits: 2, holdUntil: null };
    expect(explainOrder(facts({ status: 'confirmed', payment: captured, stock }))).toMatchObject({
      atStake: { amountMinor: 0, units: 0 },
      money: { balanceMinor: 1_000, mayBeCapturedMinor: 0 },
      stock: { sentence: '2 units sold.' },
    });
  });

  test('of a sold order that is disputed says what is left, until when somebody must answer, and who', () => {
    const due = '2026-02-01T00:00:00.000Z';
    const dispute = { disputeId: 'du_1', reason: 'fraudulent', amountMinor: 1_000 } as const;
    const disputes = [
      { ...dispute, state: 'lost', evidenceDueAt: at },
      { ...dispute, state: 'open', evidenceDueAt: due },
    ] as const;
    const payment = { ...captured, refundedMinor: 300, disputedMinor: 600, strayMinor: 0 };
    const marks = [parked('follow-payment')];
    expect(explainOrder(facts({ status: 'confirmed', payment, disputes, parked: marks }))).toMatchObject({
      summary: expect.stringContaining('parked at follow-payment'),
      waitingFor: { until: due },
      mustAct: { who: 'operator' },
      possibleActions: ['retry', 'skip'],
      money: {
        balanceMinor: 100,
        sentence:
          '1000 EUR (minor units) was taken, 300 EUR (minor units) of it given back, 600 EUR (minor units) taken back by a dispute: 100 EUR (minor units) is left.',
      },
      atStake: { amountMinor: 1_000 },
      disputes,
    });
  });

  test('has a sentence for every type of event', () => {
    for (const type of eventTypes) expect(sentenceOf({ type, data: {} })).not.toBe(`${type}.`);
    expect(sentenceOf({ type: 'order.unheard_of', data: {} })).toBe('order.unheard_of.');
  });

  test('reads as Markdown, in which nobody’s words can begin a heading or a tag', () => {
    const hostile = { step: 'charge-payment', attempt: 1, at, message: 'x\n# y <b>', nextTryAt: null } as const;
    const text = toMarkdown(
      explainOrder(facts({ parked: [parked('charge-payment')], attempts: [hostile], notAsked: ['Temporal'] })),
    );
    expect(text).toContain('# Order `order_1`');
    expect(text).toContain('try 1: x # y \\<b\\>');
    expect(text).toMatch(/## Could not be asked\n\n- Temporal\n/);
  });
});
