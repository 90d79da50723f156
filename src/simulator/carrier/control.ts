// What is not the carrier's own API: faults on demand, the journal, webhook endpoints, and a hand that moves parcels along.
import express, { Router, type ErrorRequestHandler } from 'express';
import { NotPossible, type Faults } from './faults.ts';
import { advance, Conflict } from './parcels.ts';
import type { Commit } from './routes.ts';
import { parcelStatuses, type Endpoint, type Parcel, type ParcelStatus, type State } from './state.ts';

type Dependencies = { state: State; faults: Faults; commit: Commit };

export function controlRouter({ state, faults, commit }: Dependencies): Router {
  const router = Router();
  router.use(express.json());
  router.get('/health', (_req, res) => void res.json({ status: 'ok' }));

  router.post('/faults', (req, res) => void res.status(201).json(faults.add(req.body)));
  router.get('/faults', (_req, res) => void res.json({ items: faults.list() }));
  router.delete('/faults', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });

  router.get('/journal', (req, res) => {
    const { reference } = req.query;
    const items = state.journal.filter((item) => reference === undefined || item.reference === reference);
    res.json({ items });
  });

  router.post('/webhook_endpoints', async (req, res) => {
    const endpoint = parseEndpoint(req.body);
    await commit({ endpoints: [endpoint] });
    res.status(201).json({ url: endpoint.url });
  });

  router.get('/parcels', (_req, res) => void res.json({ items: [...state.parcels.values()] }));
  // By its id, its tracking number, or the sender's reference (of several parcels the newest).
  router.post('/parcels/:name/advance', async (req, res) => {
    const parcel = findParcel(state, req.params.name);
    if (!parcel) return void res.status(404).json({ error: 'no such parcel' });
    res.json(await move({ commit }, parcel, parseStatus(req.body)));
  });

  router.use((_req, res) => void res.status(404).json({ error: 'there is nothing here' }));
  router.use(refuse);
  return router;
}

/** Moves a parcel one step along, or to `to`, and tells of it. */
export async function move({ commit }: { commit: Commit }, before: Parcel, to?: ParcelStatus): Promise<Parcel> {
  const { parcel, message } = advance(before, to);
  const { id: parcelId, reference } = parcel;
  const line = {
    operation: 'advance',
    effect: 'advanced',
    idempotencyKey: null,
    replayed: false,
    fault: null,
  } as const;
  const journal = [{ ...line, parcelId, reference, at: message.at }];
  await commit({ parcels: [parcel], messages: [message], journal });
  return parcel;
}

const findParcel = (state: State, name: string): Parcel | undefined =>
  [...state.parcels.values()].findLast(
    ({ id, trackingNumber, reference }) => name === id || name === trackingNumber || name === reference,
  );

function parseStatus(body: unknown): ParcelStatus | undefined {
  const { to } = (body ?? {}) as Record<string, unknown>;
  if (to === undefined) return undefined;
  const status = parcelStatuses.find((candidate) => candidate === to);
  if (!status) throw new NotPossible(`to: expected one of ${parcelStatuses.join(', ')}`);
  return status;
}

function parseEndpoint(description: unknown): Endpoint {
  const { url, secret } = (description ?? {}) as Record<string, unknown>;
  const isAddress = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isAddress || typeof secret !== 'string' || secret === '')
    throw new NotPossible('expected {url, secret}: an address that begins with http, and a text');
  return { url, secret };
}

const refuse: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof Conflict) return void res.status(409).json({ error: error.message });
  if (error instanceof NotPossible) return void res.status(400).json({ error: error.message });
  if (error instanceof SyntaxError) return void res.status(400).json({ error: 'not JSON' });
  next(error);
};
