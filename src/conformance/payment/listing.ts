import type { ListRequest, Page, ProviderAnswer } from '../../ports/payment.ts';
import { describe, expectThat, lever, outcomeOf, until } from '../check.ts';
import {
  AMOUNT_MINOR,
  created,
  done,
  found,
  newOrder,
  paid,
  refundOf,
  type Made,
  type PaymentCheck,
  type PaymentWorld,
} from './world.ts';

// Small, so that pages begin and end among what is looked for.
const PAGE = 2;
const MAX_PAGES = 400;
const MINUTE_MS = 60_000;
const DISPUTED_WITHIN_MS = 30_000;

export const listing: readonly PaymentCheck[] = [
  {
    id: 'list.pages',
    rule: 'The list of all payments has each of a span once, page by page',
    why: 'The comparison of the books finds money that belongs to nobody there, and only there. What falls between two pages is never found.',
    reliedOnBy: 'activities/reconcile-provider.ts copyPayments',
    run: async (world) => {
      const orderId = newOrder();
      const made = await fourPayments(world, orderId);
      const span = await spanOf(world, made);
      const idOf = ({ providerId }: Pick<Made, 'providerId'>): string => providerId;
      const small = await through(span, world.adapter.list, idOf);
      const large = await through(span, world.adapter.list, idOf, 100);
      const begin = large.indexOf(made.at(-1)?.providerId ?? '');
      // Newest first: what follows the last that was made here was there already when the small pages were asked for.
      const known = begin < 0 ? [] : large.slice(begin);
      const lacking = made.filter(({ providerId }) => !known.includes(providerId));
      expectThat(lacking.length === 0, `${lacking.length} of four are not where they should be, newest first`);
      for (const id of known) {
        const times = small.filter((one) => one === id).length;
        expectThat(times === 1, `in pages of ${PAGE} ${id} stands ${times} times, in a large one once`);
      }
      return `${known.length}, each once`;
    },
  },
  {
    id: 'list.span',
    rule: 'Of two spans that touch, a payment stands in one',
    why: 'Comparisons go from span to span. In none it is never compared; outside of its span it is taken for one that our books lack.',
    reliedOnBy: 'activities/reconcile-provider.ts copyPayments',
    run: async (world) => {
      const made = await created(world);
      const { createdAt } = await found(world, made);
      const at = Date.parse(createdAt);
      const second = new Date(Math.floor(at / 1_000) * 1_000).toISOString();
      const before = { createdFrom: new Date(at - MINUTE_MS).toISOString(), createdBefore: second };
      const from = { createdFrom: second, createdBefore: new Date(at + MINUTE_MS).toISOString() };
      const times = async (span: Span): Promise<number> =>
        (await through(span, world.adapter.list, ({ providerId }) => providerId, 100)).filter(
          (id) => id === made.providerId,
        ).length;
      const [earlier, own] = [await times(before), await times(from)];
      expectThat(own === 1, `it stands ${own} times in the span that begins with its second`);
      expectThat(earlier === 0, `it stands in the span that ends with its second`);
      return `made ${createdAt}, and in its own span alone`;
    },
  },
  {
    id: 'list.refunds',
    rule: 'The list of all refunds has each, with its payment',
    why: 'A refund that somebody made by hand is found there. Without its payment nobody knows whose money it was.',
    reliedOnBy: 'activities/reconcile-provider.ts copyRefunds',
    run: async (world) => {
      const made = await paid(world);
      const refund = done(await world.adapter.refund(refundOf(made)), 'refund');
      const from = Date.parse((await found(world, made)).createdAt);
      const span = {
        createdFrom: new Date(from).toISOString(),
        createdBefore: new Date(from + MINUTE_MS).toISOString(),
      };
      const list = await through(span, world.adapter.listAllRefunds, (one) => one);
      const own = list.filter(({ refundId }) => refundId === refund.refundId);
      expectThat(own.length === 1, `${refund.refundId} stands there ${own.length} times, in ${list.length} refunds`);
      const { paymentId, key, amountMinor } = own[0] ?? {};
      expectThat(paymentId === made.providerId, `its payment is ${paymentId}; expected ${made.providerId}`);
      expectThat(key === refundOf(made).key, `its key is ${key}`);
      return `${amountMinor} of ${paymentId}`;
    },
  },
  {
    id: 'dispute.found',
    rule: 'A dispute is found: in the payment’s list, in the account’s, and by itself, with what it has moved',
    why: 'What a bank has taken back must not be refunded a second time.',
    reliedOnBy: 'activities/payment-facts.ts disputedMinor',
    run: async (world) => {
      const method = lever(world.module.methods.disputes, 'methods.disputes');
      const made = await paid(world, { method });
      const dispute = await until(async () => done(await world.adapter.listDisputes(made), 'listDisputes')[0] ?? null, {
        withinMs: DISPUTED_WITHIN_MS,
        what: 'a dispute',
      });
      const { disputeId, state, movements } = dispute;
      expectThat(state === 'open', `it is ${state}`);
      const movedMinor = movements.reduce((sum, movement) => sum + movement.amountMinor, 0);
      expectThat(movedMinor === -AMOUNT_MINOR, `it has moved ${movedMinor}; expected ${-AMOUNT_MINOR}`);
      const alone = done(await world.adapter.findDispute({ disputeId }), 'findDispute');
      expectThat(alone.paymentId === made.providerId, `findDispute names payment ${alone.paymentId}`);
      const at = Date.parse(alone.createdAt);
      const span = { createdFrom: new Date(at).toISOString(), createdBefore: new Date(at + MINUTE_MS).toISOString() };
      const all = await through(span, world.adapter.listAllDisputes, (one) => one.disputeId);
      expectThat(all.includes(disputeId), `it stands not among the ${all.length} of the account`);
      return `${disputeId}, open, moved ${movedMinor}`;
    },
  },
  {
    id: 'dispute.unknown',
    rule: 'A dispute that the provider does not know is `refused`',
    why: 'Thrown, the comparison of the books stops for ever at it.',
    reliedOnBy: 'activities/reconcile-provider.ts findDispute',
    run: async (world) => {
      const answer = await outcomeOf(() => world.adapter.findDispute({ disputeId: 'dp_unknown000000' }));
      expectThat('refused' in answer, `findDispute: ${describe(answer)}`);
      return describe(answer);
    },
  },
];

type Span = Pick<ListRequest, 'createdFrom' | 'createdBefore'>;

async function fourPayments(world: PaymentWorld, first: string): Promise<Made[]> {
  const made: Made[] = [];
  for (const orderId of [first, newOrder(), newOrder(), newOrder()]) made.push(await created(world, { orderId }));
  return made;
}

/** From the second of the first to that after the last one: whole seconds count. */
async function spanOf(world: PaymentWorld, made: readonly Made[]): Promise<Span> {
  const instants: number[] = [];
  for (const one of made) instants.push(Date.parse((await found(world, one)).createdAt));
  const second = (instant: number): number => Math.floor(instant / 1_000) * 1_000;
  return {
    createdFrom: new Date(second(Math.min(...instants))).toISOString(),
    createdBefore: new Date(second(Math.max(...instants)) + 1_000).toISOString(),
  };
}

/** All of a span, to the end of its last page. */
async function through<Listed, T>(
  span: Span,
  list: (request: ListRequest) => Promise<ProviderAnswer<Page<Listed>>>,
  pick: (listed: Listed) => T,
  limit = PAGE,
): Promise<T[]> {
  const picked: T[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, next }: Page<Listed> = done(await list({ ...span, cursor, limit }), 'the list');
    expectThat(items.length <= limit, `a page of ${limit} has ${items.length}`);
    picked.push(...items.map(pick));
    if (next === null) return picked;
    expectThat(next !== cursor, 'a page is followed by itself');
    cursor = next;
  }
  expectThat(false, `the list has more than ${MAX_PAGES} pages`);
  return picked;
}
