// The same door for every variant: the Express app of the api with its middleware, its placing route, its validation and its answers.
// Only what placing an order means differs.
import { createConfiguredPricing } from '../../src/adapters/pricing/configured.ts';
import { createApp } from '../../src/api/app.ts';
import { authenticateLocally } from '../../src/api/middleware/authenticate.ts';
import { measureRequests } from '../../src/api/middleware/measure.ts';
import { createOrderView } from '../../src/api/order-view.ts';
import { placeOrderRoute } from '../../src/api/routes/place-order.ts';
import { listen } from '../../src/api/server.ts';
import type { Acceptance } from '../../src/ports/acceptance.ts';
import type { OrderReading } from '../../src/ports/order.ts';
import type { OrderPricing } from '../../src/ports/pricing.ts';
import type { loadApiConfig } from '../../src/runtime/config.ts';
import type { Logger } from '../../src/runtime/logger.ts';
import { createMetrics } from '../../src/runtime/metrics.ts';
import { closeOnExit, type Closable } from '../../src/runtime/shutdown.ts';

type ApiConfig = ReturnType<typeof loadApiConfig>;

/** As the api prices orders with the same settings. */
export const pricingOf = (config: ApiConfig): OrderPricing =>
  createConfiguredPricing({
    shippingFees: config.PRICING_SHIPPING_FEES,
    taxRates: config.PRICING_TAX_RATES,
    taxIncluded: config.PRICING_TAX === 'included',
  });

/** Listens where the settings say; `place` is the variant. `parts` are closed when the process is told to end. */
export async function openDoor(options: {
  config: ApiConfig;
  logger: Logger;
  place: Acceptance['place'];
  parts: readonly Closable[];
}): Promise<void> {
  const { config, logger, place, parts } = options;
  const route = placeOrderRoute({
    acceptance: { place, settleAnswer: neverAsked },
    reading: readsNothing,
    waiters: { waitFor: neverAsked },
    view: createOrderView({ workflowUrl: (orderId) => `${config.TEMPORAL_UI_URL}/workflows/${orderId}` }),
    launchSoon: () => undefined,
    capturePolicy: config.CAPTURE_POLICY,
    isBacklogFull: () => false,
    isOverloaded: () => false,
  });
  const app = createApp({
    logger,
    measure: measureRequests(createMetrics()),
    authenticate: authenticateLocally,
    ratePerSecond: config.RATE_LIMIT_PER_SECOND,
    refusal: () => null,
    routes: [route],
  });
  const server = await listen(app, { host: config.HOST, port: config.PORT });
  closeOnExit({ logger, parts: [...parts, { name: 'http', close: server.close }] });
  logger.info({ url: server.url }, 'listening');
}

// What is asked only by clients that wait for the end of their order (`Prefer: wait`); the load never does.
const neverAsked = (): Promise<never> => Promise.reject(new Error('No client of a measurement sends Prefer: wait'));
const readsNothing: OrderReading = { find: neverAsked, list: neverAsked, findSettled: neverAsked };
