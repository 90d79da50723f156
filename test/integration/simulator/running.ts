// A simulator for a test file, and what the tests say to it.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import Stripe from 'stripe';
import {
  createPaymentSimulator,
  type PaymentSimulator,
  type PaymentSimulatorOptions,
} from '../../../src/simulator/payment/server.ts';
import type { JournalItem } from '../../../src/simulator/payment/state.ts';

export type Running = Awaited<ReturnType<typeof startSimulator>>;
type Options = Partial<PaymentSimulatorOptions>;

/** Starts a simulator in a directory of its own; `stop` takes both away. */
export async function startSimulator(options: Options = {}) {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'simulator-')));
  const open = (more: Options = {}) =>
    createPaymentSimulator({ host: '127.0.0.1', port: 0, ...options, ...more, dataDir });
  let simulator = await open();
  let stripe = clientOf(simulator);

  const control = (path: string, body?: object): Promise<Response> =>
    fetch(`${simulator.url}/_simulator/${path}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: { 'Content-Type': 'application/json' },
    });

  return {
    dataDir,
    url: () => simulator.url,
    stripe: () => stripe,
    control,
    async stop(): Promise<void> {
      await simulator.close();
      await rm(dataDir, { recursive: true });
    },
    /** Closes the simulator and opens another one in its place: same directory, other options. */
    async reopen(more: Options = {}): Promise<void> {
      await simulator.close();
      simulator = await open(more);
      stripe = clientOf(simulator);
    },
    async inject(fault: object): Promise<void> {
      const answer = await control('faults', fault);
      expect([answer.status, await answer.json()]).toEqual([201, expect.anything()]);
    },
    async faults(): Promise<{ struck: number }[]> {
      return ((await (await control('faults')).json()) as { items: { struck: number }[] }).items;
    },
    async journal(orderId?: string): Promise<JournalItem[]> {
      const answer = await control(orderId === undefined ? 'journal' : `journal?orderId=${orderId}`);
      return ((await answer.json()) as { items: JournalItem[] }).items;
    },
    /** A request as it goes over the wire: no client between the test and the connection. */
    send: (method: string, path: string, { headers = {}, body }: { headers?: object; body?: string } = {}) =>
      fetch(`${simulator.url}${path}`, {
        method,
        headers: { Authorization: 'Bearer sk_test_simulated', ...headers },
        ...(body === undefined ? {} : { body }),
      }),
  };
}

const clientOf = ({ port }: PaymentSimulator): Stripe =>
  new Stripe('sk_test_simulated', {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
  });

export async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  const outcome = await call.catch((error: unknown) => error);
  if (outcome instanceof Stripe.errors.StripeError) return outcome;
  throw new Error('Expected an error of Stripe', { cause: outcome });
}
