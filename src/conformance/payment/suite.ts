// The rules for a payment provider: what our activities rely on, and nothing else.
import { runChecks, type Suite } from '../run.ts';
import type { PaymentConformance } from '../payment-module.ts';
import { createSaid } from '../said.ts';
import { credentialsCheck } from '../secrets.ts';
import { cancelling } from './cancelling.ts';
import { capturing } from './capturing.ts';
import { confirming } from './confirming.ts';
import { creating } from './creating.ts';
import { keepingSecrets } from './keeping-secrets.ts';
import { listing } from './listing.ts';
import { refunding } from './refunding.ts';
import { unknown } from './unknown.ts';
import { openPaymentWorld, type PaymentWorld } from './world.ts';

const checks = [...creating, ...confirming, ...cancelling, ...refunding, ...capturing, ...unknown, ...listing];
const afterwards = [...keepingSecrets, credentialsCheck<PaymentWorld>()];

export const paymentSuite: Suite<PaymentConformance> = {
  checks: [...checks, ...afterwards],
  run: async (module, options) => {
    const said = createSaid(module.secrets ?? []);
    const open = () => openPaymentWorld(module, said);
    const first = await runChecks(checks, open, options);
    return [...first, ...(await runChecks(afterwards, open, { ...options, atOnce: 1 }))];
  },
};
