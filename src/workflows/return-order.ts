// Goods that come back: asked for, answered, received, given back for; long after the order's own workflow may have closed. What must stay
// true: a request that nobody answers waits for an operator, goods that never come end it, and what came is given back for or a person
// has said why not.
import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import { needsOperatorFailure } from '../contracts/failures.ts';
import { returnNewsSignal } from '../contracts/messages.ts';
import type { ReturnOrderInput, ReturnOutcome, ReturnStanding } from '../contracts/return-order.ts';
import { returnWait } from '../domain/business-card.ts';
import type { OrderStep } from '../domain/order.ts';
import { createActivities } from './activity-proxies.ts';
import { showBusiness } from './business-state.ts';
import { Compensated } from './ending.ts';
import { createParking, type Skip } from './parking.ts';
import { createReturnActivities } from './return-proxies.ts';

// Whoever settles a refund leaves word in that commit. A net, should that ever be forgotten: a look a day costs nothing.
const LOOK_MS = 24 * 3_600_000;

type Returning = ReturnType<typeof openReturn>;

export const returnOrder = (input: ReturnOrderInput): Promise<ReturnOutcome> =>
  // It was promised to a customer: no cancellation in Temporal ends it.
  CancellationScope.nonCancellable(async () => {
    const open = openReturn(input);
    let standing = await answered(open);
    if (standing.status === 'approved') standing = await arrived(open);
    if (standing.status === 'received') standing = await paidFor(open);
    return { status: standing.status };
  });

function openReturn({ orderId, number, bounds, limits }: ReturnOrderInput) {
  const ref = { orderId, number };
  const activities = { ...createActivities(bounds), ...createReturnActivities(bounds) };
  let news = true;
  setHandler(returnNewsSignal, () => void (news = true), {
    description: 'Somebody has decided about the return or received it, or its refund has come to its end',
  });
  const hasNews = (): boolean => news;
  const view = showBusiness({ title: `# Return ${number} of order \`${orderId}\``, orderId });
  const parking = createParking({
    ...{ orderId, activities, bounds, hasNews, carried: undefined },
    order: view,
  });
  // While it is parked, it is looked at to see whether that is still so: only what an earlier run has left may be cleared.
  const named = () => ({ ...ref, ...(parking.isParked() ? {} : { parked: parking.latest() }) });
  return {
    ...{ ref, limits, activities, parking, hasNews, view },
    look: (): Promise<ReturnStanding> => {
      news = false;
      return activities.findReturn(named());
    },
    settle: (): Promise<ReturnStanding> => {
      news = false;
      return activities.settleReturn(named());
    },
  };
}

/** Until somebody has said whether it may come. What nobody answers parks: retry waits once more, compensate says no. */
async function answered(open: Returning): Promise<ReturnStanding> {
  const { ref, limits, activities, look } = open;
  const isAnswered = ({ status }: ReturnStanding): boolean => status !== 'requested';
  const wait = async (renew: boolean): Promise<ReturnStanding> => {
    const standing = await waitFor(open, { what: 'answer', withinMs: limits.approvalMs, renew, isOver: isAnswered });
    if (standing) return standing;
    throw needsOperatorFailure(
      'Nobody has said in time whether it may come: approve it, retry to wait on, compensate to reject it',
    );
  };
  const glance = async (): Promise<ReturnStanding | null> => {
    const standing = await look();
    return isAnswered(standing) ? standing : null;
  };
  for (;;) {
    try {
      return await runStep(open, 'approve-return', { wait: () => wait(false), glance, again: () => wait(true) });
    } catch (error) {
      if (!(error instanceof Compensated) || error.ending.status !== 'cancelled') throw error;
      const { actor, reason } = error.ending;
      const standing = await activities.rejectReturn({ ...ref, actor, reason });
      if (isAnswered(standing)) return standing;
    }
  }
}

/** Until the goods are here; they are not waited for without an end. */
function arrived(open: Returning): Promise<ReturnStanding> {
  const { ref, limits, activities, look } = open;
  const isHere = ({ status }: ReturnStanding): boolean => status !== 'approved';
  const wait = async (): Promise<ReturnStanding> => {
    const standing = await waitFor(open, { what: 'goods', withinMs: limits.goodsMs, renew: false, isOver: isHere });
    return standing ?? activities.expireReturn(ref);
  };
  const glance = async (): Promise<ReturnStanding | null> => {
    const standing = await look();
    return isHere(standing) ? standing : null;
  };
  return runStep(open, 'receive-return', { wait, glance, again: wait });
}

/** Until what came is given back for. Where that can not be a person decides: retry asks again, skip takes it as it is. */
function paidFor(open: Returning): Promise<ReturnStanding> {
  const { ref, activities, hasNews, settle } = open;
  const isOver = ({ status }: ReturnStanding): boolean => status !== 'received';
  const wait = async (): Promise<ReturnStanding> => {
    for (;;) {
      const standing = await settle();
      if (isOver(standing)) return standing;
      const reason = whyStuck(standing);
      if (reason !== null) throw needsOperatorFailure(reason);
      await condition(hasNews, LOOK_MS, { summary: 'Look whether the refund has come to its end' });
    }
  };
  const glance = async (): Promise<ReturnStanding | null> => {
    const standing = await settle();
    return isOver(standing) ? standing : null;
  };
  const again = async (): Promise<ReturnStanding> => {
    await activities.askReturnRefund(ref);
    return wait();
  };
  return runStep(open, 'refund-return', { wait, glance, again, skip: () => activities.acceptReturn(ref) });
}

function whyStuck({ refund, problem }: ReturnStanding): string | null {
  if (problem !== null) return `${problem}: retry asks for the refund once more, skip takes it as it is`;
  if (refund?.state !== 'abandoned') return null;
  return `Refund ${refund.number} was given up: retry asks for another, skip takes it as it is`;
}

/** Null when its time is over. Half-way an event says that it takes long, also where nobody looked until its end. */
async function waitFor(
  { ref, activities, look, hasNews, view }: Returning,
  wait: { what: 'answer' | 'goods'; withinMs: number; renew: boolean; isOver: (standing: ReturnStanding) => boolean },
): Promise<ReturnStanding | null> {
  const { what, withinMs, renew, isOver } = wait;
  const { leftMs } = await activities.awaitReturn({ ...ref, withinMs, renew });
  const end = Date.now() + leftMs;
  view.waits(returnWait({ ...ref, what, until: new Date(end).toISOString() }));
  const half = end - withinMs / 2;
  for (let isTold = false; ;) {
    const standing = await look();
    if (isOver(standing)) return standing;
    if (!isTold && Date.now() >= half) {
      await activities.noteReturnDelay(ref);
      isTold = true;
    }
    if (Date.now() >= end) return null;
    await condition(hasNews, Math.max(1, (isTold ? end : half) - Date.now()), {
      summary: isTold ? `The ${what} does not come in time` : `Half of the time for the ${what} is over`,
    });
  }
}

type Step = {
  wait: () => Promise<ReturnStanding>;
  /** How it stands, without waiting; null while the step is not over. */
  glance: () => Promise<ReturnStanding | null>;
  /** What a person's retry does. */
  again: () => Promise<ReturnStanding>;
  skip?: Skip<ReturnStanding>;
};

/** While a person is asked, news are looked at, and nothing is waited for. */
function runStep(
  { parking }: Returning,
  name: OrderStep,
  { wait, glance, again, skip }: Step,
): Promise<ReturnStanding> {
  let parkedFor: { error: unknown } | null = null;
  const orTell = async (waiting: () => Promise<ReturnStanding>): Promise<ReturnStanding> => {
    try {
      return await waiting();
    } catch (error) {
      parkedFor = { error };
      throw error;
    }
  };
  const work = async (): Promise<ReturnStanding> => {
    if (!parkedFor) return orTell(wait);
    const standing = await glance();
    if (standing) return standing;
    throw parkedFor.error;
  };
  return parking.runStep(name, work, skip, () => orTell(again));
}
