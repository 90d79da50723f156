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

type Facts = { answered: number; held: Shelf; order: OrderFacts; before: Shelf; after: Shelf };

export const cancelled = scene<Facts>({
  name: 'cancel',
  headline: 'An order is cancelled in flight',
  promise:
    'Its customer’s bank wants the payment authenticated (3-D Secure), so the order waits with its stock held. Then it is cancelled: the ' +
    'payment is void, for good, and the stock free.',
  play,
  checks: checkCancelled,
});

async function play(stage: Stage): Promise<Facts> {
  const sku = await stage.beans();
  const before = await stage.shelf(sku);
  const { order } = await stage.place({ sku, paymentMethod: 'pm_card_threeDSecure2Required', customer: 'gina' });
  stage.tell(`${order.id} is placed, with a card that wants 3-D Secure`);
  const asked = await stage.until(order.id, ({ waiting }) => waiting !== null);
  const held = await stage.shelf(sku);
  stage.tell(asked.waiting?.for === 'customer' ? 'it waits for its customer' : `it is ${asked.status}`);
  const answered = await stage.cancel(order.id, 'orders demo: changed my mind');
  stage.tell(`POST /orders/…/cancel: ${answered}`);
  await stage.until(order.id, ({ status }) => status === 'cancelled');
  return { answered, held, order: await stage.facts(order.id), before, after: await stage.shelf(sku) };
}

export function checkCancelled({ answered, held, order, before, after }: Facts): Check[] {
  return [
    check('held', `${before.reserved + 1} reserved while it waited`, `${held.reserved} reserved while it waited`),
    check('cancelling', '202', String(answered)),
    ...checkStatus(order, 'cancelled'),
    checkEvents(
      order,
      'order.placed',
      'inventory.reserved',
      'payment.action_required',
      'order.cancellation_requested',
      'payment.voided',
      'inventory.released',
      'order.cancelled',
    ),
    ...checkUnpaid(order, 'voided'),
    check(
      'at provider',
      'canceled',
      order.journal.some(({ effect }) => effect === 'canceled') ? 'canceled' : 'not canceled',
    ),
    checkShelf(before, after),
  ];
}
