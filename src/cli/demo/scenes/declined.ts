import {
  check,
  checkEvents,
  checkShelf,
  checkStatus,
  checkUnpaid,
  type Check,
  type OrderFacts,
  type Shelf,
} from '../facts.ts';
import { scene } from '../scene.ts';
import type { Stage } from '../stage.ts';

type Facts = { order: OrderFacts; before: Shelf; after: Shelf };

export const declined = scene<Facts>({
  name: 'declined',
  headline: 'The card is declined',
  promise:
    'The stock is held already when the bank says no. The order is rejected with the bank’s code, and what was held for it is free for ' +
    'others.',
  play,
  checks: checkDeclined,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const before = await stage.shelf(sku);
  const { order } = await stage.place({ sku, paymentMethod: 'pm_card_chargeDeclined', customer: 'cora' });
  stage.tell(`${order.id} is placed, with a card that will be declined`);
  const ended = await stage.until(order.id, ({ status }) => status === 'rejected' || status === 'confirmed');
  stage.tell(`it is ${ended.status}: ${ended.rejection?.message ?? 'no reason'}`);
  return { order: await stage.facts(order.id), before, after: await stage.shelf(sku) };
}

export function checkDeclined({ order, before, after }: Facts): Check[] {
  return [
    ...checkStatus(order, 'rejected: payment.declined'),
    check('bank says', 'generic_decline', order.order.payment.declineCode ?? 'nothing'),
    checkEvents(
      order,
      'order.placed',
      'inventory.reserved',
      'payment.declined',
      'inventory.released',
      'order.rejected',
    ),
    ...checkUnpaid(order, 'declined'),
    checkShelf(before, after),
  ];
}
