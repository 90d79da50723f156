import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { Router } from 'express';
import { problemBody, problems, Problem, type ProblemSlug } from '../middleware/problems.ts';
import { refuseMethod } from '../route.ts';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>durable-orders API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/assets/swagger-ui.css"></head>
<body><div id="docs"></div>
<script src="/docs/assets/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body></html>`;

const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', validatorUrl: null, tryItOutEnabled: true });`;

/** /openapi.json, /docs (all of it served from here: nothing is asked from outside) and a page for each problem type. */
export function docsRouter(document: object): Router {
  const router = Router();
  router.get('/openapi.json', (_req, res) => void res.json(document));
  router.get('/docs', (_req, res) => void res.type('html').send(page));
  router.get('/docs/start.js', (_req, res) => void res.type('js').send(start));
  const readsOnly = refuseMethod(['GET', 'HEAD']);
  router.use('/docs/assets', (req, res, next) =>
    req.method === 'GET' || req.method === 'HEAD' ? next() : readsOnly(req, res, next),
  );
  router.use('/docs/assets', express.static(assets, { index: false, redirect: false, maxAge: '1h' }));
  router.get('/problems/:slug', (req, res) => {
    const { slug } = req.params;
    if (!isSlug(slug)) throw new Problem('not-found', 'There is no such problem');
    res.json(problemBody(slug, problems[slug][1]));
  });
  for (const path of ['/openapi.json', '/docs', '/docs/start.js', '/problems/:slug']) router.all(path, readsOnly);
  return router;
}

const isSlug = (slug: string): slug is ProblemSlug => Object.hasOwn(problems, slug);
