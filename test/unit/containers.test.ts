// What must be true of docker-compose.yml, checked without a container engine.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { brokerSettings } from '../../src/runtime/broker-settings.ts';
import { noticeSettings } from '../../src/runtime/notice-settings.ts';
import { loadWorkerConfig } from '../../src/runtime/config.ts';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';

type Service = {
  image?: string;
  command?: string | string[];
  ports?: string[];
  deploy?: { replicas: number };
  healthcheck?: object;
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string>;
};
let services: Record<string, Service>;

beforeAll(async () => {
  const text = await readFile(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
  ({ services } = parse(text, { merge: true }) as { services: Record<string, Service> });
});

describe('docker-compose.yml', () => {
  test('publishes everything on loopback only', () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  test('runs two apis and two workers, each with its health', () => {
    for (const name of ['api', 'worker']) {
      expect(services[name]?.deploy).toEqual({ replicas: 2 });
      expect(services[name]?.healthcheck).toBeDefined();
    }
  });

  test('starts nothing before what it needs is well or done', () => {
    for (const [name, { depends_on: needs = {} }] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(needs)) {
        expect([name, other, condition]).toEqual([
          name,
          other,
          expect.stringMatching(/^service_(healthy|completed_successfully)$/),
        ]);
        if (condition === 'service_healthy') expect(services[other]?.healthcheck).toBeDefined();
      }
    }
    expect(services['worker']?.depends_on).toMatchObject({ migrate: {}, 'search-attributes': {} });
  });

  test('pins every image, and asks for secrets instead of having them', () => {
    for (const { image = '' } of Object.values(services)) expect(image).toMatch(/:v?\d+\.\d+/);
    expect(services['worker']?.environment?.['STRIPE_API_KEY']).toMatch(/^\$\{STRIPE_API_KEY:\?/);
    expect(services['postgres']?.environment?.['POSTGRES_PASSWORD']).toMatch(/^\$\{POSTGRES_PASSWORD:\?/);
  });

  test('hands every setting of the broker and of mails on to the worker, and none that is empty means its default', () => {
    const names = Object.keys({ ...brokerSettings, ...noticeSettings });
    for (const name of names) expect(services['worker']?.environment?.[name]).toBe(`\${${name}:-}`);
    const needed = { DATABASE_URL: 'postgres://o:s@127.0.0.1/orders', STRIPE_API_KEY: 'sk_test_x' };
    const empty = loadWorkerConfig({ ...needed, ...Object.fromEntries(names.map((name) => [name, ''])) });
    expect(empty).toEqual(loadWorkerConfig(needed));
  });

  test('gives every worker the version that it is deployed as', () => {
    for (const name of ['WORKER_DEPLOYMENT_NAME', 'WORKER_BUILD_ID'])
      expect(services['worker']?.environment?.[name]).toBe(`\${${name}:-}`);
  });

  test('registers every search attribute that orders carry', () => {
    const types = { KEYWORD: 'Keyword', INT: 'Int' } as Record<string, string>;
    for (const { name, type } of searchAttributes) {
      expect(String(services['search-attributes']?.command)).toContain(`--name ${name} --type ${types[type] ?? ''}`);
    }
  });
});
