// What a shop's orders should come to, told once more and in another way: a small reference that the real thing is compared with. It
// imports nothing of ours, so that a mistake in a rule is a difference. Every command answers with what the api has to answer.
import {
  hasLeft,
  isAway,
  isDone,
  isSold,
  none,
  parcelMoves,
  park,
  plus,
  priceOf,
  skus,
  unitsIn,
  unpark,
  type Answer,
  type Order,
  type Parcel,
  type Placing,
  type Sku,
  type Units,
} from './reference-order.ts';
import { daysFor, looks, REVIEW_ABOVE_MINOR } from './terms.ts';

type Stock = Record<Sku, { onHand: number; reserved: number }>;
type Due = { at: number; happen: () => void };

export class Reference {
  now = 0;
  readonly orders: Order[] = [];
  readonly stock: Stock;

  constructor(stock: Stock) {
    this.stock = stock;
  }

  place({ items, ...wanted }: Placing): Answer {
    const order: Order = {
      ...{ lines: items, ...wanted, status: 'placed', rejection: null, waiting: null, review: null },
      ...{ held: none(), sold: none(), missing: none(), missingUntil: Infinity, captured: 0, refunded: 0 },
      ...{ refundedUnits: none(), returnedUnits: none(), shipments: [], returns: [], amendments: [], parked: [] },
      ...{ isEnding: false, isClosed: false },
    };
    this.orders.push(order);
    if (order.onShortage === 'reject' && skus.some((sku) => this.available(sku) < items[sku]))
      return (this.end(order, 'rejected', 'inventory.out_of_stock'), '202');
    order.status = 'reserved';
    for (const sku of skus) {
      order.held[sku] = Math.min(this.available(sku), items[sku]);
      order.missing[sku] = items[sku] - order.held[sku];
      this.stock[sku].reserved += order.held[sku];
    }
    if (priceOf(items) <= REVIEW_ABOVE_MINOR) this.charge(order);
    else Object.assign(order, { review: 'pending', waiting: { for: 'review', until: this.now + daysFor.review } });
    return this.answer('202');
  }

  cancel(order: Order): Answer {
    if (order.status === 'cancelled' || order.isEnding) return '202';
    if (order.status === 'rejected') return '409 order-not-cancellable';
    if (!isSold(order)) {
      if (order.review === 'pending') order.review = 'cancelled';
      this.end(order, 'cancelled');
      return this.answer('202');
    }
    if (!order.ships || order.isClosed || order.shipments.some(hasLeft)) return '409 order-not-cancellable';
    this.takeBack(order);
    return this.answer('202');
  }

  decideReview(order: Order, decision: 'approve' | 'reject'): Answer {
    const wanted = decision === 'approve' ? 'approved' : 'rejected';
    if (order.review !== 'pending') return order.review === wanted ? '200' : '409 order-not-in-review';
    order.review = wanted;
    if (decision === 'approve') this.charge(order);
    else this.end(order, 'rejected', 'review.rejected');
    return this.answer('200');
  }

  /** The customer comes to the bank's page. */
  authenticate(order: Order, outcome: 'succeed' | 'fail'): void {
    if (outcome === 'succeed') this.confirm(order);
    else this.end(order, 'rejected', 'payment.declined');
    this.serve();
  }

  pack(order: Order, number: number): Answer {
    const shipment = order.shipments[number - 1];
    if (!shipment) return '404 shipment-not-found';
    if (shipment.status === 'cancelled') return '409 shipment-cancelled';
    if (shipment.status !== 'pending') return '200';
    Object.assign(shipment, { status: 'packed', parcel: 'announced', until: this.now + daysFor.dispatch });
    unpark(order, `pack-shipment@shipment:${number}`);
    return '200';
  }

  /** The carrier does something with a parcel: false where it can not. */
  moveParcel(order: Order, number: number, to: Parcel): boolean {
    const shipment = order.shipments[number - 1];
    const from = shipment?.parcel;
    if (!shipment || !from || !parcelMoves[from].includes(to)) return false;
    Object.assign(shipment, { parcel: to, factAt: this.now });
    return true;
  }

  /** Somebody looks where a parcel is. */
  hearOf(order: Order, number: number): void {
    const shipment = order.shipments[number - 1];
    const { parcel } = shipment ?? {};
    if (!shipment || !parcel || parcel === 'announced' || parcel === 'cancelled') return;
    if (shipment.status === 'cancelled') {
      if (!order.isClosed || shipment.isAccepted) return;
      return (isAway(shipment) ? park : unpark)(order, `follow-shipment@shipment:${number}`);
    }
    const isNews = shipment.status !== parcel;
    if (isNews && !isDone(shipment)) {
      unpark(order, `dispatch-shipment@shipment:${number}`);
      if (parcel === 'dispatched') shipment.until = this.now + daysFor.delivery;
      else {
        unpark(order, `deliver-shipment@shipment:${number}`);
        if (parcel !== 'delivered') park(order, `deliver-shipment@shipment:${number}`);
      }
    }
    shipment.status = parcel;
    if (order.status === 'confirmed') order.status = 'shipped';
    this.settle(order);
  }

  adjust(sku: Sku, delta: number): Answer {
    const { onHand, reserved } = this.stock[sku];
    if (onHand + delta < reserved) return '409 stock-below-reserved';
    this.stock[sku].onHand += delta;
    return this.answer('200');
  }

  /** Everything that is due within so many days, in the order in which it is. */
  pass(days: number): void {
    const end = this.now + days;
    for (;;) {
      const [next] = this.orders
        .flatMap((order) => [...this.dueOf(order)])
        .filter(({ at }) => at <= end)
        .sort((one, other) => one.at - other.at);
      if (!next) break;
      this.now = Math.max(this.now, next.at);
      next.happen();
      this.serve();
    }
    this.now = end;
  }

  private *dueOf(order: Order): Generator<Due> {
    const { waiting, shipments, returns } = order;
    if (waiting) yield { at: waiting.until, happen: () => this.expireWait(order, waiting.for) };
    const isLate = order.parked.includes('refund-missing');
    if (isSold(order) && !order.isEnding && unitsIn(order.missing) > 0 && !isLate)
      yield { at: order.missingUntil, happen: () => this.expireBackorder(order) };
    for (const [index, shipment] of shipments.entries()) {
      const { status, parcel, factAt, until } = shipment;
      if (isDone(shipment) || order.isEnding || status === 'lost' || status === 'returned') continue;
      const step = { pending: 'pack', packed: 'dispatch' }[status as string] ?? 'deliver';
      const name = `${step}-shipment@shipment:${index + 1}`;
      if (order.parked.includes(name)) continue;
      if (parcel && parcel !== 'announced' && parcel !== status)
        yield { at: factAt + looks.seen, happen: () => this.hearOf(order, index + 1) };
      yield { at: until, happen: () => park(order, name) };
    }
    for (const [index, one] of returns.entries()) {
      const name = `approve-return@return:${index + 1}`;
      if (one.status === 'approved') yield { at: one.until, happen: () => void (one.status = 'expired') };
      if (one.status === 'requested' && !order.parked.includes(name))
        yield { at: one.until, happen: () => park(order, name) };
    }
  }

  private expireWait(order: Order, what: 'review' | 'customer'): void {
    if (what === 'review') order.review = 'expired';
    this.end(order, 'rejected', `${what === 'review' ? 'review' : 'payment'}.expired`);
  }

  /**
   * Nothing more comes: the rest is given back, or everything, where nothing ever came. What was refunded before may have been for the same
   * units: then a person says whether they are given back (`isByPerson`: not by us).
   */
  protected expireBackorder(order: Order, isByPerson = false): void {
    const { missing, refundedUnits } = order;
    if (unitsIn(order.sold) === 0) return this.takeBack(order);
    const left = order.captured - order.refunded;
    const open = none();
    for (const sku of skus) open[sku] = Math.min(missing[sku], order.lines[sku] - refundedUnits[sku]);
    const mayBeSame = skus.some((sku) => missing[sku] > 0 && refundedUnits[sku] > 0);
    if (!isByPerson && unitsIn(open) > 0 && (mayBeSame || priceOf(open) > left)) return park(order, 'refund-missing');
    unpark(order, 'refund-missing');
    order.missing = none();
    if (!isByPerson) {
      order.refundedUnits = plus(refundedUnits, open);
      order.refunded += priceOf(open);
    }
    this.plan(order);
    this.settle(order);
  }

  protected available = (sku: Sku): number => this.stock[sku].onHand - this.stock[sku].reserved;

  private charge(order: Order): void {
    order.waiting = null;
    if (order.card === 'visa') this.confirm(order);
    else if (order.card === 'declined') this.end(order, 'rejected', 'payment.declined');
    else order.waiting = { for: 'customer', until: this.now + daysFor.customer };
  }

  private confirm(order: Order): void {
    Object.assign(order, { status: 'confirmed', waiting: null, captured: priceOf(order.lines) });
    for (const sku of skus) {
      this.stock[sku].onHand -= order.held[sku];
      this.stock[sku].reserved -= order.held[sku];
    }
    Object.assign(order, { sold: order.held, held: none(), missingUntil: this.now + daysFor.backorder });
    order.isClosed = !order.ships;
    this.plan(order);
  }

  /** Not sold: nothing is kept, and nothing was taken. */
  private end(order: Order, status: 'rejected' | 'cancelled', rejection: string | null = null): void {
    for (const sku of skus) this.stock[sku].reserved -= order.held[sku];
    Object.assign(order, { status, rejection, waiting: null, held: none(), missing: none(), isClosed: true });
  }

  /** Cancelled after its sale: what a carrier has by now is for a person to decide about first. */
  private takeBack(order: Order): void {
    Object.assign(order, { isEnding: true, missing: none(), parked: [] });
    for (const shipment of order.shipments) {
      shipment.status = 'cancelled';
      if (shipment.parcel === 'announced') shipment.parcel = 'cancelled';
    }
    this.keepBack(order);
  }

  /** The carrier is asked what it has. */
  protected keepBack(order: Order): void {
    for (const shipment of order.shipments) shipment.wasFoundAway = isAway(shipment);
    if (order.shipments.some(isAway)) return park(order, 'cancel-shipment');
    unpark(order, 'cancel-shipment');
    this.finishTakingBack(order);
  }

  protected finishTakingBack(order: Order): void {
    const gone = order.shipments.filter(({ isAccepted }) => isAccepted).map(({ items }) => items);
    const back = gone.reduce((rest, items) => plus(rest, items, -1), order.sold);
    for (const sku of skus) this.stock[sku].onHand += back[sku];
    Object.assign(order, { status: 'cancelled', isClosed: true, isEnding: false, refunded: order.captured });
  }

  /** Those who wait are served, the first first. */
  protected serve(): void {
    for (const order of this.orders.filter(({ missing }) => unitsIn(missing) > 0)) {
      for (const sku of skus) {
        const given = Math.min(this.available(sku), order.missing[sku]);
        order.missing[sku] -= given;
        if (isSold(order)) {
          this.stock[sku].onHand -= given;
          order.sold[sku] += given;
        } else {
          this.stock[sku].reserved += given;
          order.held[sku] += given;
        }
      }
      if (isSold(order)) this.plan(order);
    }
  }

  /** What is sold and stands in no shipment gets one. */
  private plan(order: Order): void {
    const { ships, onShortage, shipments, missing, sold } = order;
    if (!ships || order.isEnding || (onShortage === 'wait' && unitsIn(missing) > 0)) return;
    const planned = shipments.filter(({ replaces }) => replaces === null).map(({ items }) => items);
    const items = planned.reduce((rest, one) => plus(rest, one, -1), { ...sold });
    if (unitsIn(items) > 0) this.addShipment(order, items, null);
  }

  protected addShipment(order: Order, items: Units, replaces: number | null): void {
    order.shipments.push({
      ...{ status: 'pending', items, parcel: null, factAt: 0, until: this.now + daysFor.packing, replaces },
      ...{ isReplaced: false, isAccepted: false, wasFoundAway: false },
    });
  }

  protected settle(order: Order): void {
    const open = order.shipments.filter((shipment) => !isDone(shipment));
    if (open.length > 0 || unitsIn(order.missing) > 0 || order.isEnding || !isSold(order)) return;
    const current = order.shipments.filter(({ isReplaced }) => !isReplaced);
    order.isClosed = true;
    if (current.every(({ status }) => status === 'delivered')) order.status = 'delivered';
  }

  protected answer(answer: Answer): Answer {
    this.serve();
    return answer;
  }
}
