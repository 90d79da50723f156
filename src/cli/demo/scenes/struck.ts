import { setTimeout as sleep } from 'node:timers/promises';
import type { Shelf } from '../facts.ts';
import type { Stage } from '../stage.ts';

const TRIES = 5;
const POLL_MS = 25;

type Arming = Parameters<Stage['arm']>[1];
type Struck = { id: string; before: Shelf; fault: Awaited<ReturnType<Stage['arm']>> };

/**
 * An order whose payment was struck by a fault. A fault names its order, so that it strikes nobody else's; the id is known with the
 * answer to the placing, and the charge comes a moment after it. Where the charge was quicker, another order is placed.
 */
export async function placeStruck(
  stage: Stage,
  sku: string,
  { customer, fault: wish, says }: { customer: string; fault: Arming; says: string },
): Promise<Struck> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const before = await stage.shelf(sku);
    const { order } = await stage.place({ sku, customer });
    const fault = await stage.arm(order.id, wish);
    stage.tell(`${order.id} is placed; ${says}`);
    if (await hasStruck(stage, order.id, fault)) return { id: order.id, before, fault };
    await fault.lift();
    stage.tell('its charge was quicker than the fault; another one');
  }
  throw new Error(`Of ${TRIES} orders every one was charged before the simulator could be told to fail for it`);
}

async function hasStruck(stage: Stage, id: string, { struck }: Struck['fault']): Promise<boolean> {
  for (;;) {
    if ((await struck()) > 0) return true;
    const { status, attention, waiting } = await stage.order(id);
    const isOver = !['placed', 'reserved'].includes(status) || attention !== null || waiting !== null;
    if (isOver) return (await struck()) > 0;
    await sleep(POLL_MS);
  }
}
