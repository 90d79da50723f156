// Orders whose payment method is saved, and what their provider was asked for; over what test/support/amending.ts starts.
import { sql } from 'kysely';
import type { JournalItem } from '../../src/simulator/payment/state.ts';
import { books, startAmending } from './amending.ts';

/** Asks for more, and brings no payment method. */
export const dearer = { items: books(3), paymentMethod: null };

export type Saving = Awaited<ReturnType<typeof startSaving>>;

export async function startSaving() {
  const shop = await startAmending();
  await shop.stock('book', 1_000);

  const toSimulator = (path: string, body?: object, method = 'POST'): Promise<Response> =>
    fetch(`${shop.simulatorUrl}/_simulator/${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });

  async function journalOf(orderId: string): Promise<JournalItem[]> {
    const answer = await fetch(`${shop.simulatorUrl}/_simulator/journal?orderId=${orderId}`);
    return ((await answer.json()) as { items: JournalItem[] }).items;
  }

  const placed = async (paymentMethod = 'pm_card_visa'): Promise<string> =>
    (await shop.place(books(2), { paymentMethod, savePaymentMethod: true })).orderId;

  /** Sold, and what it was paid with saved. */
  async function sold(paymentMethod?: string): Promise<string> {
    const orderId = await placed(paymentMethod);
    const waits = await shop.pay(orderId);
    if (waits) {
      const { providerId } = await shop.payments.find({ orderId, ordinal: 1 });
      await toSimulator(`payment_intents/${providerId}/authenticate`, { outcome: 'succeed' });
      await shop.pay(orderId);
    }
    await shop.ship(orderId);
    return orderId;
  }

  /** Its payments, the first first, each with the customer of their order. */
  async function rowsOf(orderId: string) {
    const { rows } = await sql<{ customer: string; savedCustomer: string; savedMethod: string; offSession: string }>`
      select o.provider_customer as customer, saved_customer as "savedCustomer", saved_method as "savedMethod",
             off_session_customer as "offSession"
      from payments p join orders o on o.id = p.order_id where order_id = ${orderId} order by ordinal`.execute(shop.db);
    return rows;
  }

  return {
    ...{ shop, toSimulator, journalOf, placed, sold, rowsOf },
    /** The operations that changed something at the provider, in order. */
    effectsOf: async (orderId: string) =>
      (await journalOf(orderId)).filter(({ effect }) => effect !== 'none').map(({ operation }) => operation),
    /** The keys that the provider was given, without the order's id. */
    keysOf: async (orderId: string) => [
      ...new Set(
        (await journalOf(orderId)).flatMap(({ idempotencyKey: key }) => key?.replace(`${orderId}:`, '') ?? []),
      ),
    ],
  };
}

/** As Temporal does: again, until it is done. */
export async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}
