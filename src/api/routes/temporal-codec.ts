// Temporal's codec server protocol: its Web UI and command line have encrypted payloads read, and what they send encrypted, here. Nothing
// is kept of either. What must stay true: nobody reads who may not operate, and of other pages than the Web UI no browser asks.
import cors from 'cors';
import { Scope } from '../../domain/scope.ts';
import type { JsonPayload, PayloadDesk } from '../../ports/payload-codec.ts';
import { Problem } from '../middleware/problems.ts';
import { defineRoute, type Route } from '../route.ts';
import { payloadsBody } from '../schemas/temporal-codec.ts';

/** `payloadDesk` is null where nothing is encrypted; `temporalUiUrl` is where the Web UI is found. */
export function temporalCodecRoutes({
  payloadDesk,
  temporalUiUrl,
}: {
  payloadDesk: PayloadDesk | null;
  temporalUiUrl: string;
}): Route[] {
  // A browser is told that this page may ask; by the address of the Web UI, or another that a proxy has put in front of it.
  const fromWebUi = cors({ origin: new URL(temporalUiUrl).origin, methods: ['POST'], credentials: true, maxAge: 600 });
  const codecRoute = (name: 'encode' | 'decode', summary: string): Route =>
    defineRoute({
      method: 'post',
      path: `/temporal-codec/${name}`,
      operationId: `${name}Payloads`,
      scope: Scope.operate,
      tag: 'temporal',
      summary,
      before: fromWebUi,
      onlyReads: true,
      body: payloadsBody,
      answers: { 200: { description: 'The same payloads, in the same order', schema: payloadsBody } },
      problems: ['not-found', 'unreadable-payload', 'insufficient-scope'],
      handle: async ({ body: { payloads } }, { res }) => {
        if (!payloadDesk) throw new Problem('not-found', 'Nothing is encrypted here: PAYLOAD_KEYS is not set');
        const answer = await payloadDesk[name](payloads.map(toPayload));
        if (!answer)
          throw new Problem('unreadable-payload', 'Its key is not among PAYLOAD_KEYS, or it is not as it was written');
        res.json({ payloads: answer });
      },
    });
  return [
    codecRoute('decode', 'Reads payloads that are kept encrypted, for Temporal’s Web UI and command line'),
    codecRoute('encode', 'Encrypts payloads that they send'),
  ];
}

const toPayload = ({
  metadata,
  data,
}: {
  metadata?: Record<string, string> | undefined;
  data?: string | undefined;
}): JsonPayload => ({
  ...(metadata ? { metadata } : {}),
  ...(data === undefined ? {} : { data }),
});
