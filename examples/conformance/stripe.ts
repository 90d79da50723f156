// Our own Stripe adapter, for the conformance suite (docs/adapters.md). To be copied: what a team changes is `create`, `upstream` and the
// payment methods of its sandbox.
//
//   npm run conformance -- payment examples/conformance/stripe.ts
//
// It starts a simulator of its own, in a folder that is gone afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStripeProvider } from '../../src/adapters/payment/stripe.ts';
import type { PaymentModule } from '../../src/conformance/payment-module.ts';
import { createPaymentSimulator } from '../../src/simulator/payment/server.ts';

const apiKey = 'sk_test_conformance';
// Of a currency whose provider counts otherwise: as its own documents say, not as our code does.
const decimals: Record<string, number> = { EUR: 2, JPY: 0, BHD: 3 };

const stripe: PaymentModule = async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'conformance-payment-'));
  const simulator = await createPaymentSimulator({ dataDir, host: '127.0.0.1', port: 0, settleAfterMs: 300 });

  return {
    name: 'Stripe (simulator)',
    upstream: simulator.url,
    create: ({ baseUrl, timeoutMs }) => createStripeProvider({ apiKey, apiBase: baseUrl ?? simulator.url, timeoutMs }),

    methods: {
      succeeds: 'pm_card_visa',
      declines: { method: 'pm_card_chargeDeclinedInsufficientFunds', declineCode: 'insufficient_funds' },
      needsCustomer: 'pm_card_authenticationRequired',
      processes: 'pm_sim_processing_succeeds',
      refundPending: 'pm_card_pendingRefund',
      refundFails: 'pm_card_refundFail',
      disputes: 'pm_card_createDispute',
    },
    captures: 'several',
    savesMethods: true,
    secrets: [apiKey],

    shownAmount: async ({ providerId, currency }) => {
      const headers = { Authorization: `Bearer ${apiKey}` };
      const answer = await fetch(`${simulator.url}/v1/payment_intents/${providerId}`, { headers });
      const { amount } = (await answer.json()) as { amount: number };
      return String(amount / 10 ** (decimals[currency] ?? 2));
    },
    storeFailure: async ({ orderId }) => {
      const fault = { operation: 'confirm', mode: 'error_500', cached: true, match: { orderId } };
      const headers = { 'Content-Type': 'application/json' };
      await fetch(`${simulator.url}/_simulator/faults`, { method: 'POST', headers, body: JSON.stringify(fault) });
    },
    close: async () => {
      await simulator.close();
      await rm(dataDir, { recursive: true });
    },
  };
};

export default stripe;
