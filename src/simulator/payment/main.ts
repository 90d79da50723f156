import { loadSimulatorConfig } from '../../runtime/config.ts';
import { createLogger } from '../../runtime/logger.ts';
import { closeOnExit } from '../../runtime/shutdown.ts';
import { createPaymentSimulator } from './server.ts';

const config = loadSimulatorConfig();
const logger = createLogger({ name: 'simulator', level: config.LOG_LEVEL });
const simulator = await createPaymentSimulator({
  dataDir: config.SIMULATOR_DATA_DIR,
  host: config.SIMULATOR_HOST,
  port: config.SIMULATOR_PORT,
});
closeOnExit({ logger, parts: [{ name: 'http', close: simulator.close }] });
logger.info({ url: simulator.url }, 'listening');
