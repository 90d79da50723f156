// The conformance suites: our own adapters pass, each adapter with a mistake fails at just that, and what nobody knows is not passed.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ourCarrier from '../../examples/conformance/carrier.ts';
import ourPricing from '../../examples/conformance/pricing.ts';
import stripe from '../../examples/conformance/stripe.ts';
import type { CarrierConformance } from '../../src/conformance/carrier-module.ts';
import { carrierSuite } from '../../src/conformance/carrier/suite.ts';
import type { At } from '../../src/conformance/connection.ts';
import type { PaymentConformance } from '../../src/conformance/payment-module.ts';
import { paymentSuite } from '../../src/conformance/payment/suite.ts';
import { pricingSuite } from '../../src/conformance/pricing/suite.ts';
import type { Carrier } from '../../src/ports/carrier.ts';
import type { PaymentProvider } from '../../src/ports/payment.ts';
import { badCarriers } from '../support/bad-carriers.ts';
import { badPayments } from '../support/bad-payments.ts';
import { badPricings } from '../support/bad-pricings.ts';
import { failedIn, idsOf, runAll } from '../support/conforming.ts';

let payment: PaymentConformance;
let carrier: CarrierConformance;
beforeAll(async () => {
  [payment, carrier] = await Promise.all([stripe(), ourCarrier()]);
});
afterAll(async () => {
  await Promise.all([payment.close?.(), carrier.close?.()]);
});

const providerOf = (at: At) => payment.create(at) as PaymentProvider;
const carrierOf = (at: At) => carrier.create(at) as Carrier;

describe('our own adapters', () => {
  test('pass every check', async () => {
    const [paid, shipped, priced] = await Promise.all([
      paymentSuite.run(payment, { only: [] }),
      carrierSuite.run(carrier, { only: [] }),
      pricingSuite.run(await ourPricing(), { only: [] }),
    ]);
    for (const [results, { checks }] of [
      [paid, paymentSuite],
      [shipped, carrierSuite],
      [priced, pricingSuite],
    ] as const) {
      expect(failedIn(results)).toEqual([]);
      expect(results.map(({ id, outcome }) => [id, outcome])).toEqual(checks.map(({ id }) => [id, 'passed']));
    }
  });

  test('may be a class: its methods are no entries of it', async () => {
    class ByMethods {
      readonly #good: PaymentProvider;
      constructor(at: At) {
        this.#good = providerOf(at);
      }
      create(request: Parameters<PaymentProvider['create']>[0]) {
        return this.#good.create(request);
      }
      find(request: Parameters<PaymentProvider['find']>[0]) {
        return this.#good.find(request);
      }
    }
    const create = (at: At) => new ByMethods(at) as unknown as PaymentProvider;
    const results = await paymentSuite.run(
      { ...payment, create },
      { only: ['create.moves-nothing', 'confirm.takes-once'] },
    );
    expect(results.map(({ id, outcome, seen }) => [id, outcome, seen])).toEqual([
      ['create.moves-nothing', 'passed', expect.any(String)],
      ['confirm.takes-once', 'failed', 'the adapter has no confirm'],
    ]);
  });
});

describe('what the module gives no means for', () => {
  test('is not tested, and never passed', async () => {
    const { name, create } = payment;
    const bare: PaymentConformance = {
      ...{ name, methods: { succeeds: 'pm_card_visa' }, currencies: ['EUR'] },
      create: ({ timeoutMs }) => create({ baseUrl: payment.upstream ?? null, timeoutMs }),
    };
    const only = ['unknown', 'requests', 'confirm', 'refund', 'authorize', 'capture', 'amounts', 'dispute', 'secrets'];
    const results = await paymentSuite.run(bare, { only });
    expect(failedIn(results)).toEqual([]);
    const passed = results.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id);
    expect(passed).toEqual([
      ...['amounts.EUR', 'confirm.takes-once', 'confirm.ten-at-once'],
      ...['is-listed', 'same-key', 'ten-at-once', 'two-keys', 'other-parameters', 'too-much', 'nothing-taken'].map(
        (id) => `refund.${id}`,
      ),
      ...['dispute.unknown', 'secrets.client-secret'],
    ]);
    const untested = results.filter(({ outcome }) => outcome === 'not tested');
    expect(untested).toHaveLength(results.length - passed.length);
    const lacking = Object.fromEntries(untested.map(({ id, seen }) => [id, seen]));
    expect(lacking).toMatchObject({
      'unknown.dropped': 'the module gives no upstream',
      'confirm.decline': 'the module gives no methods.declines',
      'amounts.JPY': "the module's currencies have no JPY",
      'amounts.shown': 'the module gives no shownAmount',
      'capture.part': 'the module gives no captures',
      'secrets.credentials': 'the module gives no secrets, and no request was seen to carry any',
    });
  });
});

describe('a payment adapter', () => {
  let runs: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    runs = await runAll(badPayments, ({ make }, options) =>
      paymentSuite.run({ ...payment, create: make(providerOf) }, options),
    );
  });

  test.each(Object.entries(badPayments))('that %s fails at that', (name, { fails, mayFail = [] }) => {
    const failed = runs.get(name)?.filter((text) => !mayFail.some((id) => text.startsWith(`${id}:`))) ?? [];
    expect({ ids: idsOf(failed), failed }).toEqual({ ids: [...fails].sort(), failed });
  });
});

describe('a carrier adapter', () => {
  let runs: ReadonlyMap<string, readonly string[]>;
  beforeAll(async () => {
    runs = await runAll(badCarriers, ({ make }, options) =>
      carrierSuite.run({ ...carrier, create: make(carrierOf) }, options),
    );
  });

  test.each(Object.entries(badCarriers))('that %s fails at that', (name, { fails }) => {
    const failed = runs.get(name) ?? [];
    expect({ ids: idsOf(failed), failed }).toEqual({ ids: [...fails].sort(), failed });
  });
});

describe('a pricing', () => {
  test.each(Object.entries(badPricings))('that %s fails at that', async (name, { pricing, fails }) => {
    const failed = failedIn(await pricingSuite.run({ name, create: () => pricing }, { only: [] }));
    expect({ ids: idsOf(failed), failed }).toEqual({ ids: [...fails].sort(), failed });
  });
});
