import { readFile } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError, loadApiConfig, loadSimulatorConfig, loadWorkerConfig } from '../../src/runtime/config.ts';

const DATABASE_URL = 'postgres://orders:secret@127.0.0.1/orders';

describe('the configuration', () => {
  test('names every problem at once, and never a value', () => {
    const load = () => loadWorkerConfig({ DATABASE_URL: 'mysql://u:topsecret@h/d', PAYMENTS_PER_SECOND: '-1' });
    expect(load).toThrow(ConfigurationError);
    expect(load).toThrow(/DATABASE_URL[^]*PAYMENTS_PER_SECOND[^]*STRIPE_API_KEY/);
    expect(load).not.toThrow(/topsecret/);
  });

  test('does not send a live key to a simulator', () => {
    const load = () =>
      loadWorkerConfig({ DATABASE_URL, STRIPE_API_KEY: 'sk_live_x', STRIPE_API_BASE: 'http://127.0.0.1:12111' });
    expect(load).toThrow('a live key');
  });

  test('keeps the simulator on loopback', () => {
    expect(() => loadSimulatorConfig({ SIMULATOR_HOST: '0.0.0.0' })).toThrow('SIMULATOR_HOST');
  });

  test('keeps the outage limit below the life of the provider’s keys', () => {
    expect(() => loadApiConfig({ DATABASE_URL, PROVIDER_OUTAGE_LIMIT_MS: String(24 * 3_600_000) })).toThrow(
      'PROVIDER_OUTAGE_LIMIT_MS',
    );
  });

  test('is completely told in .env.example, with the defaults', async () => {
    const example = Object.fromEntries(
      (await readFile(new URL('../../.env.example', import.meta.url), 'utf8'))
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    const known = {
      ...loadApiConfig({ DATABASE_URL: example['DATABASE_URL'] }),
      ...loadWorkerConfig({ DATABASE_URL: example['DATABASE_URL'], STRIPE_API_KEY: example['STRIPE_API_KEY'] }),
      ...loadSimulatorConfig({}),
    };
    for (const [name, value] of Object.entries(known)) expect([name, example[name]]).toEqual([name, String(value)]);
  });
});
