// The table of routes: what the process serves is what the tests of access walk through, route by route.
import type { Acceptance } from '../../ports/acceptance.ts';
import type { Catalogue } from '../../ports/catalogue.ts';
import type { EventLog } from '../../ports/events.ts';
import type { LaunchableOrder } from '../../ports/launch.ts';
import type { OrderReading } from '../../ports/order.ts';
import type { ProviderStates } from '../../ports/provider-states.ts';
import type { HealthMonitor } from '../../runtime/health.ts';
import type { EventTail } from '../event-tail.ts';
import type { OrderView } from '../order-view.ts';
import type { Route } from '../route.ts';
import type { Waiters } from '../waiters.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { orderRoutes } from './orders.ts';
import { placeOrderRoute } from './place-order.ts';
import { productRoutes } from './products.ts';

type Dependencies = {
  acceptance: Acceptance;
  reading: OrderReading;
  events: EventLog;
  tail: EventTail;
  catalogue: Catalogue;
  view: OrderView;
  waiters: Waiters;
  launchSoon: (order: LaunchableOrder) => void;
  isBacklogFull: () => boolean;
  isOverloaded: () => boolean;
  monitor: HealthMonitor;
  canAccept: () => Promise<void>;
  providerStates: ProviderStates;
};

/** Every route of the api. Whatever is added here needs a line in test/e2e/access.test.ts. */
export const createRoutes = (dependencies: Dependencies): Route[] => [
  placeOrderRoute(dependencies),
  ...orderRoutes(dependencies),
  ...eventRoutes(dependencies),
  ...productRoutes(dependencies),
  ...healthRoutes(dependencies),
];
