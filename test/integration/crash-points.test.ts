// The processes themselves: crash points must never come near a real customer, whoever sets the variable.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const harmless = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  DATABASE_URL: 'postgres://orders@127.0.0.1:1/orders',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  STRIPE_API_BASE: 'http://127.0.0.1:1',
  STRIPE_API_KEY: 'sk_test_x',
  PORT: '0',
  WORKER_HEALTH_PORT: '0',
};

/** What a process says before it ends, and with which code. One that starts after all is ended, and has no code. */
const start = (file: string, env: Record<string, string>): Promise<{ code: unknown; said: string }> =>
  new Promise((resolve) => {
    const main = fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));
    execFile(
      process.execPath,
      [main],
      { env: { ...harmless, CRASH_POINTS: 'after provider.confirm@1', ...env }, timeout: 20_000 },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, said: `${stdout}${stderr}` }),
    );
  });

describe('a process with crash points', () => {
  test.each([
    ['workers/main.js', { DATABASE_URL: 'postgres://orders@db.example.com/orders' }, 'DATABASE_URL is not'],
    ['workers/main.js', { TEMPORAL_ADDRESS: 'temporal.example.com:7233' }, 'TEMPORAL_ADDRESS is not'],
    ['workers/main.js', { STRIPE_API_BASE: 'https://api.stripe.com' }, 'STRIPE_API_BASE is not'],
    ['workers/main.js', { WORKER_HEALTH_HOST: '0.0.0.0' }, 'WORKER_HEALTH_HOST is not'],
    ['workers/main.js', { STRIPE_API_BASE: 'https://api.stripe.com', STRIPE_API_KEY: 'sk_live_x' }, 'live'],
    ['api/main.js', { HOST: '0.0.0.0' }, 'HOST is not'],
    ['api/main.js', { DATABASE_URL: 'postgres://orders@db.example.com/orders' }, 'DATABASE_URL is not'],
    ['api/main.js', { TEMPORAL_ADDRESS: 'temporal.example.com:7233' }, 'TEMPORAL_ADDRESS is not'],
  ])('%s refuses to start with %j', async (file, env, why) => {
    const { code, said } = await start(file, env);
    expect(said).toContain(why);
    expect(code).toBe(1);
  });
});
