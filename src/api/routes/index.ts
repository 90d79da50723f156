// The table of routes: what the process serves is what the tests of access walk through, route by route.
import type { Route } from '../route.ts';
import { amendmentRoutes } from './amendments.ts';
import { callerRoute } from './caller.ts';
import { cancelRoute } from './cancel.ts';
import { customerNoticeRoutes } from './customer-notices.ts';
import { erasureRoutes } from './erasures.ts';
import { eventRoutes } from './events.ts';
import { eventSchemaRoutes } from './event-schemas.ts';
import { explanationRoute } from './explanation.ts';
import { healthRoutes } from './health.ts';
import { orderActionsRoute } from './order-actions.ts';
import { orderRoutes } from './orders.ts';
import { paymentRoutes } from './payments.ts';
import { placeOrderRoute } from './place-order.ts';
import { productRoutes } from './products.ts';
import { queuesRoute } from './queues.ts';
import { reconciliationRoutes } from './reconciliations.ts';
import { reviewRoute } from './review.ts';
import { refundRoutes } from './refunds.ts';
import { returnRoutes } from './returns.ts';
import { resolutionRoute } from './resolution.ts';
import { shipmentRoutes } from './shipments.ts';
import { resolveManyRoutes } from './resolve-many.ts';
import { stockRoutes } from './stock.ts';
import { temporalCodecRoutes } from './temporal-codec.ts';
import { warehouseRoutes } from './warehouses.ts';
import { webhookRoutes } from './webhooks.ts';

type Dependencies = Parameters<typeof placeOrderRoute>[0] &
  Parameters<typeof orderRoutes>[0] &
  Parameters<typeof orderActionsRoute>[0] &
  Parameters<typeof explanationRoute>[0] &
  Parameters<typeof cancelRoute>[0] &
  Parameters<typeof amendmentRoutes>[0] &
  Parameters<typeof reviewRoute>[0] &
  Parameters<typeof refundRoutes>[0] &
  Parameters<typeof returnRoutes>[0] &
  Parameters<typeof resolutionRoute>[0] &
  Parameters<typeof resolveManyRoutes>[0] &
  Parameters<typeof reconciliationRoutes>[0] &
  Parameters<typeof customerNoticeRoutes>[0] &
  Parameters<typeof erasureRoutes>[0] &
  Parameters<typeof eventRoutes>[0] &
  Parameters<typeof eventSchemaRoutes>[0] &
  Parameters<typeof paymentRoutes>[0] &
  Parameters<typeof shipmentRoutes>[0] &
  Parameters<typeof productRoutes>[0] &
  Parameters<typeof stockRoutes>[0] &
  Parameters<typeof queuesRoute>[0] &
  Parameters<typeof warehouseRoutes>[0] &
  Parameters<typeof webhookRoutes>[0] &
  Parameters<typeof temporalCodecRoutes>[0] &
  Parameters<typeof healthRoutes>[0];

/** Every route of the api. Whatever is added here needs a line in test/e2e/access.test.ts. */
export const createRoutes = (dependencies: Dependencies): Route[] => [
  placeOrderRoute(dependencies),
  ...orderRoutes(dependencies),
  orderActionsRoute(dependencies),
  explanationRoute(dependencies),
  cancelRoute(dependencies),
  ...amendmentRoutes(dependencies),
  reviewRoute(dependencies),
  ...refundRoutes(dependencies),
  ...returnRoutes(dependencies),
  resolutionRoute(dependencies),
  ...resolveManyRoutes(dependencies),
  ...reconciliationRoutes(dependencies),
  ...customerNoticeRoutes(dependencies),
  ...erasureRoutes(dependencies),
  ...eventRoutes(dependencies),
  ...eventSchemaRoutes(dependencies),
  ...paymentRoutes(dependencies),
  ...shipmentRoutes(dependencies),
  ...productRoutes(dependencies),
  ...stockRoutes(dependencies),
  queuesRoute(dependencies),
  callerRoute(),
  ...warehouseRoutes(dependencies),
  ...webhookRoutes(dependencies),
  ...temporalCodecRoutes(dependencies),
  ...healthRoutes(dependencies),
];
