// What is not Stripe's: faults on demand, the journal, webhook endpoints, a customer who authenticates or disputes.
import express, { Router, type ErrorRequestHandler } from 'express';
import { authenticationPage } from './authentication-page.ts';
import type { Outcome } from './charging.ts';
import type { Commit } from './commit.ts';
import { disputeRoutes } from './dispute-control.ts';
import { StripeFailure } from './errors.ts';
import { eventsOf } from './events.ts';
import { NotAFault, type Faults } from './faults.ts';
import { authenticateIntent, expireIntent } from './intents.ts';
import type { Log } from './log.ts';
import type { Endpoint, Intent, State } from './state.ts';
import type { Webhooks } from './webhooks.ts';

type Dependencies = { state: State; log: Log; faults: Faults; webhooks: Webhooks; commit: Commit };

export function controlRouter(dependencies: Dependencies): Router {
  const router = Router();
  router.use(express.json());
  router.get('/health', (_req, res) => void res.json({ status: 'ok' }));

  faultRoutes(router, dependencies);
  journalRoute(router, dependencies);
  webhookRoutes(router, dependencies);
  authenticationRoute(router, dependencies);
  disputeRoutes(router, dependencies);

  router.use((_req, res) => void res.status(404).json({ error: 'there is nothing here' }));
  router.use(refuse);
  return router;
}

function faultRoutes(router: Router, { faults }: Dependencies): void {
  router.post('/faults', (req, res) => void res.status(201).json(faults.add(req.body)));
  router.get('/faults', (_req, res) => void res.json({ items: faults.list() }));
  router.delete('/faults', (_req, res) => {
    faults.clear();
    res.status(204).end();
  });
  router.get('/faults/:id', (req, res) => {
    const fault = faults.find(req.params.id);
    res.status(fault ? 200 : 404).json(fault ?? { error: 'no such fault' });
  });
  router.delete('/faults/:id', (req, res) => {
    res.status(faults.remove(req.params.id) ? 204 : 404).end();
  });
}

function journalRoute(router: Router, { state, log }: Dependencies): void {
  router.get('/journal', async (req, res) => {
    const { orderId, after } = req.query;
    const all = state.journal;
    if (after !== undefined) {
      const from = parsePlace(after);
      const page = all.slice(from, from + JOURNAL_PAGE);
      await log.settled();
      return void res.json({ items: page, next: from + page.length, isLast: from + page.length >= all.length });
    }
    const items = orderId === undefined ? all.slice() : all.filter((item) => item.orderId === orderId);
    // A witness says nothing that a kill in this moment could take back.
    await log.settled();
    res.json({ items });
  });
}

/** Who follows the journal reads on where the last page ended: it only grows, also over a restart. */
const JOURNAL_PAGE = 5_000;

function parsePlace(after: unknown): number {
  const place = Number(after);
  if (typeof after === 'string' && /^\d{1,12}$/.test(after) && place <= Number.MAX_SAFE_INTEGER) return place;
  throw new NotAFault('after: expected the `next` of an earlier page, or 0');
}

function webhookRoutes(router: Router, { state, webhooks, commit }: Dependencies): void {
  router.post('/webhook_endpoints', async (req, res) => {
    const endpoint = parseEndpoint(req.body);
    await commit({ endpoints: [endpoint] });
    res.status(201).json({ url: endpoint.url });
  });
  router.get('/webhook_endpoints', (_req, res) => {
    // Without their secrets.
    res.json({ items: [...state.endpoints.keys()].map((url) => ({ url, owed: webhooks.owedTo(url) })) });
  });
  router.post('/events/:id/redeliver', (req, res) => {
    const event = state.events.get(req.params.id);
    if (event) webhooks.deliver(webhooks.owedFor([event]));
    res.status(event ? 202 : 404).json({ id: req.params.id });
  });
}

function authenticationRoute(router: Router, { state, commit }: Dependencies): void {
  router.get('/payment_intents/:id/authenticate', (req, res) => {
    const intent = state.intents.get(req.params.id);
    if (!intent) return void res.status(404).json({ error: 'no such payment' });
    res.type('html').send(authenticationPage(intent));
  });
  router.post('/payment_intents/:id/authenticate', async (req, res) => {
    const { outcome } = (req.body ?? {}) as Record<string, unknown>;
    if (outcome !== 'succeed' && outcome !== 'fail') throw new NotAFault('outcome: expected succeed or fail');
    res.json(await change('authenticate', authenticateIntent(state, req.params.id, outcome)));
  });
  // The bank releases what nobody has captured in time.
  router.post('/payment_intents/:id/expire', async (req, res) => {
    res.json(await change('expire', expireIntent(state, req.params.id)));
  });

  async function change(
    operation: string,
    { intent, methods = [], effect, amountMinor = intent.amount }: Outcome,
  ): Promise<Intent> {
    const changes = { intents: [intent], methods };
    const item = { operation, effect, amountMinor, paymentIntentId: intent.id };
    const rest = { orderId: intent.metadata['orderId'] ?? null, idempotencyKey: null, replayed: false, fault: null };
    const journal = [{ ...item, ...rest, at: new Date().toISOString() }];
    await commit({ ...changes, events: eventsOf(state, changes, null), journal });
    return intent;
  }
}

function parseEndpoint(description: unknown): Endpoint {
  const { url, secret } = (description ?? {}) as Record<string, unknown>;
  const isAddress = typeof url === 'string' && URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  if (!isAddress || typeof secret !== 'string' || secret === '')
    throw new NotAFault('expected {url, secret}: an address that begins with http, and a text');
  return { url, secret };
}

const refuse: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (error instanceof StripeFailure) return void res.status(error.status).json({ error: error.message });
  if (error instanceof NotAFault) return void res.status(400).json({ error: error.message });
  if (error instanceof SyntaxError) return void res.status(400).json({ error: 'not JSON' });
  next(error);
};
