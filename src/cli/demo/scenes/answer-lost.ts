import {
  check,
  checkEvents,
  checkPaid,
  checkShelf,
  checkStatus,
  less,
  reached,
  type Check,
  type OrderFacts,
  type Shelf,
} from '../facts.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';
import { placeStruck } from './struck.ts';

type Facts = { order: OrderFacts; struck: number; before: Shelf; after: Shelf };

export const answerLost = scene<Facts>({
  name: 'answer-lost',
  headline: 'The money has moved, and the answer is lost',
  promise:
    'The provider charges the card, and the connection breaks before it can say so. A timeout is not a no: the provider is asked what ' +
    'became of the payment before anything is done again.',
  play,
  checks: checkAnswerLost,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const { id, before, fault } = await placeStruck(stage, sku, {
    customer: 'dora',
    fault: { operation: 'confirm', mode: 'drop_after_effect', times: 1 },
    says: 'the next confirm of its payment loses its answer, after the effect',
  });
  stage.tell('the provider has charged the card; its answer never came');
  await stage.until(id, ({ status }) => status === 'confirmed');
  stage.tell('the provider was asked, and its word taken: confirmed');
  return { order: await stage.facts(id), struck: await fault.struck(), before, after: await stage.shelf(sku) };
}

export function checkAnswerLost({ order, struck, before, after }: Facts): Check[] {
  return [
    check('lost answers', '1', String(struck)),
    ...checkStatus(order, 'confirmed'),
    checkEvents(order, 'order.placed', 'inventory.reserved', 'payment.captured', 'order.confirmed'),
    ...checkPaid(order),
    check('asked again', 'retrieved, confirmed 1 time', askedText(order)),
    checkShelf(less(before, 1), after),
  ];
}

/** Asking comes before doing: what is confirmed twice was not asked for. */
export const askedText = (order: OrderFacts): string => {
  const confirms = reached(order, 'confirm');
  const asked = reached(order, 'retrieve') > 0 ? 'retrieved' : 'not retrieved';
  return `${asked}, confirmed ${confirms} ${confirms === 1 ? 'time' : 'times'}`;
};
