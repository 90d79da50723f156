// What is not Stripe's: faults on demand, the journal, webhook endpoints, a customer who authenticates.
import express, { Router, type ErrorRequestHandler } from 'express';
import { StripeFailure } from './errors.ts';
import { NotAFault, type Faults } from './faults.ts';
import { authenticateIntent } from './intents.ts';
import type { Entry, State } from './state.ts';
import type { Webhooks } from './webhooks.ts';

type Dependencies = { state: State; faults: Faults; webhooks: Webhooks; commit: (entry: Entry) => Promise<void> };

export function controlRouter({ state, faults, webhooks, commit }: Dependencies): Router {
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
    const { orderId } = req.query;
    res.json({
      items: orderId === undefined ? state.journal : state.journal.filter((item) => item.orderId === orderId),
    });
  });

  router.post('/webhook_endpoints', (req, res) => {
    const { url, secret } = (req.body ?? {}) as Record<string, unknown>;
    if (typeof url !== 'string' || typeof secret !== 'string' || !URL.canParse(url))
      throw new NotAFault('expected {url, secret}');
    webhooks.endpoints.push({ url, secret });
    res.status(201).json({ url });
  });
  router.post('/events/:id/redeliver', (req, res) => {
    const event = state.events.get(req.params.id);
    if (event) webhooks.deliver(event);
    res.status(event ? 202 : 404).json({ id: req.params.id });
  });

  router.post('/payment_intents/:id/authenticate', async (req, res) => {
    const { outcome } = (req.body ?? {}) as Record<string, unknown>;
    if (outcome !== 'succeed' && outcome !== 'fail') throw new NotAFault('outcome: expected succeed or fail');
    const { intent, effect } = authenticateIntent(state, req.params.id, outcome);
    const events = webhooks.eventsOf({ intents: [intent] }, effect);
    const item = { operation: 'authenticate', effect, amountMinor: intent.amount, paymentIntentId: intent.id };
    const rest = { orderId: intent.metadata['orderId'] ?? null, idempotencyKey: null, replayed: false, fault: null };
    await commit({ intents: [intent], events, journal: [{ ...item, ...rest, at: new Date().toISOString() }] });
    res.json(intent);
  });

  router.use((_req, res) => void res.status(404).json({ error: 'there is nothing here' }));
  router.use(refuse);
  return router;
}

const refuse: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof StripeFailure) return void res.status(error.status).json({ error: error.message });
  const isBadJson = error instanceof SyntaxError;
  if (error instanceof NotAFault || isBadJson)
    return void res.status(400).json({ error: isBadJson ? 'not JSON' : error.message });
  next(error);
};
