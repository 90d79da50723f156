// The same effects as in `ours`, by the same code: its SQL, and its calls to the provider.
import { createInventoryActivities } from '../../../src/activities/inventory.ts';
import { createOrderActivities } from '../../../src/activities/order.ts';
import { createPaymentActivities } from '../../../src/activities/payment.ts';
import { createStripeProvider } from '../../../src/adapters/payment/stripe.ts';
import type { Database } from '../../../src/adapters/postgres/database.ts';
import { createInventory } from '../../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../../src/adapters/postgres/payment.ts';

export function createNaiveActivities(db: Database, stripe: { apiKey: string; apiBase: string; timeoutMs: number }) {
  const inventory = createInventory({ db });
  const payments = createPaymentRecords({ db });
  const provider = createStripeProvider(stripe);
  return {
    ...createInventoryActivities({ inventory }),
    ...createPaymentActivities({ provider, payments, inventory }),
    ...createOrderActivities({ orders: createOrderSteps({ db }) }),
  };
}

export type NaiveActivities = ReturnType<typeof createNaiveActivities>;
