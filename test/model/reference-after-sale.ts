// The rest of the reference: what is changed, given back and brought back after a sale, and what operators decide.
import {
  hasLeft,
  isSold,
  none,
  park,
  priceOf,
  skus,
  unitsIn,
  unpark,
  type Answer,
  type Card,
  type Order,
  type Return,
  type Units,
} from './reference-order.ts';
import { Reference } from './reference.ts';
import { daysFor } from './terms.ts';

export type RefundWish = { all: true } | { amountMinor: number } | { items: Units };
export type Amending = { items: Units; card: Card | null; isStale: boolean };
export type Action = 'retry' | 'skip' | 'compensate';

/** Sold, and not being taken back. */
const isKept = (order: Order): boolean => isSold(order) && !order.isEnding;

export class ShopReference extends Reference {
  amend(order: Order, { items, card, isStale }: Amending): Answer {
    if (isStale) return '412 order-changed';
    const { status, ships, isClosed, isEnding, onShortage, shipments, refundedUnits } = order;
    const isOpen = status === 'confirmed' && ships && !isClosed && !isEnding && onShortage === 'reject';
    const isWhole = shipments.every((one) => one.status === 'pending') && unitsIn(refundedUnits) === 0;
    if (!isOpen || !isWhole) return '409 order-not-amendable';
    if (skus.every((sku) => items[sku] === order.lines[sku])) return '422 nothing-to-amend';
    const more = priceOf(items) - priceOf(order.lines);
    if (more > 0 && card === null) return '422 payment-method-needed';
    if (more < 0 && -more > order.captured - order.refunded) return '409 order-not-amendable';
    const isThere = skus.every((sku) => items[sku] - order.lines[sku] <= this.available(sku));
    const isApplied = isThere && (more <= 0 || card === 'visa');
    order.amendments.push(isApplied ? 'applied' : 'refused');
    if (!isApplied) return '202';
    for (const sku of skus) this.stock[sku].onHand -= items[sku] - order.lines[sku];
    order.captured += Math.max(0, more);
    order.refunded += Math.max(0, -more);
    Object.assign(order, { lines: items, sold: { ...items } });
    for (const shipment of shipments) shipment.items = { ...items };
    return this.answer('202');
  }

  refund(order: Order, wish: RefundWish): Answer {
    if (!isKept(order)) return '409 order-not-refundable';
    const left = order.captured - order.refunded;
    const items = 'items' in wish ? wish.items : none();
    if (skus.some((sku) => items[sku] > order.lines[sku] - order.refundedUnits[sku])) return '409 refund-too-large';
    const amount = 'items' in wish ? priceOf(items) : 'amountMinor' in wish ? wish.amountMinor : left;
    if (amount <= 0 || amount > left) return '409 refund-too-large';
    order.refunded += amount;
    for (const sku of skus) order.refundedUnits[sku] += items[sku];
    return '202';
  }

  requestReturn(order: Order, items: Units): Answer {
    if (!isKept(order)) return '409 order-not-returnable';
    const shipped = order.ships ? none() : order.sold;
    for (const one of order.shipments.filter((shipment) => hasLeft(shipment) && !shipment.isReplaced))
      for (const sku of skus) shipped[sku] += one.items[sku];
    if (unitsIn(shipped) === 0) return '409 order-not-returnable';
    for (const sku of skus) if (items[sku] > 0 && order.lines[sku] === 0) return '422 unknown-line';
    for (const sku of skus) {
      const others = order.returns.filter(({ status }) => status !== 'rejected' && status !== 'expired');
      const returned = others.reduce((sum, one) => sum + one.items[sku], 0);
      const paidFor = order.lines[sku] - (order.refundedUnits[sku] - order.returnedUnits[sku]);
      if (items[sku] > Math.max(0, Math.min(shipped[sku], paidFor) - returned)) return '422 return-too-large';
    }
    order.returns.push({ status: 'requested', items, until: this.now + daysFor.answer });
    return '202';
  }

  decideReturn(order: Order, number: number, decision: 'approve' | 'reject'): Answer {
    const one = order.returns[number - 1];
    if (!one) return '404 return-not-found';
    if (one.status !== 'requested')
      return (one.status === 'rejected') === (decision === 'reject') ? '200' : '409 return-decided';
    one.status = decision === 'approve' ? 'approved' : 'rejected';
    one.until = this.now + daysFor.goods;
    unpark(order, `approve-return@return:${number}`);
    return '200';
  }

  receiveReturn(order: Order, number: number, restocked: Units, writtenOff: Units): Answer {
    const one = order.returns[number - 1];
    if (!one) return '404 return-not-found';
    if (one.status !== 'approved') return '409 return-decided';
    for (const sku of skus) {
      const came = restocked[sku] + writtenOff[sku];
      if (came > 0 && one.items[sku] === 0) return '422 unknown-line';
      if (came > one.items[sku]) return '422 return-too-large';
    }
    for (const sku of skus) {
      this.stock[sku].onHand += restocked[sku];
      one.items[sku] = restocked[sku] + writtenOff[sku];
    }
    this.payReturn(order, number, one);
    return this.answer('200');
  }

  /** What came is given back for, or a person is asked; it is owed nothing where nothing is left. */
  private payReturn(order: Order, number: number, one: Return): void {
    const left = order.captured - order.refunded;
    const isTooMany = skus.some((sku) => one.items[sku] > order.lines[sku] - order.refundedUnits[sku]);
    const due = priceOf(one.items);
    one.status = 'received';
    if (!isTooMany && due <= left) {
      order.refunded += due;
      for (const sku of skus) order.refundedUnits[sku] += one.items[sku];
      for (const sku of skus) order.returnedUnits[sku] += one.items[sku];
      one.status = 'completed';
    } else if (!isTooMany && left === 0) one.status = 'completed';
    else park(order, `refund-return@return:${number}`);
  }

  /** An operator decides about something that is parked. */
  resolve(order: Order, name: string | undefined, action: Action): Answer {
    if (name === undefined) return '409 order-not-parked';
    const [step = '', business = ''] = name.split('@');
    const number = Number(business.split(':')[1] ?? 0);
    const possible: Record<string, readonly Action[]> = {
      ...{
        'pack-shipment': ['retry', 'skip'],
        'dispatch-shipment': ['retry', 'skip'],
        'deliver-shipment': ['retry', 'skip'],
      },
      ...{
        'refund-missing': ['retry', 'skip'],
        'cancel-shipment': ['retry', 'skip'],
        'follow-shipment': ['retry', 'skip'],
      },
      ...{ 'approve-return': ['retry', 'compensate'], 'refund-return': ['retry', 'skip'] },
    };
    if (!possible[step]?.includes(action)) return '409 resolution-not-possible';
    if (business.startsWith('return')) this.resolveReturn(order, { step, number, name }, action);
    else this.resolveShipment(order, { step, number, name }, action);
    return this.answer('202');
  }

  private resolveReturn(
    order: Order,
    { step, number, name }: { step: string; number: number; name: string },
    action: Action,
  ): void {
    const one = order.returns[number - 1];
    if (!one) return;
    unpark(order, name);
    if (action === 'compensate') one.status = 'rejected';
    else if (action === 'skip') one.status = 'completed';
    else if (step === 'approve-return') one.until = this.now + daysFor.answer;
    else this.payReturn(order, number, one);
  }

  private resolveShipment(
    order: Order,
    { step, number, name }: { step: string; number: number; name: string },
    action: Action,
  ): void {
    if (step === 'refund-missing') return this.expireBackorder(order, action === 'skip');
    if (step === 'cancel-shipment') {
      if (action === 'retry') return this.keepBack(order);
      for (const one of order.shipments) one.isAccepted = one.wasFoundAway;
      unpark(order, name);
      return this.finishTakingBack(order);
    }
    const shipment = order.shipments[number - 1];
    if (!shipment) return;
    // Taken out of its order where nothing else of it goes, it parks again.
    if (action === 'skip' && (step === 'pack-shipment' || step === 'dispatch-shipment')) return;
    if (action === 'skip') {
      unpark(order, name);
      shipment.isAccepted = true;
      if (step === 'deliver-shipment') this.settle(order);
      return;
    }
    if (step === 'follow-shipment') return this.hearOf(order, number);
    if (shipment.status === 'lost' || shipment.status === 'returned') return this.sendAgain(order, number, name);
    unpark(order, name);
    const days = { 'pack-shipment': daysFor.packing, 'dispatch-shipment': daysFor.dispatch }[step] ?? daysFor.delivery;
    shipment.until = this.now + days;
    this.hearOf(order, number);
  }

  /** What came back is there; what is lost is taken from the stock once more, if it has as much. */
  private sendAgain(order: Order, number: number, name: string): void {
    const shipment = order.shipments[number - 1];
    if (!shipment) return;
    const { items, parcel, status } = shipment;
    // The carrier is asked first: it may have turned up again.
    if (parcel !== status) return this.hearOf(order, number);
    if (status === 'lost') {
      if (skus.some((sku) => this.available(sku) < items[sku])) return;
      for (const sku of skus) this.stock[sku].onHand -= items[sku];
    }
    unpark(order, name);
    shipment.isReplaced = true;
    this.addShipment(order, { ...items }, number);
  }
}
