// Random sequences of deeds for fast-check: each deed is done to the reference and to the real thing, and both are compared when all is at
// rest. At the end everything is brought to its end, and the invariants are checked.
import fc, { type AsyncCommand } from 'fast-check';
import { expectInvariants } from '../support/invariants.ts';
import { sayReal, sayReference } from './comparing.ts';
import { atLeastOne, plan, type Deed, type Told } from './deeds.ts';
import { skus, type Units } from './reference-order.ts';
import { ShopReference } from './reference-after-sale.ts';
import { openShop, type Fault, type Shop } from './shop.ts';
import type { World } from './world.ts';

const MAX_DEEDS = 12;
const MAX_ORDERS = 3;
/** What was done so far, and how often; refusals apart. */
export const done = new Map<string, number>();

// Each order has a handful of steps before it is over.
const MOST_STEPS_TO_THE_END = 120;

/** What a partner does wrong while a deed is done: it makes no difference to how things end. */
type Trouble = Fault | null;

class Step implements AsyncCommand<ShopReference, Shop> {
  private readonly deed: Deed;
  private readonly isTwice: boolean;
  private readonly trouble: Trouble;
  private readonly isBold: boolean;
  private said: string | null = null;

  /** `isBold`: also done where it has to be refused. */
  constructor(deed: Deed, { isTwice = false, isBold = true, trouble = null as Trouble } = {}) {
    this.deed = deed;
    this.isTwice = isTwice;
    this.isBold = isBold;
    this.trouble = trouble;
  }

  check = ({ orders }: Readonly<ShopReference>): boolean =>
    this.deed.kind === 'place' ? orders.length < MAX_ORDERS : orders.length > 0;

  async run(reference: ShopReference, shop: Shop): Promise<void> {
    const { deed, isTwice, trouble, isBold } = this;
    const planned = plan(deed, { reference, shop, isTwice });
    if (!planned) return void (this.said = `(${deed.kind}: not possible)`);
    const { said, expected, perform } = planned;
    // Nothing has changed by then: most of what is possible is to be done, some of what is not, and every refund that is too large.
    if (expected?.startsWith('4') && !isBold && deed.kind !== 'refund')
      return void (this.said = `(${said}: left out, it would be refused)`);
    this.said = `${said}${isTwice && expected !== null ? ', asked twice at once' : ''}${sayTrouble(trouble)}`;
    const name = `${deed.kind}${expected?.startsWith('4') ? ', refused' : ''}`;
    done.set(name, (done.get(name) ?? 0) + 1);
    shop.transcript.push(`  ${this.said}`);
    if (trouble) await shop.injectFault(trouble);
    const answer = await perform();
    if (answer !== expected)
      throw new Error(`${said}: expected the answer ${String(expected)}; found ${String(answer)}`);
    await shop.world.rest();
    if (trouble) await shop.clearFaults();
    await compare(said, reference, shop);
  }

  toString = (): string => this.said ?? JSON.stringify(this.deed);
}

const sayTrouble = (trouble: Trouble): string =>
  trouble ? ` [${trouble.at}: ${trouble.operation} ${trouble.mode} x${trouble.times}]` : '';

async function compare(after: string, reference: ShopReference, shop: Shop): Promise<void> {
  const expected = sayReference(reference);
  const found = await sayReal(shop);
  const different = expected.flatMap((line, index) =>
    line === found[index] ? [] : [`  expected ${line}`, `  found    ${found[index] ?? 'nothing'}`],
  );
  if (different.length > 0) throw new Error([`After: ${after}`, ...different].join('\n'));
}

const few = (most: number) => fc.integer({ min: 0, max: most });
const someUnits: fc.Arbitrary<Units> = fc.record({ a: few(3), b: few(3) }).map(atLeastOne);
const maybeUnits: fc.Arbitrary<Units> = fc.record({ a: few(2), b: few(1) });
const order = few(MAX_ORDERS - 1);
const told: fc.Arbitrary<Told> = fc.constantFrom(1, 1, 2, 0);
type Fields<Kind extends Deed['kind']> = Omit<Extract<Deed, { kind: Kind }>, 'kind'>;
const deed = <Kind extends Deed['kind']>(
  kind: Kind,
  fields: { [Name in keyof Fields<Kind>]: fc.Arbitrary<Fields<Kind>[Name]> },
): fc.Arbitrary<Deed> => fc.record(fields).map((made) => ({ kind, ...made }) as unknown as Deed);

const placing = deed('place', {
  items: someUnits,
  card: fc.constantFrom('visa', 'visa', 'visa', 'declined', '3ds'),
  ships: fc.constantFrom(true, true, false),
  onShortage: fc.constantFrom('reject', 'reject', 'split', 'wait'),
}).map(ofOneProductIfSplit);

/**
 * Left out on purpose: of how many parcels an order is that ships at once what comes, where two products come at the same time, is up to who
 * is served first. So it wants one product.
 */
function ofOneProductIfSplit(wanted: Deed): Deed {
  if (wanted.kind !== 'place' || wanted.onShortage !== 'split') return wanted;
  return { ...wanted, items: { a: Math.max(1, wanted.items.a), b: 0 } };
}

const decision = fc.constantFrom('approve', 'approve', 'reject');
/** How often each is tried, among all. What goes on by itself often, or sequences would not get far. */
const weighted: readonly [number, fc.Arbitrary<Deed>][] = [
  [3, placing],
  [6, deed('next', { order })],
  [2, deed('cancel', { order })],
  [2, deed('review', { order, decision })],
  [
    2,
    deed('authenticate', {
      ...{ order, outcome: fc.constantFrom('succeed', 'succeed', 'fail'), told: fc.constantFrom(1, 2) },
    }),
  ],
  [
    5,
    deed('amend', {
      ...{ order, items: someUnits, isStale: fc.constantFrom(...Array<boolean>(9).fill(false), true) },
      card: fc.constantFrom('visa', 'visa', 'visa', 'declined', '3ds', null),
    }),
  ],
  [1, deed('pack', { order, shipment: few(2) })],
  [2, deed('carry', { order, shipment: few(2), to: fc.constant('dispatched'), told })],
  [3, deed('carry', { order, shipment: few(2), to: fc.constantFrom('delivered', 'lost', 'lost', 'returned'), told })],
  [1, deed('tell', { order, shipment: few(2) })],
  [2, deed('pass', { days: fc.constantFrom(1, 1, 3) })],
  [2, deed('adjust', { sku: fc.constantFrom(...skus), delta: fc.constantFrom(-4, -1, 1, 2, 4) })],
  [
    2,
    deed('refund', {
      order,
      wish: fc.oneof(
        fc.constant({ all: true } as const),
        fc.record({ amountMinor: fc.constantFrom(1, 333, 1_000, 2_000) }),
        fc.record({ beyondLeft: fc.constantFrom(-1, 0, 1) }),
        fc.record({ items: someUnits }),
      ),
    }),
  ],
  [4, deed('return', { order, items: fc.oneof(someUnits, fc.constantFrom({ a: 1, b: 0 }, { a: 0, b: 1 })) })],
  [1, deed('decide', { order, number: few(1), decision })],
  [3, deed('receive', { order, number: few(1), restocked: maybeUnits.map(atLeastOne), writtenOff: maybeUnits })],
  [3, deed('resolve', { order, parked: few(2), action: fc.constantFrom('retry', 'skip', 'compensate') })],
];
const others = weighted.flatMap(([weight, one]) => Array.from({ length: weight }, () => one));

const times = fc.constantFrom(1, 2);
const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 6, arbitrary: fc.constant(null) },
  {
    weight: 2,
    arbitrary: fc.record({
      ...{ at: fc.constant('provider' as const), times },
      operation: fc.constantFrom('create', 'confirm', 'refund', 'cancel', 'any'),
      mode: fc.constantFrom('drop_after_effect', 'drop_before_effect', 'error_500', 'half_body', 'error_429'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      ...{ at: fc.constant('carrier' as const), times },
      operation: fc.constantFrom('create', 'retrieve', 'cancel'),
      mode: fc.constantFrom('error_500', 'drop_before_effect', 'drop_after_effect'),
    }),
  },
);

const how = fc.record({
  ...{
    isTwice: fc.constantFrom(false, false, false, true),
    isBold: fc.constantFrom(false, false, false, true),
    trouble,
  },
});
const stepOf = (one: fc.Arbitrary<Deed>): fc.Arbitrary<Step> => fc.tuple(one, how).map((fields) => new Step(...fields));

export const sequences = (replayPath?: string) =>
  fc.tuple(
    fc.record({ a: fc.integer({ min: 1, max: 8 }), b: fc.integer({ min: 1, max: 8 }) }),
    stepOf(placing),
    fc.commands(others.map(stepOf), {
      ...{ maxCommands: MAX_DEEDS, size: 'max' as const },
      ...(replayPath === undefined ? {} : { replayPath }),
    }),
  );

/** Does all of it in a shop of its own. Throws with what differs. */
export async function runSequence(
  world: World,
  stock: Units,
  steps: Iterable<AsyncCommand<ShopReference, Shop>>,
): Promise<void> {
  const onHand = (sku: 'a' | 'b') => ({ onHand: stock[sku], reserved: 0 });
  const reference = new ShopReference({ a: onHand('a'), b: onHand('b') });
  const shop = await openShop(world, stock);
  try {
    await fc.asyncModelRun(() => ({ model: reference, real: shop }), steps);
    shop.transcript.push('  (and to its end)');
    await bringToItsEnd(reference, shop);
    await world.expectNothingRuns(shop.ids);
    await expectInvariants(world, { accepted: shop.ids });
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const stocked = `  ${stock.a} of a and ${stock.b} of b in stock`;
    throw new Error(['It was done:', stocked, ...shop.transcript, what].join('\n'), { cause: error });
  }
}

async function bringToItsEnd(reference: ShopReference, shop: Shop): Promise<void> {
  for (let steps = 0; steps < MOST_STEPS_TO_THE_END; steps += 1) {
    const next = nextToTheEnd(reference);
    if (!next) return;
    await new Step(next).run(reference, shop);
  }
  throw new Error('Expected every order to come to its end; found one that does not');
}

/** What brings an order that is open nearer to its end; null when none is open. */
function nextToTheEnd({ orders }: ShopReference): Deed | null {
  for (const [index, one] of orders.entries()) {
    const at = { order: index };
    if (one.waiting?.for === 'review') return { kind: 'review', ...at, decision: 'reject' };
    if (one.waiting) return { kind: 'pass', days: 1 };
    const open = one.shipments.findIndex(({ status, isReplaced, isAccepted }) => {
      return ['pending', 'packed', 'dispatched'].includes(status) && !isReplaced && !isAccepted;
    });
    const shipment = one.shipments[open];
    if (shipment?.status === 'pending' && !one.isEnding) return { kind: 'pack', ...at, shipment: open };
    if (shipment?.parcel === 'announced') return { kind: 'carry', ...at, shipment: open, to: 'dispatched', told: 1 };
    if (shipment && shipment.parcel !== shipment.status) return { kind: 'tell', ...at, shipment: open };
    if (shipment?.parcel === 'dispatched') return { kind: 'carry', ...at, shipment: open, to: 'delivered', told: 1 };
    const [parked] = [...one.parked].sort();
    if (parked)
      return { kind: 'resolve', ...at, parked: 0, action: parked.startsWith('approve') ? 'compensate' : 'skip' };
    const answered = one.returns.findIndex(({ status }) => status === 'requested');
    if (answered >= 0) return { kind: 'decide', ...at, number: answered, decision: 'reject' };
    if (one.returns.some(({ status }) => status === 'approved')) return { kind: 'pass', days: 4 };
    if (!one.isClosed) return { kind: 'pass', days: 3 };
  }
  return null;
}
