// Our own carrier adapter, for the conformance suite (docs/adapters.md). To be copied.
//
//   npm run conformance -- carrier examples/conformance/carrier.ts
//
// It starts a simulator of its own, in a folder that is gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHttpCarrier } from '../../src/adapters/shipping/http.ts';
import type { CarrierModule } from '../../src/conformance/carrier-module.ts';
import { createCarrierSimulator } from '../../src/simulator/carrier/server.ts';

const apiKey = 'test_conformance';

const carrier: CarrierModule = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'conformance-carrier-'));
  const simulator = await createCarrierSimulator({ dataDir, host: '127.0.0.1', port: 0 });

  const advance = (parcelId: string, body: object) =>
    fetch(`${simulator.url}/_simulator/parcels/${parcelId}/advance`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });

  return {
    name: 'Carrier (simulator)',
    upstream: simulator.url,
    create: ({ baseUrl, timeoutMs }) => createHttpCarrier({ apiKey, apiBase: baseUrl ?? simulator.url, timeoutMs }),
    secrets: [apiKey],

    advance: async ({ parcelId, to }) => {
      await advance(parcelId, {});
      if (to === 'delivered') await advance(parcelId, {});
      if (to === 'lost' || to === 'returned') await advance(parcelId, { to });
    },
    close: async () => {
      await simulator.close();
      await rm(dataDir, { recursive: true });
    },
  };
};

export default carrier;
