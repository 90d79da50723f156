// A shop whose events are told to subscribers, over a real database: what a subscriber answers is said by the test.
import { sql } from 'kysely';
import { createEventLog } from '../../src/adapters/postgres/events.ts';
import { lockOrder, recordChange } from '../../src/adapters/postgres/order-change.ts';
import { createWebhookWork } from '../../src/adapters/postgres/webhook-work.ts';
import { createWebhookSubscriptions } from '../../src/adapters/postgres/webhook.ts';
import { EventType } from '../../src/contracts/events.ts';
import type { WebhookLane, WebhookSubscriptions } from '../../src/ports/webhook.ts';
import { acceptOrder, openTestDatabase, stockProduct } from './database.ts';

export const wish = {
  url: 'http://127.0.0.1:1/',
  eventTypes: null,
  format: 'envelope' as const,
  description: null,
  isPaused: false,
};
export const secret = 'whsec_c2VjcmV0LW9mLWEtc3Vic2NyaXB0aW9u';

const parking = (orderId: string) => ({
  ...{ step: 'charge-payment' as const, reason: 'the provider is away', workflowId: orderId },
  since: '2026-01-01T00:00:00.000Z',
});
const well = { isDelivered: true, status: 204 } as const;
const ill = { isDelivered: false, status: 500, failure: 'answered 500', retryAfterMs: null } as const;

/** `current()`: the subscription that `begin` has made in the place of all others. */
export async function startSubscribers() {
  const { db, close } = await openTestDatabase();
  await stockProduct(db, 'book', 10_000);
  const webhooks = createWebhookSubscriptions({ db });
  const work = createWebhookWork({ db });
  const events = createEventLog({ db });
  let id = '';
  const current = () => ({ tenant: 'local', id });

  async function begin(): Promise<void> {
    for (const other of await webhooks.list({ tenant: 'local' }))
      await webhooks.remove({ tenant: 'local', id: other.id });
    id = await subscribe();
  }

  async function subscribe(over: Partial<Parameters<WebhookSubscriptions['create']>[0]> = {}): Promise<string> {
    const created = await webhooks.create({ ...wish, tenant: 'local', secret, after: null, ...over });
    if ('tooMany' in created) throw new Error('Expected room for a subscription; found none');
    return created.id;
  }

  async function change(orderId: string): Promise<void> {
    await db.transaction().execute(async (tx) => {
      await lockOrder(tx, orderId);
      await recordChange(tx, { orderId, type: EventType.orderParked, data: parking(orderId) });
    });
  }

  const number = (): Promise<number> => events.assignPositions({ limit: 1_000 });
  async function feed(): Promise<void> {
    await number();
    while (await work.feed({ limit: 3 }));
  }
  const claim = (underWay: Readonly<Record<string, number>> = {}): Promise<readonly WebhookLane[]> =>
    work.claim({ perSubscription: 10, atMost: 100, perLane: 5, leaseMs: 60_000, probeMs: 60_000, underWay });
  const claimOne = async (): Promise<WebhookLane> => {
    const [lane, ...others] = await claim();
    if (!lane || others.length > 0) throw new Error(`Expected one lane; found ${others.length + (lane ? 1 : 0)}`);
    return lane;
  };
  const deliver = (lane: WebhookLane, count = lane.deliveries.length): Promise<void> =>
    work.settle({
      lane,
      answers: lane.deliveries.slice(0, count).map((delivery) => ({ id: delivery.id, answer: well })),
      retryInMs: 0,
    });
  const fail = (lane: WebhookLane, retryInMs: number | null, after = 0): Promise<void> =>
    work.settle({
      lane,
      answers: lane.deliveries
        .slice(0, after + 1)
        .map((delivery, index) => ({ id: delivery.id, answer: index < after ? well : ill })),
      retryInMs,
    });
  async function statesOf(orderId: string): Promise<string[]> {
    const items = await webhooks.listDeliveries({ ...current(), orderId, state: null, before: null, limit: 100 });
    return (items ?? []).map(({ state, attempts }) => `${state} ${attempts}`).reverse();
  }
  async function firstParked(orderId: string): Promise<number> {
    const [parked] =
      (await webhooks.listDeliveries({ ...current(), orderId, state: 'parked', before: null, limit: 1 })) ?? [];
    if (!parked) throw new Error(`Expected a parked delivery of ${orderId}; found none`);
    return parked.id;
  }
  const due = (): Promise<unknown> =>
    sql`update webhook_lanes set due_at = clock_timestamp() where due_at is not null`.execute(db);

  const place = (): Promise<string> => acceptOrder(db);
  return {
    ...{ db, close, webhooks, work, events, begin, current, subscribe, place, change, number, feed, claim, claimOne },
    ...{ deliver, fail, statesOf, firstParked, due },
  };
}

/** Of the events that it is to tell. */
export const sequencesOf = ({ deliveries }: WebhookLane): number[] => deliveries.map(({ event }) => event.sequence);
