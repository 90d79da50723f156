// The door: one transaction prices the order from the catalogue and makes it durable together with its key, its payment
// and its first event. Its commit is the acceptance; the workflow is started after it.
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import { EventType } from '../../contracts/events.ts';
import type { PaymentState } from '../../domain/payment.ts';
import { mergeLines, priceLines, priceOrder, type CatalogueEntry, type PricedOrder } from '../../domain/pricing.ts';
import { flawOf } from '../../domain/totals.ts';
import type { Acceptance, Accepting, AnswerPlan, PlaceOrder } from '../../ports/acceptance.ts';
import type { Contact } from '../../ports/customer-notice.ts';
import type { OrderPricing } from '../../ports/pricing.ts';
import { inTransaction, type Database, type Tx } from './database.ts';
import { expectExchangeable, linkExchange } from './exchange.ts';
import { claimKey, findKey, promiseAnswer, recordAnswer, settleAnswer, toAccepted } from './idempotency.ts';
import { recordChange } from './order-change.ts';
import { findOrder } from './order-reading.ts';

// The api that accepted starts the workflow itself at once; the launcher steps in only when that took longer.
const LAUNCH_GRACE = '3 seconds';
const FIRST_TRY = 1;

export const createAcceptance = ({ db, pricing }: { db: Database; pricing: OrderPricing }): Acceptance => ({
  place: async (request, plan) => {
    try {
      return await inTransaction(db, (tx) => place(tx, pricing, request, plan));
    } catch (error) {
      // Rolled back, so nothing binds the key.
      if (error instanceof Refused) return error.accepting;
      throw error;
    }
  },
  settleAnswer: ({ tenant, idempotencyKey, answer }) => settleAnswer(db, { tenant, idempotencyKey }, answer),
});

/** Carries a refusal out of the transaction, which must be rolled back. */
class Refused extends Error {
  readonly accepting: Accepting;

  constructor(accepting: Accepting) {
    super('refused');
    this.accepting = accepting;
  }
}

async function place(tx: Tx, pricing: OrderPricing, request: PlaceOrder, plan: AnswerPlan): Promise<Accepting> {
  const orderId = typeidUnboxed('order');
  if (!(await claimKey(tx, { ...request, orderId }))) return repeat(tx, request);
  if (request.onlyRepeats) throw new Refused({ overloaded: true });

  const { exchangeOf } = request;
  const refusal = exchangeOf ? await expectExchangeable(tx, { ...request, exchangeOf }) : null;
  if (refusal) throw new Refused({ notExchangeable: refusal });
  await insertOrder(tx, orderId, request, await priceRequest(tx, pricing, request));
  if (exchangeOf) await linkExchange(tx, orderId, exchangeOf);
  if (request.contact) await keepContact(tx, orderId, { ...request, contact: request.contact });
  const order = await findOrder(tx, { tenant: request.tenant, orderId });
  if (!order) throw new Error(`Expected to read back order ${orderId}; found none`);
  if ('now' in plan) {
    const answer = plan.now(order);
    await recordAnswer(tx, request, answer);
    return { accepted: { orderId, answer }, order };
  }
  await promiseAnswer(tx, request, plan);
  return { accepted: { orderId, answerDueInMs: plan.withinMs }, order };
}

/** Apart from the order: whom it is about can be forgotten, and what happened can not. */
async function keepContact(
  tx: Tx,
  orderId: string,
  { tenant, contact: { email, name, locale } }: { tenant: string; contact: Contact },
): Promise<void> {
  await sql`
    insert into order_contacts (order_id, tenant, email, name, locale)
    values (${orderId}, ${tenant}, ${email}, ${name}, ${locale})`.execute(tx);
}

/** At what the catalogue and the pricing say now: from here on it is frozen. */
async function priceRequest(tx: Tx, pricing: OrderPricing, request: PlaceOrder): Promise<PricedOrder> {
  const { tenant, shipping } = request;
  const items = mergeLines(request.items);
  const skus = items.map(({ sku }) => sku);
  const lines = priceLines(items, await findPrices(tx, tenant, skus));
  if ('refused' in lines) throw new Refused(lines);
  const totals = await pricing.totalsOf({ ...lines.priced, tenant, country: shipping?.country ?? null });
  const flaw = flawOf(totals, lines.priced);
  if (flaw !== null) throw new Error(`Expected usable totals from the pricing: ${flaw}`);
  const order = priceOrder(lines.priced, totals);
  if ('refused' in order) throw new Refused(order);
  return order.priced;
}

async function repeat(tx: Tx, request: PlaceOrder): Promise<Accepting> {
  const bound = await findKey(tx, request);
  if (!bound) throw new Error('Expected the key to be bound; found it free');
  if (bound.requestHash !== request.requestHash) return { keyReused: true };
  return { repeated: toAccepted(bound) };
}

/** Of the products among these that are in the catalogue. */
export async function findPrices(tx: Tx, tenant: string, skus: readonly string[]): Promise<CatalogueEntry[]> {
  const { rows } = await sql<CatalogueEntry>`
    select sku, name, price_minor as "priceMinor", currency from products
    where tenant = ${tenant} and sku = any(${[...skus]}::text[])`.execute(tx);
  return rows;
}

/** The order with its lines, its first payment and its first event, placed now. */
export async function insertOrder(
  tx: Tx,
  orderId: string,
  request: Omit<PlaceOrder, 'items' | 'onlyRepeats' | 'idempotencyKey' | 'requestHash'>,
  priced: PricedOrder,
): Promise<void> {
  const { tenant, customerId, correlationId, shipping, metadata, paymentMethod, paymentRetryMinutes } = request;
  const { onShortage, exchangeOf, capture = 'at-confirm', savePaymentMethod = false, traceparent = null } = request;
  const { currency, totalMinor, totals, lines } = priced;
  // Of nothing, all is captured: such an order is never charged.
  const stateAtFirst: PaymentState = totalMinor === 0 ? 'captured' : 'pending';
  await sql`
    with placed as (
      insert into orders (id, tenant, customer_id, currency, total_minor, shipping, metadata, correlation_id, launch_after,
                          payment_retry_minutes, discount_minor, shipping_minor, tax_minor, tax_included, ships, on_shortage, capture, save_payment_method, traceparent, placed_at, updated_at)
      values (${orderId}, ${tenant}, ${customerId}, ${currency}, ${totalMinor}, ${shipping && JSON.stringify(shipping)}::jsonb,
              ${JSON.stringify(metadata)}::jsonb, ${correlationId}, now() + ${LAUNCH_GRACE}::interval,
              ${paymentRetryMinutes}, ${totals.discountMinor}, ${totals.shippingMinor}, ${totals.taxMinor}, ${totals.taxIncluded},
              ${shipping !== null}, ${onShortage}, ${capture}, ${savePaymentMethod}, ${traceparent}, now(), now())
      returning id
    ), lines as (
      insert into order_lines (order_id, tenant, sku, name, quantity, unit_price_minor)
      select placed.id, ${tenant}, l.sku, l.name, l.quantity, l."unitPriceMinor"
      from placed, jsonb_to_recordset(${JSON.stringify(lines)}::jsonb)
        as l (sku text, name text, quantity integer, "unitPriceMinor" bigint)
    )
    insert into payments (order_id, ordinal, tenant, state, amount_minor, currency, payment_method)
    select placed.id, ${FIRST_TRY}, ${tenant}, ${stateAtFirst}, ${totalMinor}, ${currency}, ${paymentMethod}
    from placed`.execute(tx);
  await recordChange(tx, {
    orderId,
    type: EventType.orderPlaced,
    data: {
      customerId,
      currency,
      totalMinor,
      totals,
      items: lines,
      ...(exchangeOf ? { exchangeOf } : {}),
      ...(capture === 'at-confirm' ? {} : { capture }),
    },
  });
}
