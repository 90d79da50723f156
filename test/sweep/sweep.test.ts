// Cancel at any moment: at every named crash point of every story an attempt dies, and the order is cancelled before it, at that very
// moment, or right after. Whoever asked is told what happens, the same however often; and nothing is kept that should not be.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openShop } from '../model/shop.ts';
import { prices, type Answer } from '../model/reference-order.ts';
import { expectInvariants } from '../support/invariants.ts';
import { until } from '../support/until.ts';
import { createDeaths, type Life } from './dying.ts';
import { expectAllReached, isInside } from './points.ts';
import { Ended, stories, type Acting, type Story } from './stories.ts';
import { startSweepWorld, type Seen, type SweepWorld } from './world.ts';

// Orders under way at a time: as many as one core keeps busy without any of them waiting for long.
const AT_ONCE = 24;
const ONE = { units: 1, takenMinor: prices.a };
const NOTHING = { units: 0, takenMinor: 0 };
const STOCK = { a: 6, b: 0 };
const TOO_LATE = '409 order-not-cancellable';
// The suite has a minute; `SWEEP=whole npm test -- test/sweep` takes three, with every case.
const IS_WHOLE = process.env['SWEEP'] === 'whole';
// How long a cancellation is given to be decided before the attempt dies; some can not be, such as while another is.
const HEARD_WITHIN_MS = 2_000;

// Far longer than any of them takes on a busy machine: one that is parked for ever is named.
const ENDS_WITHIN_MS = 60_000;

/** When the cancellation comes: heard before the attempt dies, sent in that moment, or once the next attempt is over. Null: never. */
type Timing = 'before' | 'at' | 'after';
type Case = { story: Story; point: string | null; timing: Timing | null };
type End = { status: string; taken: number; held: number; sold: number; isClosed: boolean };
type Run = Case & { id: string; life: Life; answers: Promise<Answer>[]; cancel: () => Promise<Answer> };
type Done = Omit<Run, 'answers'> & { answers: Answer[] };

const deaths = createDeaths();
let world: SweepWorld;
let traces: Done[] = [];

beforeAll(async () => {
  world = await startSweepWorld(deaths.hooks);
});
afterAll(() => world.close());

test('every story goes its way when nobody dies, and together they come to every point', async () => {
  traces = await runAll(stories.map((story) => ({ story, point: null, timing: null })));
  await expectRight(traces);
  expectAllReached(pointsOf(traces));
}, 120_000);

test('wherever an attempt dies, and whenever the order is cancelled, it ends as was answered', async () => {
  const done = await runAll(casesOf(traces));
  // One that did not die where it was to proves nothing.
  expect(done.filter(({ life }) => !life.hasDied).map(nameOf)).toEqual([]);
  await expectRight(done);
  expectAllReached(pointsOf([...traces, ...done]));
}, 900_000);

const pointsOf = (done: readonly Done[]): ReadonlySet<string> =>
  new Set(done.flatMap(({ life }) => life.reached.map(({ point }) => point)));

/**
 * Each point of each story, but of stories that came the same way to a point only the first. As a whole, with every timing. Else each
 * point once, and where somebody can be heard twice: with another timing, and another way to it, than the point before.
 */
function casesOf(runs: readonly Done[]): Case[] {
  const ways = new Map<string, Map<string, Case[]>>();
  for (const { story, life } of runs)
    for (const [index, { point, isLocal }] of life.reached.entries()) {
      const way = [story.kind, ...life.reached.slice(0, index).map((one) => one.point)].join();
      const toPoint = ways.get(point) ?? new Map<string, Case[]>();
      if (!toPoint.has(way))
        toPoint.set(
          way,
          timingsAt(point, isLocal).map((timing) => ({ story, point, timing })),
        );
      ways.set(point, toPoint);
    }
  return [...ways.values()].flatMap((toPoint, index) => {
    const cases = [...toPoint.values()].flat();
    if (IS_WHOLE) return cases;
    const isHeard = ({ timing }: Case): boolean => timing === 'before';
    return [
      ...turnOf(cases.filter(isHeard), index),
      ...turnOf(
        cases.filter((one) => !isHeard(one)),
        index,
      ),
    ];
  });
}

const turnOf = (cases: readonly Case[], index: number): readonly Case[] =>
  cases.slice(index % Math.max(1, cases.length)).slice(0, 1);

/** While its row is locked, or within a workflow task, nobody is heard. */
const timingsAt = (point: string, isLocal: boolean): Timing[] =>
  isInside(point) || isLocal ? ['at', 'after'] : ['before', 'at', 'after'];

async function runAll(cases: readonly Case[]): Promise<Done[]> {
  const runs: Run[] = [];
  const left = [...cases.entries()];
  const workOff = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) runs[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, workOff));
  await expectRest();
  // Whoever asks again is told the same.
  for (const { answers, cancel } of runs) if (answers.length > 0) await cancel();
  return Promise.all(runs.map(async (one) => ({ ...one, answers: await Promise.all(one.answers) })));
}

/** Money is moved beside an order that is closed, too. */
function expectRest(): Promise<void> {
  return until(async () => {
    const open = await world.findOpen();
    if (open.length > 0) throw new Error(`Expected nothing to go on; found ${open.join(', ')}`);
    return true;
  }, 'nothing goes on');
}

async function run(one: Case): Promise<Run> {
  const { story, point, timing } = one;
  const shop = await openShop(world, STOCK);
  const wanted = { items: shop.itemsOf({ a: 1, b: 0 }), paymentMethod: 'pm_card_visa', ...story.wanted(shop) };
  expect(await shop.place(wanted, false)).toBe('202');
  const id = shop.idOf(0);
  const answers: Promise<Answer>[] = [];
  const cancel = (): Promise<Answer> => {
    const answer = shop.onOrder(0, 'cancel', { reason: 'changed my mind' });
    answers.push(answer);
    return answer;
  };
  const life = deaths.enroll(id, {
    point,
    refused: story.refused ?? null,
    stuck: story.stuck ?? null,
    lost: story.lost ?? null,
    onWaiting: () => world.passMinute(id),
    onReached: async () => {
      if (timing === 'before') await Promise.race([cancel(), world.sees(id, isEnding), sleep(HEARD_WITHIN_MS)]);
      if (timing === 'at') void cancel();
    },
    onNextOver: () => {
      if (timing === 'after') void cancel();
    },
  });
  const ended = Promise.all([
    world.sees(id, ({ isClosed }) => isClosed),
    act(story, { shop, life, id, cancel }),
    takeAsLeft(shop, id),
  ]);
  if (!(await Promise.race([ended, sleep(ENDS_WITHIN_MS, null, { ref: false })])))
    throw new Error(`Expected it to end within ${ENDS_WITHIN_MS} ms: ${nameOf(one)} (${id})`);
  return { ...one, id, life, answers, cancel };
}

const isEnding = (seen: Seen): boolean => seen.isEnding;

/** A parcel that had left when its order was cancelled: an operator takes that as it is. */
async function takeAsLeft(shop: Acting['shop'], id: string): Promise<void> {
  for (;;) {
    const { parkedAt, isClosed } = await world.sees(id, (seen) => isOfLeft(seen.parkedAt));
    if (isClosed) return;
    await shop.onOrder(0, 'resolution', { action: 'skip', reason: 'it is gone', step: parkedAt });
  }
}

const isOfLeft = (step: string | null): boolean => step === 'cancel-shipment' || step === 'follow-shipment';

async function act({ act: doAll }: Story, { id, cancel, ...on }: Omit<Acting, 'sees'> & { id: string }): Promise<void> {
  if (!doAll) return;
  let isByItself = false;
  const sees = async (isSeen: (seen: Seen) => boolean): Promise<Seen> => {
    const seen = await world.sees(id, (one) => isSeen(one) || (one.isEnding && !isByItself));
    if (!isSeen(seen)) throw new Ended();
    return seen;
  };
  const cancelIt = (): Promise<Answer> => {
    isByItself = true;
    return cancel();
  };
  try {
    await doAll({ ...on, sees, cancel: cancelIt });
  } catch (error) {
    // A partner or a warehouse has nothing to do with it any more, once somebody has had it end.
    const { rows } = await world.rows.query('select 1 from orders where id = $1 and ending is not null', [id]);
    if (!(error instanceof Ended) && rows.length === 0) throw error;
  }
}

/** What was answered is what became of it. */
async function expectRight(done: readonly Done[]): Promise<void> {
  const { rows } = await world.rows.query<End & { id: string }>(endsQuery, [done.map(({ id }) => id)]);
  const ends = new Map(rows.map(({ id, ...end }) => [id, end]));
  const found = done.map((one) => ({ of: nameOf(one), answers: one.answers, ...ends.get(one.id) }));
  expect(found).toEqual(done.map((one) => ({ of: nameOf(one), ...dueOf(one) })));
  expect(await findChargedTwice()).toEqual([]);
  await expectInvariants(world, { accepted: done.map(({ id }) => id) });
}

/** What is due by what was answered first. */
function dueOf({ story, answers }: Done): End & { answers: Answer[] } {
  const [first] = answers;
  const isCancelled = first === '202';
  const status = isCancelled ? 'cancelled' : answers.length > 0 ? (story.otherwise ?? story.ends) : story.ends;
  const isSold = status === 'confirmed' || status === 'delivered';
  const { units, takenMinor } = isSold ? (story.sold ?? ONE) : NOTHING;
  return {
    answers: answers.map(() => (isCancelled ? '202' : TOO_LATE)),
    ...{ status, taken: takenMinor, held: 0, sold: units, isClosed: true },
  };
}

const isCharge = ({ effect }: { effect: string }): boolean => effect === 'captured';

async function findChargedTwice(): Promise<unknown[]> {
  const charged = (await world.journal()).filter(isCharge).map(({ orderId }) => orderId);
  return charged.filter((orderId, index) => charged.indexOf(orderId) !== index);
}

const endsQuery = `
  select id, status, closed_at is not null as "isClosed",
         (select coalesce(sum(amount_minor), 0)::bigint from ledger where order_id = o.id) as taken,
         (select coalesce(sum(quantity), 0)::bigint from reservations where order_id = o.id and state = 'held') as held,
         (select coalesce(sum(quantity), 0)::bigint from reservations where order_id = o.id and state = 'sold') as sold
  from orders o where id = any($1)`;

const nameOf = ({ story, point, timing }: Case): string =>
  `${story.name}${point === null ? '' : `: dies ${point}, cancelled ${timing ?? 'never'}`}`;
