import { loadMigrateConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { migrateToLatest } from './migrate.ts';

// The command that brings the database up to date: run once before the processes of a new version start.
const config = loadMigrateConfig();
const logger = createLogger({ name: 'migrate', level: config.LOG_LEVEL });
try {
  const applied = await migrateToLatest({ connectionString: config.DATABASE_URL });
  logger.info({ applied }, applied.length > 0 ? 'migrations applied' : 'the database is up to date');
} catch (error) {
  logger.fatal({ err: error }, 'migrations failed; nothing of the failed one was kept');
  process.exitCode = 1;
}
