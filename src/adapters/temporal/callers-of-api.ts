// How the api speaks to Temporal besides its order client: what starts a workflow of its own, and what tells an order of a decision.
import type { ReturnLimits } from '../../contracts/return-order.ts';
import { createAmendmentStarter } from './amendment-starter.ts';
import { createCaptureStarter } from './capture-starter.ts';
import { createOrderCanceller } from './order-canceller.ts';
import type { StarterOptions } from './order-links.ts';
import { createOrderResolver } from './order-resolver.ts';
import { createOrderReviewer } from './order-reviewer.ts';
import { createRefundStarter } from './refund-starter.ts';
import { createReturnStarter } from './return-starter.ts';
import { createTaskQueues } from './task-queues.ts';

/** `bounds` and `limits` travel in the input of what is started now. */
export const openApiCallers = ({ client, bounds, limits, linksOf }: StarterOptions & { limits: ReturnLimits }) => ({
  /** Asked by requests. */
  people: {
    resolver: createOrderResolver({ client }),
    canceller: createOrderCanceller({ client }),
    reviewer: createOrderReviewer({ client }),
  },
  /** Asked by loops, for what was accepted. */
  starters: {
    ...createRefundStarter({ client, bounds, linksOf }),
    ...createAmendmentStarter({ client, bounds, linksOf }),
    ...createReturnStarter({ client, bounds, limits, linksOf }),
    ...createCaptureStarter({ client, bounds, linksOf }),
  },
  queues: createTaskQueues({ client }),
});
