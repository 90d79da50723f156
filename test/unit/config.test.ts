import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { toReviewRules } from '../../src/runtime/review-settings.ts';
import {
  ConfigurationError,
  loadApiConfig,
  loadCarrierSimulatorConfig,
  loadSimulatorConfig,
  loadWorkerConfig,
} from '../../src/runtime/config.ts';

const DATABASE_URL = 'postgres://orders:secret@127.0.0.1/orders';

describe('the configuration', () => {
  test('names every problem at once, and never a value', () => {
    const load = () => loadWorkerConfig({ DATABASE_URL: 'mysql://u:topsecret@h/d', PAYMENTS_PER_SECOND: '-1' });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(/DATABASE_URL[^]*PAYMENTS_PER_SECOND[^]*STRIPE_API_KEY/);
    expect(load).not.toThrow(/topsecret/);
  });

  test('knows the version of a worker by both of its parts, or by none', () => {
    const settings = { DATABASE_URL, STRIPE_API_KEY: 'sk_test_x' };
    const [name, build] = [{ WORKER_DEPLOYMENT_NAME: 'orders' }, { WORKER_BUILD_ID: '2026-11-26.1' }];
    expect(loadWorkerConfig(settings).version).toBeNull();
    expect(loadWorkerConfig({ ...settings, ...name, ...build }).version).toEqual({
      deploymentName: 'orders',
      buildId: '2026-11-26.1',
    });
    for (const half of [name, build])
      expect(() => loadWorkerConfig({ ...settings, ...half })).toThrow('a version has both');
    expect(() => loadWorkerConfig({ ...settings, ...name, WORKER_BUILD_ID: 'a:b' })).toThrow('WORKER_BUILD_ID');
  });

  const loopbackHosts = ['127.0.0.1', '127.0.0.2', 'localhost', '[::1]', '[::ffff:127.0.0.1]'];

  test.each([...loopbackHosts, 'LOCALHOST', 'localhost.', '0.0.0.0', '[::]'])(
    'does not send a live key to a simulator on %s',
    (host) => {
      for (const key of ['sk_live_x', 'rk_live_x']) {
        const settings = { DATABASE_URL, STRIPE_API_KEY: key, STRIPE_API_BASE: `http://${host}:12111` };
        expect(() => loadWorkerConfig(settings)).toThrow('a live key');
      }
    },
  );

  test('sends a live key to a provider elsewhere', () => {
    const settings = { DATABASE_URL, STRIPE_API_KEY: 'sk_live_x', STRIPE_API_BASE: 'https://api.stripe.com' };
    expect(loadWorkerConfig(settings).STRIPE_API_KEY).toBe('sk_live_x');
  });

  test('keeps the simulator on loopback', () => {
    for (const host of ['0.0.0.0', '::', '192.168.0.1', '128.0.0.1', 'example.org', 'localhost.example.org'])
      expect(() => loadSimulatorConfig({ SIMULATOR_HOST: host })).toThrow('SIMULATOR_HOST');
    for (const host of ['127.0.0.2', '::1', 'localhost'])
      expect(loadSimulatorConfig({ SIMULATOR_HOST: host }).SIMULATOR_HOST).toBe(host);
  });

  test.each(['sk_live_x', 'rk_live_x'])('starts no simulator beside the live key %s', (key) => {
    expect(() => loadSimulatorConfig({ STRIPE_API_KEY: key })).toThrow('a live key');
  });

  test('needs keys wherever others can reach the api, and refuses to run there without', () => {
    for (const HOST of ['127.0.0.1', '::1', 'localhost', ''])
      expect(loadApiConfig({ DATABASE_URL, HOST }).AUTH).toBe('off');
    for (const HOST of ['0.0.0.0', '::', '10.0.0.7', 'orders.example']) {
      expect(loadApiConfig({ DATABASE_URL, HOST }).AUTH).toBe('keys');
      expect(() => loadApiConfig({ DATABASE_URL, HOST, AUTH: 'off' })).toThrow(/AUTH: off is for one machine only/);
    }
    expect(loadApiConfig({ DATABASE_URL, AUTH: 'keys' }).AUTH).toBe('keys');
    expect(() => loadApiConfig({ DATABASE_URL, AUTH: 'none' })).toThrow('AUTH');
  });

  test('keeps the outage limit below the life of the provider’s keys', () => {
    expect(() => loadApiConfig({ DATABASE_URL, PROVIDER_OUTAGE_LIMIT_MS: String(24 * 3_600_000) })).toThrow(
      'PROVIDER_OUTAGE_LIMIT_MS',
    );
  });

  test('reads what an order costs beside its lines', () => {
    const { PRICING_SHIPPING_FEES, PRICING_TAX_RATES, PRICING_TAX } = loadApiConfig({
      ...{
        DATABASE_URL,
        PRICING_SHIPPING_FEES: 'EUR:DE=490, EUR:*=990',
        PRICING_TAX_RATES: 'DE=19,CH=8.1,AT=20.05,*=0',
      },
    });
    expect(PRICING_SHIPPING_FEES).toEqual([
      { currency: 'EUR', country: 'DE', amountMinor: 490 },
      { currency: 'EUR', country: '*', amountMinor: 990 },
    ]);
    expect(PRICING_TAX_RATES.map(({ hundredths }) => hundredths)).toEqual([1_900, 810, 2_005, 0]);
    expect(PRICING_TAX).toBe('included');
  });

  test.each([
    ['PRICING_SHIPPING_FEES', 'EUR:DE=490,EUR:FR=4.90', 'entry 2'],
    ['PRICING_SHIPPING_FEES', 'DE=490', 'entry 1'],
    ['PRICING_SHIPPING_FEES', 'EUR:DE=1,EUR:DE=2', 'EUR:DE is there twice'],
    ['PRICING_TAX_RATES', 'DE=19,de=7', 'entry 2'],
    ['PRICING_TAX_RATES', 'DE=100', 'entry 1'],
    ['PRICING_TAX_RATES', 'DE=19.005', 'entry 1'],
    ['PRICING_TAX_RATES', '*=1,*=2', 'is there twice'],
    ['PRICING_TAX', 'inclusive', 'PRICING_TAX'],
  ])('refuses %s=%s', (name, value, found) => {
    const load = () => loadApiConfig({ DATABASE_URL, [name]: value });
    expect(load).toThrow(name);
    expect(load).toThrow(found);
  });

  test('reads which orders are reviewed, and refuses what can not be meant', () => {
    const load = (settings: object) =>
      toReviewRules(loadWorkerConfig({ DATABASE_URL, STRIPE_API_KEY: 'sk_test_x', ...settings }));
    expect(load({})).toBeNull();
    expect(load({ REVIEW_ABOVE_MINOR: '', REVIEW_ORDERS_WINDOW_MS: '1000' })).toBeNull();
    expect(
      load({
        REVIEW_ABOVE_MINOR: 'EUR:50000, USD:0',
        REVIEW_FIRST_ORDER: 'any',
        REVIEW_UNITS_ABOVE: '9',
        REVIEW_ORDERS_ABOVE: '3',
      }),
    ).toEqual({
      aboveMinor: { EUR: 50_000, USD: 0 },
      firstOrder: 'any',
      unitsAbove: 9,
      velocity: { orders: 3, windowMs: 3_600_000 },
    });
    expect(load({ REVIEW_FIRST_ORDER: 'EUR:1' })).toMatchObject({ aboveMinor: null, firstOrder: { EUR: 1 } });
    for (const value of ['500', 'EUR', 'EUR:-1', 'eur:1', 'EUR:1.5', 'EUR:1,EUR:2', 'EUR:1,', 'any', 'EUR:1;USD:2'])
      expect(() => load({ REVIEW_ABOVE_MINOR: value })).toThrow('REVIEW_ABOVE_MINOR: expected amounts in minor units');
    for (const value of ['all', 'EUR:x'])
      expect(() => load({ REVIEW_FIRST_ORDER: value })).toThrow(/REVIEW_FIRST_ORDER: expected amounts.*or any/);
    expect(() => load({ REVIEW_UNITS_ABOVE: '0' })).toThrow('REVIEW_UNITS_ABOVE');
  });

  test('leaves the second group of reviewers time to decide', () => {
    const load = (settings: object) => () => loadApiConfig({ DATABASE_URL, ...settings });
    expect(load({ REVIEW_ESCALATE_MS: '5000', REVIEW_LIMIT_MS: '5000' })).toThrow(
      'REVIEW_ESCALATE_MS: must be shorter',
    );
    expect(load({ REVIEW_ESCALATE_MS: '5000', REVIEW_LIMIT_MS: '5001' })).not.toThrow();
    expect(load({ REVIEW_LIMIT_MS: String(15 * 24 * 3_600_000) })).toThrow('REVIEW_LIMIT_MS');
    expect(load({ REVIEW_ON_EXPIRY: 'park' })).toThrow('REVIEW_ON_EXPIRY');
  });

  test('takes the address of the Web UI with or without a slash at its end', () => {
    for (const url of ['https://cloud.temporal.io', 'https://cloud.temporal.io/', 'https://cloud.temporal.io//'])
      expect(loadApiConfig({ DATABASE_URL, TEMPORAL_UI_URL: url }).TEMPORAL_UI_URL).toBe('https://cloud.temporal.io');
  });

  test('is completely told in .env.example, with the defaults', async () => {
    const example = Object.fromEntries(
      (await readFile(new URL('../../.env.example', import.meta.url), 'utf8'))
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    const { version: _, ...worker } = loadWorkerConfig({
      DATABASE_URL: example['DATABASE_URL'],
      STRIPE_API_KEY: example['STRIPE_API_KEY'],
    });
    const known = {
      ...loadApiConfig({ DATABASE_URL: example['DATABASE_URL'] }),
      ...worker,
      ...loadSimulatorConfig({}),
      ...loadCarrierSimulatorConfig({}),
    };
    const { PRICING_SHIPPING_FEES: fees, PRICING_TAX_RATES: rates, WEBHOOK_RETRY_SECONDS: pausesMs, ...texts } = known;
    expect([fees, rates]).toEqual([[], []]);
    expect(pausesMs.map((pauseMs) => pauseMs / 1_000).join()).toBe(example['WEBHOOK_RETRY_SECONDS']);
    // Amounts by currency have no default, so that none of these is an object.
    for (const [name, value] of Object.entries(texts) as [string, string | number][])
      expect([name, example[name]]).toEqual([name, String(value)]);
  });
});
