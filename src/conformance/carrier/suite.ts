// The rules for a carrier: what our activities rely on, and nothing else.
import type { CarrierConformance } from '../carrier-module.ts';
import { runChecks, type Suite } from '../run.ts';
import { createSaid } from '../said.ts';
import { credentialsCheck } from '../secrets.ts';
import { labels } from './labels.ts';
import { keepingQuiet, unknown } from './unknown.ts';
import { openCarrierWorld, type CarrierWorld } from './world.ts';

const checks = [...labels, ...unknown];
const afterwards = [...keepingQuiet, credentialsCheck<CarrierWorld>()];

export const carrierSuite: Suite<CarrierConformance> = {
  checks: [...checks, ...afterwards],
  run: async (module, options) => {
    const said = createSaid(module.secrets ?? []);
    const open = () => openCarrierWorld(module, said);
    const first = await runChecks(checks, open, options);
    return [...first, ...(await runChecks(afterwards, open, { ...options, atOnce: 1 }))];
  },
};
