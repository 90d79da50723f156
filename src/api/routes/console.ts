// The web console: its files as the build left them, and what it has to know of where it runs. What must stay true: nothing of it is
// loaded from anywhere else or written into the page, and what strikes the simulator is there on one machine only.
import express, { Router, type RequestHandler } from 'express';
import helmet from 'helmet';
import { join } from 'node:path';
import { isLoopback } from '../../runtime/loopback.ts';
import { refuseOtherSites } from '../middleware/authenticate.ts';
import { Problem } from '../middleware/problems.ts';
import { refuseMethod } from '../route.ts';

/** `folder`: where the built console is. `simulatorUrl`: null where the provider is a real one. `chaos`: of the one-machine stack. */
export type Console = {
  folder: string;
  auth: 'off' | 'keys';
  simulatorUrl: string | null;
  chaos: { url: string; token: string } | null;
};

/** The pages that the console has; what is none of them is nothing here. */
const PAGES = /^\/(shop|orders(\/[\w-]{1,64})?|operations(\/[\w-]{1,64})?|stock(\/[\w.-]{1,64})?|chaos)?$/;
const STRIKE_WITHIN_MS = 1_500;

/** The page asks the api, and the control server where there is one. */
const policyOf = ({ chaos }: Console): RequestHandler =>
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        connectSrc: ["'self'", ...(chaos ? [chaos.url] : [])],
        imgSrc: ["'self'", 'data:'],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: false,
  });

export function consoleRouter(console: Console): Router {
  const router = Router();
  const readsOnly = refuseMethod(['GET', 'HEAD']);
  const page = sendPage(console);
  // Browsers come here first; whoever asks for JSON hears what they always heard.
  router.get('/', (req, res, next) => (req.accepts(['json', 'html']) === 'html' ? res.redirect('/console/') : next()));
  router.use('/console', policyOf(console));
  if (console.auth === 'off') router.use('/console', (req, _res, next) => (refuseOtherSites(req), next()));
  router.get(
    '/console/config.json',
    (req, res) => void res.set('Cache-Control', 'no-store').json(configOf(console, req.hostname)),
  );
  if (mayStrike(console)) router.post('/console/lose-answer', loseAnswer(console.simulatorUrl));
  router.use(
    '/console/assets',
    // Their names are made of what is in them.
    express.static(join(console.folder, 'assets'), { index: false, redirect: false, immutable: true, maxAge: '1y' }),
  );
  router.get(/^\/console(\/.*)?$/, (req, res, next) => {
    const path = req.path.slice('/console'.length);
    if (path === '') return res.redirect('/console/');
    if (PAGES.test(path)) page(req, res, next);
    else next();
  });
  router.all(/^\/console(\/.*)?$/, (req, res, next) =>
    req.method === 'GET' || req.method === 'HEAD' ? next() : readsOnly(req, res, next),
  );
  return router;
}

const sendPage =
  ({ folder }: Console): RequestHandler =>
  (_req, res, next) =>
    res.sendFile(
      join(folder, 'index.html'),
      { cacheControl: false, headers: { 'Cache-Control': 'no-cache' } },
      (error) => {
        // Not built, or cut off: the latter has nobody to be answered.
        if (error && !res.headersSent) next(new Problem('not-found', 'The console was not built: npm run build'));
      },
    );

// With keys somebody else may reach it, and nothing here asks who calls.
const mayStrike = (console: Console): console is Console & { simulatorUrl: string } =>
  console.simulatorUrl !== null && console.auth === 'off';

/** Told to everybody, before any key: nothing of how the service is run. */
const configOf = (console: Console, host: string): object => ({
  auth: console.auth,
  simulatorUrl: console.simulatorUrl,
  canLoseAnswers: mayStrike(console),
  // With keys somebody else may reach it. By another name than this machine's it is asked by a page that wants to be taken for ours.
  chaos: console.auth === 'off' && isLoopback(host) ? console.chaos : null,
});

/** One fault, and no other: the provider's answer to the next charge gets lost after the money has moved. */
const loseAnswer =
  (simulatorUrl: string): RequestHandler =>
  async (req, res) => {
    // A page of somebody else can send this type only after a question that is never answered.
    if (!req.is('application/json')) throw new Problem('unsupported-media-type', 'Send application/json');
    const answer = await fetch(`${simulatorUrl}/_simulator/faults`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ operation: 'confirm', mode: 'drop_after_effect', times: 1 }),
      signal: AbortSignal.timeout(STRIKE_WITHIN_MS),
    }).catch(() => null);
    if (!answer?.ok) throw new Problem('service-unavailable', 'The simulator does not answer');
    res.status(202).json({ armed: true });
  };
