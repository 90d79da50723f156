import {
  createBulkActivities,
  createCarrierQueueActivities,
  createComparingActivities,
  createCopyingActivities,
  createProviderActivities,
  createStepActivities,
} from './index.ts';

type Ports = Parameters<typeof createStepActivities>[0] &
  Parameters<typeof createProviderActivities>[0] &
  Parameters<typeof createCarrierQueueActivities>[0] &
  Omit<Parameters<typeof createComparingActivities>[0], 'work'> & {
    manyResolutions: Parameters<typeof createBulkActivities>[0]['work'];
    resolver: Parameters<typeof createBulkActivities>[0]['resolver'];
    reconciliation: Parameters<typeof createComparingActivities>[0]['work'];
  };

/** Which activities run where: `steps` and `bulk` on the queue `orders`, `provider` on `payments`, `carrier` on its own. */
export const createQueueActivities = (ports: Ports) => ({
  steps: createStepActivities(ports),
  bulk: {
    ...createBulkActivities({ work: ports.manyResolutions, resolver: ports.resolver }),
    ...createComparingActivities({ ...ports, work: ports.reconciliation }),
  },
  provider: {
    ...createProviderActivities(ports),
    ...createCopyingActivities({ ...ports, work: ports.reconciliation }),
  },
  carrier: createCarrierQueueActivities(ports),
});
