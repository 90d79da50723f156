// Which libraries make spans, and of what. What must stay true: a span is made only within a trace (background loops ask the database
// every second), but for requests that come in, which begin one; and probes begin none.
import { createRequire } from 'node:module';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type * as base from '@opentelemetry/instrumentation';
import type * as express from '@opentelemetry/instrumentation-express';
import type * as http from '@opentelemetry/instrumentation-http';
import type * as pg from '@opentelemetry/instrumentation-pg';
import type * as undici from '@opentelemetry/instrumentation-undici';

const require = createRequire(import.meta.url);

/** What monitoring asks every few seconds. */
const probes = new Set(['/healthz', '/readyz', '/health', '/metrics']);

/**
 * Loads what is patched, after the patches are in place: these packages are CommonJS, and whoever imports them later gets what is loaded
 * here. (Hooks into ESM imports would need a thread of their own, and patch no more.)
 */
export function instrument(): void {
  const { registerInstrumentations } = require('@opentelemetry/instrumentation') as typeof base;
  registerInstrumentations({ instrumentations: createInstrumentations() });
  for (const patched of ['node:http', 'node:https', 'express', 'pg']) require(patched);
}

function createInstrumentations(): base.Instrumentation[] {
  const { HttpInstrumentation } = require('@opentelemetry/instrumentation-http') as typeof http;
  const { ExpressInstrumentation, ExpressLayerType } =
    require('@opentelemetry/instrumentation-express') as typeof express;
  const { PgInstrumentation } = require('@opentelemetry/instrumentation-pg') as typeof pg;
  const { UndiciInstrumentation } = require('@opentelemetry/instrumentation-undici') as typeof undici;
  return [
    new HttpInstrumentation({
      requireParentforOutgoingSpans: true,
      ignoreIncomingRequestHook: ({ url = '' }) => probes.has(url.split('?', 1)[0] ?? ''),
      requestHook: (span, request) => {
        const template = isOutgoing(request) ? templateOf(request.path) : null;
        if (template !== null && isOutgoing(request))
          span.updateName(`${request.method} ${template}`).setAttribute('url.template', template);
      },
    }),
    // Only for the route in the name of a request's span: of its many layers nobody wants one each.
    new ExpressInstrumentation({ ignoreLayersType: Object.values(ExpressLayerType) }),
    new PgInstrumentation({ requireParentSpan: true, ignoreConnectSpans: true }),
    new UndiciInstrumentation({
      requireParentforSpans: true,
      requestHook: (span, { method, path }) => {
        const template = templateOf(path);
        if (template !== null) span.updateName(`${method} ${template}`).setAttribute('url.template', template);
      },
    }),
  ];
}

const isOutgoing = (request: ClientRequest | IncomingMessage): request is ClientRequest => 'path' in request;

/**
 * Which call of the provider or the carrier it is: of paths known beforehand, without their ids. Of any other path nothing is said: that
 * of a subscriber may be a secret.
 */
export function templateOf(path: string): string | null {
  const [, base, resource = '', id, verb] = known.exec(path) ?? [];
  if (base === undefined) return null;
  return `${base}/${resource}${id === undefined ? '' : '/{id}'}${verb === undefined ? '' : `/${verb}`}`;
}

const known =
  /^(\/v1)\/(payment_intents|refunds|disputes|customers|charges|parcels)(?:\/([^/?]+)(?:\/(confirm|capture|cancel))?)?(?:\?|$)/;
