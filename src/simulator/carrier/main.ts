import { loadCarrierSimulatorConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { closeOnExit } from '../../runtime/shutdown.ts';
import { createCarrierSimulator } from './server.ts';

const config = loadCarrierSimulatorConfig();
const logger = createLogger({ name: 'carrier', level: config.LOG_LEVEL });
const simulator = await createCarrierSimulator({
  dataDir: config.CARRIER_SIMULATOR_DATA_DIR,
  host: config.SIMULATOR_HOST,
  port: config.CARRIER_SIMULATOR_PORT,
  paceMs: config.CARRIER_SIMULATOR_PACE_MS,
});
closeOnExit({ logger, parts: [{ name: 'http', close: simulator.close }] });
logger.info({ url: simulator.url }, 'listening');
