// An order that somebody looks at before it is charged, against a row that decides as the real one does.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decideReviewUpdate } from '../../src/contracts/messages.ts';
import type { PendingReview, ReviewAnswer, ReviewStanding, ReviewWord } from '../../src/contracts/review.ts';
import type { Ending } from '../../src/domain/rejection.ts';
import type { ReviewDecision } from '../../src/domain/review.ts';
import { cancel, cancelled, held, row, type Handle } from '../support/cancelling.ts';
import { until } from '../support/until.ts';
import { startWorkflowTest, type Script, type WorkflowTest } from '../support/workflow.ts';

const HOUR = 3_600_000;
const word: ReviewWord = { decision: 'approve', actor: 'reviewer-1', reason: 'known', mayDecideEscalated: false };
const rejected = { status: 'rejected', rejection: { code: 'review.rejected', message: 'no' } } as const;
const expired = { status: 'rejected', rejection: { code: 'review.expired', message: 'nobody' } } as const;

let workflow: WorkflowTest;
beforeAll(async () => {
  workflow = await startWorkflowTest();
});
afterAll(() => workflow.close());

/** The row of an order in review: an hour until it is escalated, two until it ends. By the clock that the test skips. */
function reviewRow({ onExpiry = 'reject', hourMs = HOUR }: { onExpiry?: ReviewDecision; hourMs?: number } = {}) {
  let ending: Ending | null = null;
  let standing: ReviewStanding | null = null;
  let begun = 0;
  let endedAt = 0;
  let escalatedAt: number | null = null;
  const now = (): Promise<number> => workflow.environment.currentTimeMs();
  const pending = async (): Promise<PendingReview> => {
    const passed = (await now()) - begun;
    return {
      until: new Date(begun + 2 * hourMs).toISOString(),
      endsInMs: Math.max(0, 2 * hourMs - passed),
      escalatesInMs: escalatedAt === null ? Math.max(0, hourMs - passed) : null,
      isEscalated: escalatedAt !== null,
      onExpiry,
      reasons: ['1000 EUR is more than 500 EUR'],
    };
  };
  const end = (state: 'approved' | 'rejected' | 'expired', how: Ending | null): ReviewStanding => {
    ending = how;
    return (standing = { state, ending: how });
  };
  const { script } = row({
    reserveInventory: async () => {
      begun ||= await now();
      return standing ? undefined : { review: await pending() };
    },
    decideReview: async ({ decision, mayDecideEscalated }): Promise<ReviewAnswer> => {
      if (standing) return standing;
      if (escalatedAt !== null && !mayDecideEscalated) return { state: 'pending', ...(await pending()) };
      return decision === 'approve' ? end('approved', null) : end('rejected', rejected);
    },
    advanceReview: async (): Promise<ReviewStanding> => {
      if (standing) return standing;
      const { endsInMs, escalatesInMs } = await pending();
      if (endsInMs === 0) {
        endedAt = await now();
        return end('expired', onExpiry === 'approve' ? null : expired);
      }
      if (escalatesInMs === 0) escalatedAt = await now();
      return { state: 'pending', ...(await pending()) };
    },
    cancelOrder: () => {
      ending ??= cancelled;
      standing ??= { state: 'cancelled', ending };
      return { ending };
    },
    closeOrder: ({ ending: wanted }) => (ending ??= wanted),
    releaseInventory: () => undefined,
  });
  return {
    script,
    escalatedAfter: () => (escalatedAt === null ? null : escalatedAt - begun),
    endedAfter: () => endedAt - begun,
  };
}

const decide = (handle: Handle, said: Partial<ReviewWord> = {}): Promise<ReviewAnswer> =>
  handle.executeUpdate(decideReviewUpdate, { args: [{ ...word, ...said }] });
const waits = (calls: readonly string[]): Promise<unknown> =>
  until(() => calls.includes('reserveInventory'), 'the stock is held');

describe('an order in review', () => {
  test('is charged once somebody has approved it, and not before', async () => {
    const { script } = reviewRow();
    const { result, steps } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await waits(calls);
      const answer = await decide(handle);
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { state: 'approved', ending: null }, outcome: { status: 'confirmed' } });
    expect(steps).toEqual(['reserveInventory', 'decideReview', 'chargePayment', 'confirmOrder']);
  });

  test('ends rejected when somebody says no: the stock is free again, and nothing was ever charged', async () => {
    const { script } = reviewRow();
    const { result, steps } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await waits(calls);
      const answer = await decide(handle, { decision: 'reject' });
      return { answer, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { state: 'rejected', ending: rejected }, outcome: rejected });
    expect(steps).toEqual(['reserveInventory', 'decideReview', 'releaseInventory', 'closeOrder']);
  });

  test('is escalated after its time, and rejected when nobody decides at all', async () => {
    const { script, escalatedAfter } = reviewRow();
    const { result, steps } = await workflow.finish(script);
    expect(result).toEqual(expired);
    expect(steps).toEqual(['reserveInventory', 'advanceReview', 'releaseInventory', 'closeOrder']);
    expect(escalatedAfter()).toBeGreaterThanOrEqual(HOUR);
    expect(escalatedAfter()).toBeLessThan(HOUR + 120_000);
  });

  test('goes on when nobody decides, where that is what was configured', async () => {
    const { script } = reviewRow({ onExpiry: 'approve' });
    const { result, steps } = await workflow.finish(script);
    expect(result).toEqual({ status: 'confirmed' });
    expect(steps).toEqual(['reserveInventory', 'advanceReview', 'chargePayment', 'confirmOrder']);
  });

  test('once escalated is for the second group alone; the first is told that it waits on', async () => {
    const { script, escalatedAfter } = reviewRow();
    const { result } = await workflow.runOrder(script, async ({ handle, calls }) => {
      await waits(calls);
      await workflow.environment.sleep(1.5 * HOUR);
      await until(() => escalatedAfter() !== null, 'it is escalated');
      const first = await decide(handle);
      const second = await decide(handle, { mayDecideEscalated: true });
      return { first, second, outcome: await handle.result() };
    });
    expect(result.first).toMatchObject({ state: 'pending', isEscalated: true });
    expect(result.second).toEqual({ state: 'approved', ending: null });
    expect(result.outcome).toEqual({ status: 'confirmed' });
  });

  test('is cancelled without waiting any longer, and whoever decides meanwhile is told so', async () => {
    const fixed = held();
    const review = reviewRow();
    const cancelOrder: Script['cancelOrder'] = async (request) => {
      const answer = review.script.cancelOrder?.(request);
      await fixed.call();
      return answer;
    };
    const { result, steps } = await workflow.runOrder({ ...review.script, cancelOrder }, async ({ handle, calls }) => {
      await waits(calls);
      const asked = cancel(handle);
      await fixed.begun;
      const late = await decide(handle);
      fixed.letGo();
      return { answer: await asked, late, outcome: await handle.result() };
    });
    expect(result.answer).toEqual({ ending: cancelled });
    expect(result.late).toEqual({ state: 'cancelled', ending: cancelled });
    expect(result.outcome).toEqual(cancelled);
    expect(steps).not.toContain('chargePayment');
  });

  test('is cancelled in Temporal while somebody decides: whoever decided is told what stands, and it ends by that', async () => {
    const way = held();
    const review = reviewRow();
    const decideReview: Script['decideReview'] = async (request) => {
      const said = await review.script.decideReview?.(request);
      await way.call();
      return said;
    };
    const { result, steps } = await workflow.runOrder({ ...review.script, decideReview }, async ({ handle, calls }) => {
      await waits(calls);
      const asked = decide(handle, { decision: 'reject' });
      await way.begun;
      await handle.cancel();
      await until(() => calls.includes('closeOrder'), 'it is undone');
      way.letGo();
      return { answer: await asked, outcome: await handle.result() };
    });
    expect(result).toEqual({ answer: { state: 'rejected', ending: rejected }, outcome: rejected });
    expect(steps).not.toContain('chargePayment');
  });

  test.each([
    ['before', { state: 'approved', ending: null }, { status: 'confirmed' }],
    ['after', { state: 'expired', ending: expired }, expired],
  ] as const)(
    'about which somebody decides just %s its time is over ends as the row says, and so does the answer',
    async (when, answer, outcome) => {
      const way = held();
      const review = reviewRow({ hourMs: 300 });
      const decideReview: Script['decideReview'] = async (request) => {
        if (when === 'after') await way.call();
        const said = await review.script.decideReview?.(request);
        if (when === 'before') await way.call();
        return said;
      };
      const { result } = await workflow.runOrder({ ...review.script, decideReview }, async ({ handle, calls }) => {
        await waits(calls);
        const asked = decide(handle, { mayDecideEscalated: true });
        await way.begun;
        await until(() => calls.includes('advanceReview'), 'its time passes');
        await until(() => calls.includes(when === 'before' ? 'confirmOrder' : 'closeOrder'), 'it goes on');
        way.letGo();
        return { answer: await asked, outcome: await handle.result() };
      });
      expect(result).toEqual({ answer, outcome });
    },
  );

  test('a run that begins anew waits as long as the row says, not as long as at first', async () => {
    const { script, endedAfter } = reviewRow();
    await workflow.runOrder(script, async ({ handle, calls }) => {
      await waits(calls);
      await workflow.environment.sleep(0.5 * HOUR);
      await handle.terminate('somebody ended it');
    });
    const { result } = await workflow.finish(script);
    expect(result).toEqual(expired);
    expect(endedAfter()).toBeGreaterThanOrEqual(2 * HOUR);
    expect(endedAfter()).toBeLessThan(2 * HOUR + 120_000);
  });

  test('takes no word that does not say who, why and what', async () => {
    const { script } = reviewRow();
    await workflow.runOrder(script, async ({ handle, calls }) => {
      await waits(calls);
      const bad = [{ actor: '' }, { reason: '' }, { decision: 'maybe' as 'approve' }];
      for (const said of bad)
        await expect(decide(handle, said)).rejects.toMatchObject({ cause: { type: 'DecisionNotPossible' } });
      await decide(handle);
      expect(await handle.result()).toEqual({ status: 'confirmed' });
    });
  });

  test('that nobody has to look at waits for nobody', async () => {
    const { result, steps } = await workflow.finish({});
    expect(result).toEqual({ status: 'confirmed' });
    expect(steps).toEqual(['reserveInventory', 'chargePayment', 'confirmOrder']);
  });
});
