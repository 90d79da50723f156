// Accepts orders as `ours` does, and never starts a workflow.
import { createAcceptance } from '../../../src/adapters/postgres/acceptance.ts';
import { openDatabase, REQUEST_PATIENCE } from '../../../src/adapters/postgres/database.ts';
import { loadApiConfig } from '../../../src/runtime/config.ts';
import { createLogger } from '../../../src/runtime/logger.ts';
import { openDoor, pricingOf } from '../door.ts';

const config = loadApiConfig();
const logger = createLogger({ name: 'accept', level: config.LOG_LEVEL });
const db = openDatabase({
  connectionString: config.DATABASE_URL,
  poolSize: config.DATABASE_POOL_SIZE,
  patience: REQUEST_PATIENCE,
  applicationName: 'bench-accept',
  logger,
});
const { place } = createAcceptance({ db, pricing: pricingOf(config) });
await openDoor({ config, logger, place, parts: [{ name: 'database', close: () => db.destroy() }] });
