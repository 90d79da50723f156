import { openDatabase, STEP_PATIENCE, type Database } from '../../src/adapters/postgres/database.ts';
import type { OnShortage } from '../../src/domain/backorder.ts';
import { createLogger } from '../../src/runtime/logger.ts';
import { createAcceptance } from '../../src/adapters/postgres/acceptance.ts';
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { noTerms } from '../../src/domain/totals.ts';
import { createCatalogue } from '../../src/adapters/postgres/catalogue.ts';
import { randomUUID } from 'node:crypto';
import { testDatabase } from './servers.ts';

export const silent = createLogger({ name: 'test', level: 'silent' });

/** A migrated database of the test file's own, with the adapters' pool on it. */
export async function openTestDatabase(): Promise<{ db: Database; close: () => Promise<void> }> {
  const { url, close } = await testDatabase();
  const db = openDatabase({
    connectionString: url,
    poolSize: 20,
    patience: STEP_PATIENCE,
    applicationName: 'test',
    logger: silent,
  });
  return { db, close: async () => (await db.destroy(), close()) };
}

/** An accepted order of so much of each sku, which must be in the catalogue; one that may wait for stock ships. */
export async function acceptOrder(
  db: Database,
  skus: readonly string[] = ['book'],
  quantity = 1,
  onShortage: OnShortage = 'reject',
): Promise<string> {
  const accepting = await createAcceptance({ db, pricing: createConfiguredPricing(noTerms) }).place(
    {
      tenant: 'local',
      idempotencyKey: randomUUID(),
      requestHash: 'hash',
      correlationId: 'correlation-1',
      customerId: 'customer-1',
      paymentMethod: 'pm_card_visa',
      items: skus.map((sku) => ({ sku, quantity })),
      shipping: onShortage === 'reject' ? null : { country: 'DE' },
      onShortage,
      metadata: {},
      paymentRetryMinutes: null,
      onlyRepeats: false,
    },
    { now: ({ id }) => ({ status: 202, body: id, location: null }) },
  );
  if (!('accepted' in accepting))
    throw new Error(`Expected the order to be accepted; found ${JSON.stringify(accepting)}`);
  return accepting.accepted.orderId;
}

export async function stockProduct(db: Database, sku: string, onHand = 100): Promise<void> {
  await createCatalogue({ db }).put({ tenant: 'local', sku, name: sku, priceMinor: 1_000, currency: 'EUR', onHand });
}
