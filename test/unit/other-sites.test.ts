// Without keys, whoever reaches the port is its owner: but not a page of somebody else that has the owner's browser ask.
import { expect, test } from '@jest/globals';
import { authenticateLocally } from '../../src/api/middleware/authenticate.ts';

const ask = (headers: Record<string, string>, method = 'POST') =>
  authenticateLocally({
    method,
    headersDistinct: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
  }).then(
    ({ tenant }) => tenant,
    (error: unknown) => (error as { slug?: string }).slug,
  );

test.each([
  'localhost:3000',
  'LOCALHOST',
  'localhost.:3000',
  'orders.localhost:3000',
  'host.docker.internal:3000',
  'api:3000',
  '127.0.0.1:3000',
  '[::1]:3000',
  '192.168.1.7',
])('%s is this machine', async (host) => expect(await ask({ host })).toBe('local'));

test.each(['evil.example:3000', 'localhost.evil.example', 'evil.notlocalhost', '127.0.0.1.evil.example:3000', ''])(
  'a page at "%s" is not, whatever the name leads to',
  async (host) => {
    expect(await ask({ host })).toBe('other-site');
    expect(await ask({ host }, 'GET')).toBe('other-site');
  },
);

test('a page of another site changes nothing, and may link here', async () => {
  const cross = { host: 'localhost:3000', 'sec-fetch-site': 'cross-site' };
  expect(await ask(cross)).toBe('other-site');
  expect(await ask(cross, 'GET')).toBe('local');
  for (const site of ['same-origin', 'same-site', 'none'])
    expect(await ask({ ...cross, 'sec-fetch-site': site })).toBe('local');
});

test('a client of HTTP/1.0 has no host', async () => expect(await ask({})).toBe('local'));
