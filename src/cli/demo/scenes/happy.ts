import {
  checkEvents,
  checkPaid,
  checkShelf,
  checkStatus,
  less,
  type Check,
  type OrderFacts,
  type Shelf,
} from '../facts.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

type Facts = { order: OrderFacts; before: Shelf; after: Shelf };

export const happy = scene<Facts>({
  name: 'happy',
  headline: 'An order is placed, and sold',
  promise:
    'The simplest one: stock is held, the card is charged, the order is confirmed. Watch what has to agree at the end: the order, its ' +
    'events, what the provider has in its own journal, and the shelf.',
  play,
  checks: checkHappy,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const before = await stage.shelf(sku);
  const { order, status } = await stage.place({ sku, customer: 'ada' });
  stage.tell(`POST /orders: ${status}, ${order.id} is ${order.status}, and will not be lost from here on`);
  const sold = await stage.until(order.id, ({ status: now }) => now === 'confirmed');
  stage.tell(`it is ${sold.status}`);
  return { order: await stage.facts(order.id), before, after: await stage.shelf(sku) };
}

export function checkHappy({ order, before, after }: Facts): Check[] {
  return [
    ...checkStatus(order, 'confirmed'),
    checkEvents(order, 'order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed'),
    ...checkPaid(order),
    checkShelf(less(before, 1), after),
  ];
}
