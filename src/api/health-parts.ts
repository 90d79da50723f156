import type { ProviderStates } from '../ports/provider-states.ts';
import type { ReconciliationReports } from '../ports/reconciliation.ts';
import type { Probe } from '../runtime/health.ts';
import { describeLast } from './last-reconciliation.ts';
import type { OrderClient } from './order-client.ts';
import { describeWorkers } from './worker-health.ts';
import { describeProviders } from './provider-health.ts';

/** The parts of an api's health beside its database: what others do, and what its own loops do. */
export const healthParts = (of: {
  orderClient: Pick<OrderClient, 'ping' | 'listWorkers'>;
  searchAttributes: () => Promise<void>;
  providerStates: Pick<ProviderStates, 'list'>;
  launcher: { check: () => Promise<void>; waiting: () => number };
  sequencer: { check: () => Promise<void> };
  reconciliations: Pick<ReconciliationReports, 'findLast'>;
}) =>
  ({
    temporal: () => of.orderClient.ping(),
    workers: async () => describeWorkers(await of.orderClient.listWorkers()),
    'search-attributes': of.searchAttributes,
    provider: async () => describeProviders(await of.providerStates.list()),
    launcher: () => of.launcher.check().then(() => `${of.launcher.waiting()} accepted orders wait for their workflow`),
    sequencer: of.sequencer.check,
    reconciliation: async () => describeLast(await of.reconciliations.findLast()),
  }) satisfies Readonly<Record<string, Probe>>;
