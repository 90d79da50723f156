// Attempts that die at a named crash point, inside one process: what was committed stays, and nothing that the attempt would have done
// after it happens. To Temporal it looks as a worker that has gone: the attempt fails and is made again. (Real kills: test/chaos.)
import { AsyncLocalStorage } from 'node:async_hooks';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { FailureName, notNowFailure } from '../../src/contracts/failures.ts';
import type { Hooks } from '../model/insides.ts';

// Before a try that was told "not now".
const SOON_MS = 200;

/** What is to become of one order's attempts. */
export type Fate = {
  /** Where an attempt dies, once. Null: nowhere. */
  point: string | null;
  /** It is there. Awaited before it dies; not inside a transaction, whose row is locked. */
  onReached: () => Promise<void>;
  /** The first attempt that began after the death is over. */
  onNextOver: () => void;
  /** An attempt says "not now": what it waits for passes. */
  onWaiting: () => Promise<void>;
  /** A partner's call that is refused until somebody has healed it. */
  refused: string | null;
  /** One whose key stands for a stored failure, the next time. */
  stuck: string | null;
  /** One whose answer gets lost, the next time. */
  lost: string | null;
};
/** A point that an order's attempts came to; `isLocal`: within a workflow task, in which nothing else is heard. */
export type Reached = { point: string; isLocal: boolean };

export type Life = Fate & {
  /** Every point once, in the order in which it was reached first. */
  reached: Reached[];
  hasDied: boolean;
  isNextOver: boolean;
};
type Attempt = { life: Life; isDead: boolean; isAfterDeath: boolean };

export function createDeaths() {
  const lives = new Map<string, { life: Promise<Life>; enroll: (life: Life) => void }>();
  const attempts = new AsyncLocalStorage<Attempt>();
  const underWay = new AsyncLocalStorage<string>();

  /** Nothing is done for an order before it is known where it dies. */
  function lifeOf(orderId: string) {
    const known = lives.get(orderId);
    if (known) return known;
    let enroll: (life: Life) => void = () => undefined;
    const life = new Promise<Life>((resolve) => (enroll = resolve));
    const made = { life, enroll };
    lives.set(orderId, made);
    return made;
  }

  /** The attempt's death, when it dies here. */
  function reach(point: string): Life | null {
    const attempt = attempts.getStore();
    if (!attempt) return null;
    // It is gone: whatever it still tries does not happen.
    if (attempt.isDead) throw new Error(`The attempt is dead, and came to ${point}`);
    const { life } = attempt;
    if (!life.reached.some((one) => one.point === point))
      life.reached.push({ point, isLocal: Context.current().info.isLocal });
    if (life.hasDied || life.point !== point) return null;
    life.hasDied = true;
    attempt.isDead = true;
    return life;
  }

  async function pass(point: string): Promise<void> {
    const life = reach(point);
    if (!life) return;
    await life.onReached();
    throw new Error(`The attempt dies ${point}`);
  }

  /** What a partner that is ill answers instead; null while it is well. */
  function refusalOf(call: string): object | null {
    const life = attempts.getStore()?.life;
    if (life?.refused === call) return { refused: 'the test has it so' };
    if (life?.stuck !== call) return null;
    life.stuck = null;
    return { stuck: 'the test has it so' };
  }

  function loseAnswerOf(call: string): void {
    const life = attempts.getStore()?.life;
    if (life?.lost !== call) return;
    life.lost = null;
    throw new Error(`The answer of ${call} is lost`);
  }

  const guarded =
    (name: string, call: (...request: unknown[]) => Promise<unknown>) =>
    async (...request: unknown[]): Promise<unknown> => {
      await pass(`before ${name}`);
      const result = refusalOf(name) ?? (await underWay.run(name, () => call(...request)));
      loseAnswerOf(name);
      await pass(`after ${name}`);
      return result;
    };

  async function attempt(orderId: string, work: () => Promise<unknown>): Promise<unknown> {
    const life = await lifeOf(orderId).life;
    const one: Attempt = { life, isDead: false, isAfterDeath: life.hasDied };
    try {
      const result = await attempts.run(one, work);
      if (one.isDead) throw new Error('The attempt is dead, and nobody hears what it came to');
      return result;
    } catch (error) {
      throw await soonerIf(error, life);
    } finally {
      if (one.isAfterDeath && !life.isNextOver) {
        life.isNextOver = true;
        life.onNextOver();
      }
    }
  }

  /** "Not now" is said of seconds and minutes: they pass for this order alone. */
  async function soonerIf(error: unknown, life: Life): Promise<unknown> {
    if (!(error instanceof ApplicationFailure) || error.type !== FailureName.notNow) return error;
    await life.onWaiting();
    return notNowFailure({ message: error.message, delayMs: SOON_MS, cause: error });
  }

  const hooks: Hooks = {
    around: <T extends object>(role: string, port: T): T =>
      Object.fromEntries(
        Object.entries(port as Record<string, (...request: unknown[]) => Promise<unknown>>).map(([name, call]) => [
          name,
          guarded(`${role}.${name}`, call),
        ]),
      ) as T,
    beforeCommit: () => {
      const life = reach(`inside ${underWay.getStore() ?? 'nothing'}`);
      if (!life) return;
      void life.onReached();
      throw new Error('The attempt dies before its commit');
    },
    attempt: (request, work) => attempt((request as { orderId: string }).orderId, work),
  };

  return {
    hooks,
    /** From now on the order's attempts are made. */
    enroll(orderId: string, fate: Fate): Life {
      const life: Life = { ...fate, reached: [], hasDied: false, isNextOver: false };
      lifeOf(orderId).enroll(life);
      return life;
    },
  };
}
