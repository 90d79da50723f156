// The carrier's own API under /v1: parcels are announced (which makes their label), asked for, and cancelled.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express, { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { Fault, Faults } from './faults.ts';
import { advance, announce, Conflict } from './parcels.ts';
import type { Entry, JournalItem, Parcel, State } from './state.ts';

export type Commit = (entry: Entry) => Promise<void>;
type Dependencies = { state: State; faults: Faults; commit: Commit };
type Done = {
  status: number;
  body: unknown;
  effect: JournalItem['effect'];
  parcel: Parcel | null;
  replayed?: boolean;
  changes?: Entry;
};

/** Thrown for what no repeat will make better. */
class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function carrierRouter(dependencies: Dependencies): Router {
  const { state } = dependencies;
  const router = Router();
  router.use(checkKey, express.json({ limit: '64kb' }));
  router.post(
    '/parcels',
    operation(dependencies, 'create', (req) => create(state, req)),
  );
  router.get(
    '/parcels',
    operation(dependencies, 'list', ({ query }) => list(state, query['reference'])),
  );
  router.get(
    '/parcels/:id',
    operation(dependencies, 'retrieve', (req) => found(expectParcel(state, req))),
  );
  router.post(
    '/parcels/:id/cancel',
    operation(dependencies, 'cancel', (req) => cancel(expectParcel(state, req))),
  );
  router.use((_req, res) => void res.status(404).json({ error: 'there is nothing here' }));
  router.use(answerErrors);
  return router;
}

function create(state: State, req: Request): Done {
  const key = keyOf(req);
  if (key === null) throw new Refused(400, 'an Idempotency-Key is needed');
  const { reference, recipient, items } = (req.body ?? {}) as Record<string, unknown>;
  if (typeof reference !== 'string' || reference === '') throw new Refused(422, 'reference: expected a text');
  if (typeof recipient !== 'object' || recipient === null) throw new Refused(422, 'recipient: expected an address');
  if (!Array.isArray(items) || items.length === 0) throw new Refused(422, 'items: expected at least one');
  const fingerprint = createHash('sha256').update(JSON.stringify(req.body)).digest('hex');
  const bound = state.keys.get(key);
  if (bound) {
    const parcel = state.parcels.get(bound.parcelId) ?? null;
    if (bound.fingerprint !== fingerprint) throw new Refused(409, 'the key is bound to another request');
    return { status: 200, body: parcel, effect: 'none', parcel, replayed: true };
  }
  const parcel = announce(reference);
  const changes = { parcels: [parcel], keys: [{ key, fingerprint, parcelId: parcel.id }] };
  return { status: 201, body: parcel, effect: 'created', parcel, changes };
}

function list(state: State, reference: unknown): Done {
  if (typeof reference !== 'string') throw new Refused(400, 'reference: expected a text');
  const items = [...state.parcels.values()].filter((parcel) => parcel.reference === reference);
  return { status: 200, body: { items }, effect: 'none', parcel: items[0] ?? null };
}

const found = (parcel: Parcel): Done => ({ status: 200, body: parcel, effect: 'none', parcel });

/** Twice is once. What has left can not be cancelled. */
function cancel(before: Parcel): Done {
  if (before.status === 'cancelled') return { ...found(before), replayed: true };
  const { parcel } = advance(before, 'cancelled');
  return { ...found(parcel), effect: 'cancelled', changes: { parcels: [parcel] } };
}

/** One request from its faults to its answer. The effect is on disk before the answer. */
function operation(
  { faults, commit }: Dependencies,
  name: JournalItem['operation'],
  carryOut: (req: Request) => Done,
): RequestHandler {
  return async (req, res) => {
    const reference = (req.body as { reference?: string } | undefined)?.reference ?? null;
    const fault = faults.take(name === 'list' ? 'retrieve' : name, reference ?? textOf(req.query['reference']));
    if (fault && fault.delayMs > 0) await sleep(fault.delayMs, undefined, { ref: false });
    const note = (item: Partial<JournalItem>): JournalItem => ({
      ...{ operation: name, effect: 'none', parcelId: textOf(req.params['id']), reference, idempotencyKey: keyOf(req) },
      ...{ replayed: false, fault: fault?.mode ?? null, at: new Date().toISOString() },
      ...item,
    });
    if (fault?.mode === 'error_500' || fault?.mode === 'drop_before_effect') {
      await commit({ journal: [note({})] });
      return fail(res, fault);
    }
    let done: Done;
    try {
      done = carryOut(req);
    } catch (error) {
      await commit({ journal: [note({})] });
      throw error;
    }
    const { parcel, effect, replayed = false, changes = {} } = done;
    const about = parcel ? { parcelId: parcel.id, reference: parcel.reference } : {};
    await commit({ ...changes, journal: [note({ effect, replayed, ...about })] });
    if (fault?.mode === 'drop_after_effect') return fail(res, fault);
    res.status(done.status).json(done.body);
  };
}

function fail(res: Response, { mode }: Fault): void {
  if (mode === 'error_500') res.status(500).json({ error: 'something went wrong (simulated)' });
  else res.socket?.destroy();
}

function expectParcel(state: State, req: Request): Parcel {
  const parcel = state.parcels.get(textOf(req.params['id']) ?? '');
  if (!parcel) throw new Refused(404, 'no such parcel');
  return parcel;
}

const keyOf = (req: Request): string | null => req.get('Idempotency-Key') ?? null;
const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);

const checkKey: RequestHandler = (req, _res, next) => {
  if (/^Bearer test_\S+$/.test(req.get('Authorization') ?? '')) return next();
  throw new Refused(401, 'expected a key that begins with test_');
};

const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const message = error instanceof Error ? error.message : String(error);
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  res.status(error instanceof Conflict ? 409 : status).json({ error: message });
};
