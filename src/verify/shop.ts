// What goes on after a sale: a warehouse that packs, customers who cancel, change and send back what they ordered, reviewers, and a
// carrier that loses parcels. Each does what was planned for the order, again and again until it has an answer.
import { setTimeout as sleep } from 'node:timers/promises';
import { savesMethod, type ClientEntry, type Plan } from './client-log.ts';
import type { VerifyStack } from './stack.ts';

const PAUSE_MS = 1_000;
const LIMIT_MS = 5_000;
/** As long a customer thinks about it, by the fate of the order; meanwhile it is not packed. */
const AMENDED_WITHIN_MS = 15_000;

export type Shop = { did: () => Readonly<Record<string, number>>; stop: () => Promise<void> };

/** An order that something is to be done about, as the rows show it. */
type Row = {
  orderId: string;
  key: string;
  status: string;
  waiting: string | null;
  soldAgoMs: number | null;
  items: { sku: string; quantity: number }[];
  shipments: { number: number; status: string; isLabelled: boolean }[];
  amendments: number;
  returns: { number: number; status: string }[];
};
type Hand = { stack: VerifyStack; row: Row; plan: Plan };

/** Looks after every order until stopped. What could not be done is done at the next look. */
export function startShop({ stack, log }: { stack: VerifyStack; log: readonly ClientEntry[] }): Shop {
  const counts: Record<string, number> = {};
  const done = new Set<string>();
  const stopping = new AbortController();

  async function look(): Promise<void> {
    const plans = new Map(log.map(({ key, plan }) => [key, plan]));
    for (const row of await findRows(stack)) {
      const plan = plans.get(row.key);
      if (!plan || stopping.signal.aborted) continue;
      for (const { name, act } of actsOf({ stack, row, plan })) await doOnce(`${row.orderId} ${name}`, name, act);
    }
  }
  async function doOnce(id: string, name: string, act: () => Promise<number>): Promise<void> {
    if (done.has(id)) return;
    const status = await act().catch(() => 503);
    // No answer, or none yet: the same again at the next look, with the same key.
    if (status >= 500 || status === 429 || status === 412) return;
    done.add(id);
    const what = `${name.replace(/ \d+$/, '')}${status < 300 ? '' : ` (refused: ${status})`}`;
    counts[what] = (counts[what] ?? 0) + 1;
  }
  async function run(): Promise<void> {
    for (; !stopping.signal.aborted; await sleep(PAUSE_MS, undefined, stopping).catch(() => undefined))
      await look().catch(() => undefined);
  }

  const running = run();
  return {
    did: () => counts,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
}

type Act = { name: string; act: () => Promise<number> };

/** What is to be done about the order now. */
function* actsOf(hand: Hand): Generator<Act> {
  const { row, plan } = hand;
  const { fate } = plan;
  if (fate === 'cancelled early') yield { name: 'cancelled early', act: () => cancel(hand) };
  if (row.waiting === 'review' && fate !== 'nobody reviews it')
    yield { name: 'reviewed', act: () => review(hand, fate === 'no reviewer wants it' ? 'reject' : 'approve') };
  const isSold = ['confirmed', 'shipped', 'delivered'].includes(row.status);
  if (!isSold || row.shipments.length === 0) return;
  if (fate === 'cancelled when sold') yield { name: 'cancelled when sold', act: () => cancel(hand) };
  const wantsMore = fate === 'amended to more' || fate === 'amended to less';
  if (wantsMore && row.amendments === 0) yield { name: fate, act: () => amend(hand) };
  const isThoughtAbout = wantsMore && row.amendments === 0 && (row.soldAgoMs ?? 0) < AMENDED_WITHIN_MS;
  for (const { number, status, isLabelled } of row.shipments) {
    if (status === 'pending' && !isThoughtAbout)
      yield { name: `packed ${number}`, act: () => post(hand, `shipments/${number}/packed`, {}) };
    if (fate === 'cancelled when packed' && isLabelled)
      yield { name: 'cancelled when packed', act: () => cancel(hand) };
    if (fate === 'lost' && number === 1 && isLabelled) yield { name: 'lost by the carrier', act: () => lose(hand) };
  }
  if (fate === 'sent back' && row.status === 'delivered') yield* comingBack(hand);
}

function* comingBack(hand: Hand): Generator<Act> {
  const { items, returns } = hand.row;
  const [first] = items;
  const [open] = returns;
  if (first && !open) {
    const wanted = [{ sku: first.sku, quantity: 1 }];
    yield { name: 'asked to send back', act: () => post(hand, 'returns', { items: wanted, reason: REASON }) };
  }
  if (open?.status === 'requested')
    yield { name: 'allowed to come back', act: () => post(hand, `returns/${open.number}/approve`, { reason: REASON }) };
  if (first && open?.status === 'approved') {
    const came = [{ sku: first.sku, quantity: 1, disposition: 'restock' }];
    yield { name: 'came back', act: () => post(hand, `returns/${open.number}/receive`, { items: came }) };
  }
}

const REASON = 'the run wants it so';

const cancel = (hand: Hand): Promise<number> => post(hand, 'cancel', { reason: REASON });
const review = (hand: Hand, decision: string): Promise<number> => post(hand, 'review', { decision, reason: REASON });

/** Another unit of its first line, or one less of all there is. */
async function amend(hand: Hand): Promise<number> {
  const { row, stack, plan } = hand;
  const more = plan.fate === 'amended to more' ? 1 : -1;
  const [first, ...others] = row.items;
  if (!first) return 404;
  const quantity = first.quantity + more;
  const items = [...(quantity > 0 ? [{ ...first, quantity }] : []), ...others];
  // Nothing would be left of it.
  if (items.length === 0) return 404;
  const seen = await fetch(`${stack.apiUrl}/orders/${row.orderId}`, { signal: AbortSignal.timeout(LIMIT_MS) });
  await seen.body?.cancel();
  const version = seen.headers.get('etag');
  if (!seen.ok || version === null) return 503;
  const isGiven = more > 0 && !savesMethod(plan);
  const body = { items, reason: REASON, ...(isGiven ? { paymentMethod: 'pm_card_visa' } : {}) };
  return post(hand, 'amendments', body, { 'If-Match': version });
}

/** What has left is lost on its way, and sent once more by whoever decides about it. */
async function lose({ stack, row }: Hand): Promise<number> {
  let last = 0;
  for (const to of ['dispatched', 'lost']) {
    last = await send(`${stack.carrierUrl}/_simulator/parcels/${row.orderId}:shipment:1/advance`, { to }, {});
    if (last >= 500) break;
  }
  return last;
}

/** A repeat has the same key: an answer that got lost is heard then. */
const post = ({ stack, row }: Hand, path: string, body: object, headers: Record<string, string> = {}) =>
  send(`${stack.apiUrl}/orders/${row.orderId}/${path}`, body, {
    ...(['cancel', 'review'].includes(path) || path.endsWith('/packed')
      ? {}
      : { 'Idempotency-Key': `${row.key}-${path}` }),
    ...headers,
  });

async function send(url: string, body: object, headers: Record<string, string>): Promise<number> {
  const isEmpty = Object.keys(body).length === 0;
  const answer = await fetch(url, {
    method: 'POST',
    headers: { ...(isEmpty ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(isEmpty ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  await answer.body?.cancel();
  return answer.status;
}

/** Orders that are open or may still come back, and wait for nobody whose answer is no business of the shop's. */
async function findRows({ db }: VerifyStack): Promise<Row[]> {
  const { rows } = await db.query<Row>(`
    select o.id as "orderId", k.key, o.status, o.waiting ->> 'for' as waiting,
      (select (extract(epoch from clock_timestamp() - e."timestamp") * 1000)::int8 from events e
       where e.order_id = o.id and e.event_type = 'order.confirmed') as "soldAgoMs",
      (select json_agg(json_build_object('sku', sku, 'quantity', quantity) order by sku) from order_lines where order_id = o.id) as items,
      (select coalesce(json_agg(json_build_object('number', number, 'status', status, 'isLabelled', parcel_id is not null) order by number), '[]')
       from shipments where order_id = o.id) as shipments,
      (select count(*)::int from amendments where order_id = o.id) as amendments,
      (select coalesce(json_agg(json_build_object('number', number, 'status', status) order by number), '[]')
       from returns where order_id = o.id) as returns
    from orders o join idempotency_keys k on k.order_id = o.id
    where o.closed_at is null or (o.status = 'delivered' and o.closed_at > clock_timestamp() - interval '2 minutes')`);
  return rows;
}
