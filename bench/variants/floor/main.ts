// All of an order in one transaction: what Express and PostgreSQL can do when nothing has to survive between two steps.
import { createAcceptance } from '../../../src/adapters/postgres/acceptance.ts';
import {
  inTransaction,
  openDatabase,
  REQUEST_PATIENCE,
  type Database,
} from '../../../src/adapters/postgres/database.ts';
import { createInventory } from '../../../src/adapters/postgres/inventory.ts';
import { createOrderSteps } from '../../../src/adapters/postgres/order.ts';
import { createPaymentRecords } from '../../../src/adapters/postgres/payment.ts';
import type { Order } from '../../../src/ports/order.ts';
import { loadApiConfig } from '../../../src/runtime/config.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { openDoor, pricingOf } from '../door.ts';
import { within } from './within.ts';

const config = loadApiConfig();
const logger = createLogger({ name: 'floor', level: config.LOG_LEVEL });
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: REQUEST_PATIENCE,
  applicationName: 'bench-floor',
  logger,
});
const pricing = pricingOf(config);

await openDoor({
  config,
  logger,
  place: (request, plan) =>
    inTransaction(db, async (tx) => {
      const one = within(tx);
      const accepting = await createAcceptance({ db: one, pricing }).place(request, plan);
      if ('accepted' in accepting) await finish(one, accepting.order);
      // Whatever is refused must leave nothing: the load orders nothing that could be.
      else if (!('repeated' in accepting)) throw new Error(`Expected to accept; found ${JSON.stringify(accepting)}`);
      return accepting;
    }),
  parts: [{ name: 'database', close: () => db.destroy() }],
});

/** The steps of an order with the SQL of `ours`. No provider is called within a transaction: its answer is taken for given. */
async function finish(one: Database, { id: orderId, totalMinor: amountMinor, currency }: Order): Promise<void> {
  const payments = createPaymentRecords({ db: one });
  const payment = { orderId, ordinal: 1, providerId: `pi_floor_${orderId}` };
  await createInventory({ db: one }).reserve({ orderId });
  await payments.keepProviderId(payment);
  await payments.recordCapture({ ...payment, amountMinor, currency });
  await createOrderSteps({ db: one }).confirm({ orderId });
}
