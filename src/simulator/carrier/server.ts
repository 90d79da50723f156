// The carrier simulator's HTTP face: the carrier's API under /v1, and what tests and demos need under /_simulator.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { controlRouter, move } from './control.ts';
import { createFaults } from './faults.ts';
import { openLog } from './log.ts';
import { carrierRouter, type Commit } from './routes.ts';
import { apply, emptyState, type Endpoint, type State } from './state.ts';
import { createWebhooks } from './webhooks.ts';

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

export type CarrierSimulator = { url: string; port: number; close: () => Promise<void> };

/**
 * Starts the simulator on a loopback address (port 0: any) with its state in `dataDir`. Rejects for any other address: whoever reaches
 * it can inject faults. `paceMs`: after so long each a parcel moves one step along by itself; 0: only when it is told to.
 */
export async function createCarrierSimulator(options: {
  dataDir: string;
  host: string;
  port: number;
  paceMs?: number;
  webhookEndpoints?: readonly Endpoint[];
}): Promise<CarrierSimulator> {
  const { dataDir, host, port, paceMs = 0 } = options;
  if (!LOOPBACK.includes(host)) throw new Error(`The simulator runs on loopback only; found ${host}`);
  const state = emptyState();
  const log = await openLog(dataDir, (entry) => apply(state, entry));
  for (const endpoint of options.webhookEndpoints ?? []) state.endpoints.set(endpoint.url, endpoint);
  const faults = createFaults();
  const webhooks = createWebhooks({
    state,
    faults,
    ended: async (delivery) => {
      apply(state, { ended: [delivery] });
      await log.append({ ended: [delivery] });
    },
  });
  // News are told only once they are on disk; that they are owed is part of the same entry, so a kill loses none.
  const commit: Commit = async (entry) => {
    const owed = webhooks.owedFor(entry.messages ?? []);
    const whole = owed.length > 0 ? { ...entry, owed } : entry;
    apply(state, whole);
    await log.append(whole);
    webhooks.deliver(owed);
  };

  const app = express();
  app.disable('x-powered-by');
  app.use('/_simulator', controlRouter({ state, faults, commit }));
  app.use('/v1', carrierRouter({ state, faults, commit }));
  const server = createServer(app);
  await listen(server, { host, port }).catch(async (error: unknown) => {
    await log.close();
    throw error;
  });
  webhooks.deliver([...state.owed.values()]);
  const stopMoving = paceMs > 0 ? moveInTime({ state, commit, paceMs }) : () => Promise.resolve();
  const { port: chosen } = server.address() as AddressInfo;
  return {
    port: chosen,
    url: `http://${host === '::1' ? '[::1]' : host}:${chosen}`,
    close: async () => {
      await stopMoving();
      const closed = new Promise((resolve) => void server.close(resolve));
      server.closeAllConnections();
      await closed;
      await webhooks.close();
      await log.close();
    },
  };
}

/** Parcels come along by themselves: announced ones are dispatched, dispatched ones delivered. */
function moveInTime({ state, commit, paceMs }: { state: State; commit: Commit; paceMs: number }): () => Promise<void> {
  let turn: Promise<unknown> = Promise.resolve();
  const isDue = (since: string): boolean => Date.now() - Date.parse(since) >= paceMs;
  const timer = setInterval(
    () => {
      const due = [...state.parcels.values()].filter(
        ({ status, createdAt, events }) =>
          (status === 'announced' || status === 'dispatched') && isDue(events.at(-1)?.at ?? createdAt),
      );
      turn = turn.then(() => Promise.all(due.map((parcel) => moveOn(parcel.id)))).catch(() => clearInterval(timer));
    },
    Math.min(paceMs, 500),
  );
  const moveOn = async (id: string): Promise<void> => {
    const parcel = state.parcels.get(id);
    const isStill = parcel?.status === 'announced' || parcel?.status === 'dispatched';
    if (parcel && isStill && isDue(parcel.events.at(-1)?.at ?? parcel.createdAt)) await move({ commit }, parcel);
  };
  return async () => {
    clearInterval(timer);
    await turn;
  };
}

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
